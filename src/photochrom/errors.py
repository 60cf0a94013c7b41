"""The errors that photochrom raises on purpose.

PhotochromError
├── PhotoError           a picture cannot be read or written; names the file and the reason
│   ├── UnreadablePhoto      not a picture, damaged, or cut short
│   ├── PhotoTooLarge        more pixels than the limit (guards against decompression bombs)
│   ├── UnsupportedPhoto     a picture whose depth or layout we would have to damage
│   └── UnwritablePhoto      the result cannot be written
├── ModelError           a model file is not ours, is damaged, or does not fit the request
│   └── NotDownloaded        pretrained weights of others are not here and cannot be fetched
├── UnknownName          no network, loss, metric or model of that name
├── RecipeError          a recipe has an unknown key or an impossible value
├── DataError            no pictures, or shards that cannot be read
├── TrainingError        a training run cannot go on; what it saved before is intact
├── WrongInput           an argument out of range
└── MissingExtra         an optional part is not installed; says the pip line
"""

from __future__ import annotations


class PhotochromError(Exception):
    """Base of every error that photochrom raises on purpose; its text is one line for people."""


class PhotoError(PhotochromError):
    """A picture cannot be read or written."""


class UnreadablePhoto(PhotoError):
    """The file is not a picture, is damaged, or is cut short."""


class PhotoTooLarge(PhotoError):
    """The picture has more pixels than the limit."""


class UnsupportedPhoto(PhotoError):
    """The picture's depth or layout cannot be handled without losing something."""


class UnwritablePhoto(PhotoError):
    """The result cannot be written where it was asked for."""


class ModelError(PhotochromError):
    """A model file is not ours, is damaged, or does not fit the request."""


class NotDownloaded(ModelError):
    """Pretrained weights of others are not here and cannot be fetched; the text says why."""

    def __init__(self, network: str, reason: str) -> None:
        """``network`` is whose weights they are; who asked for them adds what to do."""
        super().__init__(f"the pretrained weights of {network} cannot be downloaded: {reason}")
        self.network = network


class UnknownName(PhotochromError):
    """There is no entry of that name; the text offers the nearest ones."""


class RecipeError(PhotochromError):
    """A recipe has an unknown key or an impossible value; the text names the key."""


class DataError(PhotochromError):
    """No pictures where pictures were expected, or shards that cannot be read."""


class TrainingError(PhotochromError):
    """A training run cannot go on; its last checkpoint is intact."""


class WrongInput(PhotochromError):
    """An argument is out of its range or of the wrong kind."""


class MissingExtra(PhotochromError):
    """An optional part of photochrom is not installed."""

    def __init__(self, extra: str, what: str) -> None:
        """Say what brings it: ``extra`` as in pyproject, ``what`` needs it."""
        from photochrom.installation import install_line

        super().__init__(f"{what} needs an extra: {install_line(extra)}")
        self.extra, self.what = extra, what
