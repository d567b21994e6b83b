"""What every command needs: the home, who acts, and one way to answer.

A command takes `ctx: typer.Context` first; `engine(ctx)` and `actor(ctx)` give the rest.
Answers go to standard output, as JSON with --json and for people otherwise; errors go to
standard error as one sentence. Progress bars are drawn only on a terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.domain.errors import BadInput
from incident_engine.home import Home, token_from_environment

if TYPE_CHECKING:
    from rich.console import Console

    from incident_engine.workflow.engine import Actor, Engine

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]
Reference = Annotated[str, typer.Argument(metavar="INCIDENT", help="For example INC-2026-0001.")]
Why = Annotated[str, typer.Option("--why", help="The reason, kept in the journal.")]


def group(help_text: str) -> typer.Typer:
    """A noun of the command line: its verbs are added with @group.command()."""
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


def home(ctx: typer.Context) -> Home:
    """The home folder this command works in."""
    found = ctx.find_root().obj
    if not isinstance(found, Home):
        raise TypeError("the root callback did not run")
    return found


def engine(ctx: typer.Context) -> Engine:
    """The engine of this home. Built once a command."""
    from incident_engine import app

    root = ctx.find_root()
    if "engine" not in root.meta:
        root.meta["engine"] = app.build(home(ctx), warn)
    built: Engine = root.meta["engine"]
    return built


def actor(ctx: typer.Context) -> Actor:
    """Who acts: proven by INCIDENT_ENGINE_TOKEN, else by the token that `login` keeps."""
    from incident_engine.workflow.enrol import who

    token = token_from_environment() or home(ctx).kept_login()
    return who(engine(ctx).database, token)


@lru_cache(1)
def console() -> Console:
    """Where people read. A terminal gets its own width; a pipe gets lines whole, tables wide.

    Made when something is first said: loading what draws takes longer than a `--help` may.
    """
    from rich.console import Console

    on_terminal = sys.stdout.isatty()
    return Console(width=None if on_terminal else 160, soft_wrap=not on_terminal, highlight=False)


def say(text: str) -> None:
    """A line for people, printed as it is: nothing in it is taken for markup."""
    from rich.text import Text

    console().print(Text(text))


def warn(text: str) -> None:
    """A line on standard error that does not change the exit status."""
    sys.stderr.write(f"incident-engine: {text}\n")


def answer(value: object) -> None:
    """An answer for programs: one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people. Cells are text, never markup; an empty table says so."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    if drawn.row_count:
        console().print(drawn)
    else:
        say(f"{title}: none.")


def pairs(arguments: Iterable[str]) -> list[tuple[str, str]]:
    """`key=value` arguments split at the first `=`. Raises BadInput."""
    found = []
    for argument in arguments:
        key, sign, value = argument.partition("=")
        if not sign or not key:
            raise BadInput(
                "not-a-pair",
                "the command line",
                f"found {argument[:80]!r}",
                expected="key=value",
                next_step="For example data.encrypted=false.",
            )
        found.append((key, value))
    return found


def instant(text: str, option: str) -> datetime | None:
    """What was typed behind an option as an aware instant; None where nothing was. BadInput."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(
            "bad-instant",
            option,
            f"found {text[:40]!r}",
            expected="a date and time with its offset, like 2026-03-06T12:00:00+08:00",
        )
    return moment


def write_private(content: bytes, file: Path) -> None:
    """Write what names a person so that only the caller can read it. Raises BadInput."""
    try:
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise BadInput("cannot-write", str(file), f"cannot be written ({error.strerror})",
                       expected="a file in a folder of yours") from error  # fmt: skip
