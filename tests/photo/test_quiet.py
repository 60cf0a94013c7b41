"""What decoders say to themselves does not reach the user."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, sys
from photochrom.photo.quiet import silent_decoders
with silent_decoders():
    os.write(2, b"libfoo: odd\\n")
    print("inside", file=sys.stderr)
    {more}
print("after", file=sys.stderr)
os.write(2, b"descriptor after\\n")
"""


def test_only_python_writes_to_standard_error() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(more="pass")], capture_output=True
    )
    assert done.returncode == 0
    assert done.stderr.split(b"\n") == [b"inside", b"after", b"descriptor after", b""]


def test_errors_come_through() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more="raise ValueError('seen')")], capture_output=True
    )
    assert b"inside\n" in done.stderr
    assert b"ValueError: seen" in done.stderr


def test_another_stream_is_left_alone() -> None:
    program = "import io, sys\nsys.stderr = io.StringIO()\n" + PROGRAM.format(more="pass")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.stderr == b"libfoo: odd\ndescriptor after\n"
