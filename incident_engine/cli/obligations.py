"""obligations, deadlines, obligation: what is owed, by when, and what was done about it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from incident_engine.cli.answers import show_reasons
from incident_engine.cli.door import (
    AsJson,
    Reference,
    Why,
    actor,
    answer,
    engine,
    group,
    instant,
    say,
    table,
)
from incident_engine.domain.errors import BadInput, NotFound

if TYPE_CHECKING:
    from incident_engine.store.tables import Incident, Obligation

obligation = group("One duty: done, waived, held, released or put off.")
Duty = Annotated[str, typer.Argument(help="playbook/name, or playbook/name/place.")]


def add_to(program: typer.Typer) -> None:
    """Hang these commands on the root."""
    program.command("obligations")(obligations)
    program.command("deadlines")(deadlines)
    program.add_typer(obligation, name="obligation")


def obligations(
    ctx: typer.Context,
    reference: Reference,
    duty: Annotated[
        str, typer.Argument(help="Only these: a law, law/duty or law/duty/place.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show every duty of an incident: who is owed what, by when, under which law, and why.

    Example: incident-engine obligations INC-2026-0001 eu-gdpr/authority
    """
    from incident_engine.store import incidents
    from incident_engine.store import obligations as questions

    actor(ctx)
    now = engine(ctx).now()
    with engine(ctx).reading() as session:
        row = incidents.by_reference(session, reference)
        rows = [_shown(each, now) for each in questions.of_incident(session, row.id or 0)]
    rows = [each for each in rows if f"{each['duty']}/".startswith(f"{duty}/" if duty else "")]
    if duty and not rows:
        raise NotFound(
            "no-obligation", duty[:80], "is not a duty of this incident",
            next_step=f"`incident-engine obligations {reference}` shows all.",
        )  # fmt: skip
    if as_json:
        return answer(rows)
    cells = [(r["duty"], r["audience"], r["state"], r["status"], r["due"], r["left"]) for r in rows]
    columns = ["duty", "to", "state", "law says", "due", "left"]
    table(f"Duties of {reference}", columns, cells)
    for r in rows:
        _show_why(r)
    return None


def _show_why(row: dict[str, Any]) -> None:
    say("")
    say(f"{row['duty']}: {row['title']}: {row['state']}")
    told = [("due", row["due"]), ("left", row["left"]), ("settled", row["why"])]
    show_reasons((name, (text,)) for name, text in told if text)
    cited = ("source", (f"{row.get('citation', '')} [{row.get('evidence', '')}]",))
    show_reasons(row.get("reasons") or [cited, ("because", (row["because"],))])


def deadlines(
    ctx: typer.Context,
    within: Annotated[
        str, typer.Option(help="Only those due within, for example 72h or 14d.")
    ] = "",
    ics: Annotated[Path | None, typer.Option(help="Write them as a calendar file too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the clock over all incidents, the earliest first; overdue ones stay until settled.

    Example: incident-engine deadlines --within 72h
    """
    from incident_engine.notices.calendar import calendar
    from incident_engine.store import obligations as questions

    actor(ctx)
    now = engine(ctx).now()
    with engine(ctx).reading() as session:
        near = questions.due_before(session, now + _span(within))
        rows = [_shown(duty, now) | {"incident": found.reference} for duty, found in near]
    if ics:
        ics.write_bytes(calendar([(_summary(duty, found), duty) for duty, found in near], now=now))
    if as_json:
        return answer(rows)
    cells = [(r["due"], r["left"], r["incident"], r["duty"], r["audience"]) for r in rows]
    return table("Deadlines", ["due", "left", "incident", "duty", "to"], cells)


@obligation.command("done")
def done(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    evidence: Annotated[str, typer.Option("--reference", help="The authority's number.")] = "",
    why: Why = "",
) -> None:
    """Say that a duty was done, with what proves it.

    Example: incident-engine obligation done INC-2026-0001 eu-gdpr/authority --reference A-17
    """
    _settle(ctx, reference, duty, "done", why=why, evidence=evidence)


@obligation.command("waive")
def waive(ctx: typer.Context, reference: Reference, duty: Duty, why: Why = "") -> None:
    """Decide that a duty does not bind, with the reason. The decision stays on record.

    Example: incident-engine obligation waive INC-2026-0001 cn-minors/guardians --why "no minors"
    """
    _settle(ctx, reference, duty, "waive", why=why)


@obligation.command("hold")
def hold(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    until: Annotated[str, typer.Option(help="Instant with offset; left out: until released.")] = "",
    why: Why = "",
) -> None:
    """Wait because law enforcement asked us to; released by hand or when the time is up.

    Example: incident-engine obligation hold INC-2026-0001 us-ca/individuals --why "FBI"
    """
    _settle(ctx, reference, duty, "hold", why=why, until=instant(until, "--until"))


@obligation.command("release")
def release(ctx: typer.Context, reference: Reference, duty: Duty, why: Why = "") -> None:
    """End a hold; the clock goes on.

    Example: incident-engine obligation release INC-2026-0001 us-ca/individuals --why "FBI agrees"
    """
    _settle(ctx, reference, duty, "release", why=why)


@obligation.command("extend")
def extend(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    until: Annotated[str, typer.Option(help="The new day, or an instant with its offset.")],
    by: Annotated[str, typer.Option(help="Who granted or took it; left out: you.")] = "",
    ground: Annotated[str, typer.Option(help="On which ground, where the law knows several.")] = "",
    why: Why = "",
) -> None:
    """Put off a duty's day where its law allows it: granted, or taken with the reason it wants.

    Example: incident-engine obligation extend INC-2026-0001 us-fl/individuals --until 2026-04-20
    --why "good cause, filed with the Department on 1 April"
    """
    from incident_engine.workflow.incidents.extend_obligation import Postponement, extend

    what = Postponement(until=until, by=by, ground=ground, why=why)
    row = extend(engine(ctx), actor(ctx), reference, duty, what)
    shown = _shown(row, engine(ctx).now())
    say(f"{shown['duty']} is due {shown['due']}.")
    for text in json.loads(row.answer).get("because", []):
        if "extension" in text:
            say(f"   {text}")


@obligation.command("restore")
def restore(ctx: typer.Context, reference: Reference, duty: Duty, why: Why = "") -> None:
    """Say that a duty put in doubt by newer facts is owed all the same.

    Example: incident-engine obligation restore INC-2026-0001 sg-pdpa/authority --why "611"
    """
    _settle(ctx, reference, duty, "restore", why=why)


def _settle(
    ctx: typer.Context,
    reference: str,
    duty: str,
    trigger: str,
    *,
    why: str = "",
    evidence: str = "",
    until: datetime | None = None,
) -> None:
    from incident_engine.workflow.incidents.settle_obligation import Settlement, settle

    what = Settlement(trigger=trigger, why=why, reference=evidence, until=until)
    row = settle(engine(ctx), actor(ctx), reference, duty, what)
    say(f"{row.playbook}/{row.name}/{row.place} is {row.state}.")


def _shown(row: Obligation, now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.answer)
    local = row.due_at.astimezone(ZoneInfo(row.due_zone)) if row.due_at else None
    watched = row.watched_at
    return found | {
        "duty": f"{row.playbook}/{row.name}/{row.place}",
        "title": row.title,
        "state": row.state,
        "due_at": local.isoformat() if local else None,
        "target_at": row.target_at.isoformat() if row.target_at else None,
        "due": f"{local:%Y-%m-%d %H:%M %Z}" if local else _in_words(row),
        "left": _left(watched - now) if watched and row.state == "owed" else "",
        "reference": row.reference,
        "why": row.why,
        "because": "; ".join(found.get("because", [])),
    }


def _in_words(row: Obligation) -> str:
    """The law's own words; our aim beside them, marked as ours."""
    words = row.due_words or ""
    if row.target_at is None:
        return words
    aim = row.target_at.astimezone(ZoneInfo(row.due_zone))
    return f"{words}; our aim {aim:%Y-%m-%d %H:%M %Z}"


def _summary(row: Obligation, incident: Incident) -> str:
    ours = "" if row.due_at else f" - the law says: {row.due_words}; this is our own aim"
    return f"{incident.reference}: {row.title} ({row.playbook}, {row.place}){ours}"


def _left(span: timedelta) -> str:
    hours = int(abs(span).total_seconds() // 3600)
    words = f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h"
    return f"OVERDUE by {words}" if span < timedelta(0) else words


def _span(text: str) -> timedelta:
    if not text:
        return timedelta(days=3660)
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in "hd" or len(number) > 4:
        raise BadInput(
            "bad-span",
            "--within",
            f"found {text[:20]!r}",
            expected="hours or days, like 72h or 14d",
        )
    return timedelta(hours=int(number)) if unit == "h" else timedelta(days=int(number))
