"""assess: the law over a facts file. Needs no home, no database, no network."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incident_engine.cli.answers import explanation, show_import, summary
from incident_engine.cli.door import AsJson, answer, home
from incident_engine.domain.errors import BadInput
from incident_engine.home import cache_folder, shipped

if TYPE_CHECKING:
    from incident_engine.domain.law.playbook import Playbook

Form = Annotated[
    str,
    typer.Option(
        "--format", metavar="FORM", help="facts, veris, or a mapping file (.toml) for any JSON."
    ),
]
At = Annotated[
    str, typer.Option("--at", metavar="INSTANT", help="Read the law as of then, not now.")
]


def add_to(program: typer.Typer) -> None:
    """Hang this command on the root."""
    program.command()(assess)


def assess(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A facts file, TOML or JSON; - reads JSON.")],
    as_json: AsJson = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why, by which article, counted how.")
    ] = False,
    at: At = "",
    form: Form = "facts",
) -> None:
    """Who must be told, what and by when, with the reason.

    A VERIS incident, or any JSON by a mapping file, is read with --format; what could not be taken
    over is listed.

    Example: incident-engine assess facts.toml --explain
    """
    from incident_engine.domain.facts.document import parse_facts
    from incident_engine.domain.law import assess as law
    from incident_engine.intake.facts_file import name_of
    from incident_engine.intake.incident_file import FACTS, read_incident

    now = _instant(at) if at else this_moment()
    read = read_incident(file, form)
    facts = parse_facts(read.document, place=name_of(file))
    found = law.assess(facts, laws(ctx), now=now)
    if as_json:
        imported = {} if form == FACTS else {"imported": read.as_json()}
        return answer(found.as_json() | imported)
    show_import(read)
    return explanation(found) if explain else summary(found)


def this_moment() -> datetime:
    """Now, aware, in UTC. Not `app.now`: loading the engine takes longer than the answer."""
    return datetime.now(UTC)


def folder(ctx: typer.Context) -> Path:
    """Where the law files are: the folder this home names, else those shipped."""
    at = home(ctx)
    if not at.config.is_file():
        return shipped("playbooks")
    from incident_engine import settings as configuration

    named = configuration.load(at).playbooks.folder
    return Path(named) if named else shipped("playbooks")


def laws(ctx: typer.Context) -> tuple[Playbook, ...]:
    """The law files in use, without their examples. Raises BadFile where one is broken."""
    from incident_engine.intake.law_set import read_law_set

    at = folder(ctx)
    return read_law_set(at, _kept_at(ctx, at)).laws


def _kept_at(ctx: typer.Context, at: Path) -> Path | None:
    """Where a set that was read is kept: in the home, else in this user's cache."""
    if home(ctx).config.is_file():
        return home(ctx).laws
    kept = cache_folder()
    name = sha256(str(at.absolute()).encode()).hexdigest()[:16]
    return kept / f"laws-{name}.json" if kept else None


def _instant(text: str) -> datetime:
    from pydantic_core import PydanticCustomError

    from incident_engine.domain.facts.moments import read_moment

    try:
        moment = read_moment(text)
    except PydanticCustomError:
        moment = None
    if moment is None or moment.at is None:
        raise BadInput(
            "bad-instant", "--at", f"found {text[:60]!r}",
            expected="an instant with its offset",
            next_step="For example 2026-03-06T10:25:00+08:00.",
        )  # fmt: skip
    return moment.at
