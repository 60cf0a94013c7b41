"""Groups of commands that help where a command is misspelled."""

from __future__ import annotations

import click

from photochrom.registry import suggestion


class Group(click.Group):
    """A group whose error about an unknown command offers the nearest ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does."""
        name = args[0]
        if ctx.resilient_parsing or self.get_command(ctx, name) or name[:1] == "-" != name:
            return super().resolve_command(ctx, args)
        ctx.fail(f"no command {name!r}; {self.advice(ctx, args)}")

    def advice(self, ctx: click.Context, args: list[str]) -> str:
        """What may have been meant by ``args``."""
        return suggestion(args[0], self.list_commands(ctx))
