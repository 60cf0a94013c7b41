"""docs/reference/cli.md: the help of every command."""

from __future__ import annotations

from collections.abc import Iterator

import click

from photochrom.cli import main as program

WIDTH = 88

INTRODUCTION = """\
# The command line

What `--help` prints. Exit status: 0 all done, 1 some failed, 2 wrong usage.
"""


def commands() -> Iterator[tuple[str, click.Context]]:
    """Every command and sub-command with its full name, the program itself first."""
    yield from _walk("photochrom", program.photochrom, None)


def commands_page() -> str:
    """The page's text."""
    parts = [INTRODUCTION]
    for name, context in commands():
        parts.append(f"## {name}\n\n```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


def _walk(
    name: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Context]]:
    context = click.Context(
        command,
        parent=parent,
        info_name=name.rpartition(" ")[2],
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        **command.context_settings,
    )
    yield name, context
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _walk(f"{name} {inner}", found, context)
