"""Words as others may see them: no folder of this machine, and nothing else lost."""

from __future__ import annotations

import pytest

from photochrom.evaluation.words import shown_word


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("/home/ann/x", "x"),
        ("/home/ann/my, pictures/x", "x"),
        ("/data/set=1/x", "x"),
        ("/home/ann/m.onnx@0.35:0.65", "m.onnx@0.35:0.65"),
        ("--data=/home/ann/x", "--data=x"),
        ("-d/home/ann/x", "-dx"),
        ("recognition.path=/home/ann/w.safetensors", "recognition.path=w.safetensors"),
        ("a=places365:/data/places", "a=places365:places"),
        ("x=/home/ann/my.toml,training.start_from=/m/a.st,k=[8, 8]",
         "x=my.toml,training.start_from=a.st,k=[8, 8]"),
        ('training.start_from="/m/ann\'s/b.st"', 'training.start_from="b.st"'),
        ("n=['/a/b', \"/c/d\"]", "n=['b', \"d\"]"),
    ],
)  # fmt: skip
def test_of_a_path_only_its_end_is_shown(word: str, shown: str) -> None:
    assert shown_word(word) == shown


@pytest.mark.parametrize(
    "word", ["/", "p/", "runs/t", "../x", "0:0.38", "auc", "http://host/x", 'c=["forest/*"]', "-d"]
)
def test_other_words_are_as_they_were(word: str) -> None:
    assert shown_word(word) == word
