"""assess: the law over a facts file. Needs no home, no database, no network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incident_engine.cli.door import AsJson, answer, home, say, table
from incident_engine.domain.errors import BadInput
from incident_engine.home import shipped

if TYPE_CHECKING:
    from incident_engine.domain.assessment import (
        Assessment,
        DueDate,
        Kept,
        Obligation,
        Offer,
        Substitute,
    )
    from incident_engine.domain.content import ContentItem
    from incident_engine.domain.playbook import Playbook

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
) -> None:
    """Who must be told, what and by when, with the reason.

    Example: incident-engine assess facts.toml --explain
    """
    from incident_engine.domain import law
    from incident_engine.intake.facts_file import read_facts

    now = _instant(at) if at else this_moment()
    found = law.assess(read_facts(file), laws(ctx), now=now)
    if as_json:
        return answer(found.as_json())
    if explain:
        return _explain(found)
    return _show(found)


def this_moment() -> datetime:
    """Now, aware, in UTC. Not `app.now`: loading the engine takes longer than the answer."""
    return datetime.now(UTC)


def folder(ctx: typer.Context) -> Path:
    """Where the law files are: the folder this home names, else those shipped."""
    from incident_engine import settings as configuration

    at = home(ctx)
    named = configuration.load(at).playbooks.folder if at.config.is_file() else ""
    return Path(named) if named else shipped("playbooks")


def laws(ctx: typer.Context) -> list[Playbook]:
    """The law files in use."""
    from incident_engine.intake.playbook_file import read_playbooks

    return read_playbooks(folder(ctx))


def _instant(text: str) -> datetime:
    from pydantic_core import PydanticCustomError

    from incident_engine.domain.moments import read_moment

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


def _show(found: Assessment) -> None:
    _head(found)
    table(
        "Obligations, by deadline",
        ["due", "left", "status", "tell", "law"],
        [_row(duty, found.now) for duty in found.by_due()],
    )
    _foot(found)


def _row(duty: Obligation, now: datetime) -> list[str]:
    mark = " (!)" if duty.evidence == "unverified" else ""
    phase = "" if duty.phase == "notify" else f", {duty.phase}"
    at = duty.due.at if duty.due else None
    return [
        _due(duty.due), _left(at, now) if at else "", duty.status.value,
        f"{duty.audience}{phase} in {duty.where}", f"{duty.citation}{mark}",
    ]  # fmt: skip


def _due(due: DueDate | None) -> str:
    if due is None:
        return ""
    aim = f"; our aim {due.target:%Y-%m-%d}" if due.target else ""
    if due.at is None:
        return (due.words or due.rule) + aim
    return due.at.isoformat(sep=" ") + aim


def _left(at: datetime, now: datetime) -> str:
    seconds = int((at - now).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    days, hours = divmod(hours, 24)
    length = f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
    return f"{length} left" if seconds >= 0 else f"LATE by {length}"


def _head(found: Assessment) -> None:
    risk = found.risk
    level = risk.level.value if risk.level else "not known"
    say(f"Risk to people: {level} ({'decided' if risk.decided else 'proposed; a person decides'})")
    for reason in risk.because:
        say(f"  {reason}")


def _foot(found: Assessment) -> None:
    from incident_engine.domain.fact_questions import ask

    say("Record this incident, whatever is owed: facts, effects, measures and reasoning.")
    if found.asks:
        say("What to find out, what settles most first:")
        for key in found.asks:
            say(f"  {key}: {ask(key)}")
    if any(duty.evidence == "unverified" for duty in found.obligations):
        say("(!) Written from memory and not checked against the law. Read the source first.")
    unsigned = [law.id for law in found.playbooks if not law.reviewed_by]
    if unsigned:
        say(f"Not legal advice. No lawyer has signed: {', '.join(unsigned)}.")


def _explain(found: Assessment) -> None:
    _head(found)
    for duty in found.by_due():
        say("")
        say(f"{duty.playbook}/{duty.id}/{duty.where}: {duty.title}: {duty.status}")
        for name, texts in _paragraphs(duty, found.now):
            for text in texts:
                say(f"  {name:<13} {text}")
    say("")
    for each in found.kept:
        say(f"Keep ({each.playbook}): {_kept(each)}")
    _foot(found)


def _said(items: tuple[ContentItem, ...]) -> tuple[str, ...]:
    return (", ".join(item.value for item in items),) if items else ()


def _offer(offer: Offer) -> str:
    months = f", {offer.months} months" if offer.months else ""
    sure = "" if offer.sure else " (a fact not known decides)"
    return f"{offer.kind}{months}{sure}: {offer.says} ({offer.citation})"


def _substitute(way: Substitute) -> str:
    permitted = "permitted" if way.holds else "permitted if the facts allow it"
    forms = [f"{kind} {days} days" if days else kind for kind, days in way.forms]
    shown = f"; {way.how_many} of: {', '.join(forms)}" if forms else ""
    return f"{permitted}, for {way.reaches}{shown}: {way.says} ({way.citation})"


def _kept(kept: Kept) -> str:
    return f"{kept.says}: {kept.keep or 'the law names no time'} ({kept.citation}; {kept.evidence})"


def _paragraphs(duty: Obligation, now: datetime) -> list[tuple[str, tuple[str, ...]]]:
    due = duty.due
    unread = "; NOT CHECKED against the law" if duty.evidence == "unverified" else ""
    return [
        ("due", (_due(due),) if due else ()),
        ("left", (_left(due.at, now),) if due and due.at else ()),
        ("rule", (f"{due.rule} ({due.binding})",) if due else ()),
        ("our aim", (f"{due.target.isoformat()} (not the law's)",) if due and due.target else ()),
        ("law", (duty.says,)),
        ("source", (f"{duty.citation}, {duty.url}",)),
        ("evidence", (f"{duty.evidence}{unread}",)),
        ("because", duty.because),
        ("counted", due.steps if due else ()),
        ("order", duty.order),
        ("to", duty.to),
        ("file", duty.filing),
        ("offer", tuple(_offer(each) for each in duty.offers)),
        ("another way", tuple(_substitute(each) for each in duty.substitutes)),
        ("must say", _said(duty.wording.items)),
        ("never say", _said(tuple(item for item, _ in duty.wording.forbidden))),
        ("keep", tuple(_kept(each) for each in duty.kept)),
        ("to find out", duty.asks),
        ("would change", duty.would_change),
    ]
