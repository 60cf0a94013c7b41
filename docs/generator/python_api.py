"""docs/reference/python.md: the public names with their signatures and docstrings."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from typing import Any

import photochrom

ALSO = (
    "photochrom.inference.settings.Settings",
    "photochrom.inference.folder.jobs.Outcome",
    "photochrom.inference.folder.jobs.Job",
    "photochrom.inference.alternatives.find_alternatives",
    "photochrom.inference.alternatives.Alternative",
    "photochrom.inference.session.Session",
    "photochrom.inference.session.Chroma",
    "photochrom.weights.cards.ModelCard",
)
"""What the public functions take or return, and nobody needs to import."""

WIDTH = 88

INTRODUCTION = """\
# The Python interface

`import photochrom` is quick: each name is loaded when it is first used. Everything else in the
package may change between minor versions.
"""


def python_page() -> str:
    """The page's text."""
    parts = [INTRODUCTION]
    for name in photochrom.__all__:
        value = getattr(photochrom, name)
        if name.startswith("__"):
            parts.append(f"## photochrom.{name}\n\nThe installed version, a string.\n")
        else:
            parts.append(_describe(f"photochrom.{name}", name, value))
    parts.append("# What they take and return\n")
    for path in ALSO:
        module, _, name = path.rpartition(".")
        parts.append(_describe(name, name, getattr(importlib.import_module(module), name)))
    errors = importlib.import_module("photochrom.errors")
    tree = inspect.cleandoc(errors.__doc__ or "").partition("\n")[2].strip("\n")
    parts.append(f"# Errors\n\nAll in `photochrom.errors`.\n\n```text\n{tree}\n```\n")
    return "\n".join(parts)


def _describe(title: str, name: str, value: Any) -> str:
    shown = inspect.isfunction(value) or dataclasses.is_dataclass(value)
    code = _code(name, value) if shown or _has_own_constructor(value) else ""
    blocks = [f"## {title}\n", code, _prose(value)]
    if inspect.isclass(value):
        if _has_own_constructor(value):
            blocks.append(_prose(value.__init__))
        for member, found in _members(value).items():
            if member.startswith("_") and member != "__call__":
                continue
            if isinstance(found, property):
                blocks += [f"### {name}.{member}\n", _prose(found)]
            elif callable(found) or isinstance(found, classmethod | staticmethod):
                shown = f"{name}()" if member == "__call__" else f"{name}.{member}"
                label = "colorizer" if member == "__call__" else member
                blocks += [f"### {shown}\n", _code(label, getattr(value, member)), _prose(found)]
    return "\n".join(block for block in blocks if block)


def _members(value: type) -> dict[str, Any]:
    """Those of the class and then of its bases of this project."""
    ours = [base for base in value.__mro__ if base.__module__.partition(".")[0] == "photochrom"]
    found: dict[str, Any] = {}
    for base in ours:
        found |= {name: member for name, member in vars(base).items() if name not in found}
    return found


def _has_own_constructor(value: Any) -> bool:
    """Whether there is an ``__init__`` to describe: not a dataclass's, not a protocol's."""
    generated = dataclasses.is_dataclass(value) or getattr(value, "_is_protocol", False)
    return inspect.isclass(value) and not generated


def _code(name: str, value: Any) -> str:
    """The signature as a code block, one argument a line where it is long."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    shown = [_parameter(p) for p in parameters]
    for index, parameter in enumerate(parameters):
        if parameter.kind is parameter.KEYWORD_ONLY:
            if not any(p.kind is p.VAR_POSITIONAL for p in parameters):
                shown.insert(index, "*")
            break
    result = signature.return_annotation
    arrow = (
        "" if result in (inspect.Signature.empty, "None", None) else f" -> {_annotation(result)}"
    )
    line = f"{name}({', '.join(shown)}){arrow}"
    if len(line) > WIDTH:
        line = f"{name}(\n" + "".join(f"    {p},\n" for p in shown) + f"){arrow}"
    return f"```python\n{line}\n```\n"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    text = stars + parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {_annotation(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return text
    missing = parameter.default is dataclasses.MISSING or "factory" in repr(parameter.default)
    default = "..." if missing else repr(parameter.default)
    return f"{text} = {default}" if ":" in text else f"{text}={default}"


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _prose(value: Any) -> str:
    """The docstring as Markdown."""
    text = inspect.getdoc(value) or ""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
    text = text.replace("``", "`")
    text = re.sub(r"^(Args|Attributes):$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^    (\w+(?:, \w+)*): ", r"- `\1`: ", text, flags=re.MULTILINE)
    text = re.sub(r"^        (?=\S)", "  ", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
