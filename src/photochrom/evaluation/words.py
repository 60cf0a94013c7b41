"""Words of a command as others may see them: folders of a machine concern nobody else."""

from __future__ import annotations

import re
from pathlib import Path

_QUOTED = re.compile(r"""(?P<before>["'])(?P<path>/(?!/).*?)(?P=before)""")
# A path may hold commas and equals signs: it ends where another path or key=value begins.
_BARE = re.compile(
    r"(?P<before>^(?:-[A-Za-z])?|[=:,])(?P<path>/(?!/).*?)(?=$|,\s*/|,\s*[\w. -]+=)", re.DOTALL
)


def shown_word(word: str) -> str:
    """A word with only the ends of absolute paths.

    Also of those behind ``--data=``, ``recognition.path=`` or ``places365:``, in quotes, and in the
    changes of ``RECIPE,key=PATH``.
    """
    if Path(word).is_absolute() and not word.startswith("/"):  # of a drive
        return Path(word).name
    word = _QUOTED.sub(lambda found: found["before"] + _end(found) + found["before"], word)
    return _BARE.sub(lambda found: found["before"] + _end(found), word)


def _end(found: re.Match[str]) -> str:
    return Path(found["path"]).name or found["path"]
