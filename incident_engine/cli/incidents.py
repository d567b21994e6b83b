"""incident: open, list, show, note, fact, move, timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.answers import show_import
from incident_engine.cli.assess import Form
from incident_engine.cli.door import (
    AsJson,
    Reference,
    Why,
    actor,
    answer,
    engine,
    group,
    pairs,
    say,
    table,
)

if TYPE_CHECKING:
    from incident_engine.workflow.decide import Change

incident = group("Incidents: what was seen, what is known, where each stands.")


@incident.command("open")
def incident_open(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A facts file, TOML or JSON; - reads JSON.")],
    as_json: AsJson = False,
    form: Form = "facts",
) -> None:
    """Open an incident from a facts file and assess it. Prints the reference as the last word.

    A VERIS incident, or any JSON by a mapping file, is read with --format; what could not be taken
    over is listed, and its paths are kept in the journal.

    Example: incident-engine incident open incident.json --format veris
    """
    from incident_engine.intake.incident_file import FACTS, read_incident
    from incident_engine.workflow.incidents.open_incident import open_incident

    read = read_incident(file, form)
    source = file if form == FACTS else f"{file} ({read.form})"
    left = [each.path for each in read.left]
    row = open_incident(engine(ctx), actor(ctx), read.document, source=source, left=left)
    if as_json:
        imported = {} if form == FACTS else {"imported": read.as_json()}
        return answer({"incident": row.reference, "state": row.state, **imported})
    show_import(read)
    return say(f"Opened and assessed: {row.reference}")


@incident.command("list")
def incident_list(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List incidents, newest first.

    Example: incident-engine incident list
    """
    from incident_engine.store import incidents

    actor(ctx)
    with engine(ctx).reading() as session:
        rows = [
            {
                "incident": each.reference,
                "state": each.state,
                "title": each.title,
                "opened": each.opened_at.isoformat(),
                "by": each.opened_by,
            }
            for each in incidents.everything(session)
        ]
    if as_json:
        return answer(rows)
    return table("Incidents", ["reference", "state", "title", "opened", "by"], map(_cells, rows))


@incident.command("show")
def incident_show(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Show what is known of an incident, how sure it is, who said so, and what can come next.

    Example: incident-engine incident show INC-2026-0001
    """
    from incident_engine.store import incidents, people
    from incident_engine.workflow.incidents.move_incident import possible_moves

    state, moves = possible_moves(engine(ctx), actor(ctx), reference)
    with engine(ctx).reading() as session:
        row = incidents.by_reference(session, reference)
        facts = [
            {
                "fact": each.key,
                "value": None if each.value is None else json.loads(each.value),
                "standing": each.standing,
                "said_by": each.said_by,
                "said_at": each.said_at.isoformat(),
                "source": each.source,
            }
            for each in incidents.facts_now(session, row.id or 0)
        ]
        count = people.count(session, row.id or 0)
    found = {
        "incident": row.reference,
        "title": row.title,
        "state": state,
        "people": count,
        "moves": [{"trigger": m.trigger, "to": m.to, "lacks": list(m.lacks)} for m in moves],
        "facts": facts,
    }
    if as_json:
        return answer(found)
    return _print_incident(found)


@incident.command("fact")
def incident_fact(
    ctx: typer.Context,
    reference: Reference,
    answers: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...")],
    why: Why = "",
    source: Annotated[str, typer.Option(help="Where it comes from: a log, a person.")] = "",
    estimated: Annotated[
        bool, typer.Option("--estimated", help="A figure that will move.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add or correct facts; the law is asked again at once. `KEY=unknown` takes an answer back.

    Example: incident-engine incident fact INC-2026-0001 data.encrypted=false --why "vendor's log"
    """
    from incident_engine.workflow.incidents.record_fact import record_facts

    recorded = record_facts(
        engine(ctx),
        actor(ctx),
        reference,
        pairs(answers),
        why=why,
        source=source,
        estimated=estimated,
    )
    if as_json:
        changed = [vars(each) for each in recorded.changes]
        drafts = [vars(each) for each in recorded.drafts]
        return answer({"duties": changed, "notices": drafts})
    for draft in recorded.drafts:
        said = [(sentence,) for sentence in draft.sentences]
        table(f"Notice {draft.notice} is void: it said, and says no longer", ["sentence"], said)
    return _print_changes(recorded.changes)


@incident.command("note")
def incident_note(ctx: typer.Context, reference: Reference, text: str) -> None:
    """Write a line into the incident's journal. Keep personal data out of it.

    Example: incident-engine incident note INC-2026-0001 "Called the vendor, no answer."
    """
    from incident_engine.workflow.incidents.note import note

    note(engine(ctx), actor(ctx), reference, text)


@incident.command("move")
def incident_move(
    ctx: typer.Context,
    reference: Reference,
    trigger: Annotated[str, typer.Argument(help="The move, for example confirm.")],
    why: Why = "",
) -> None:
    """Move an incident along its lifecycle. Refused: says what is possible and what each lacks.

    Example: incident-engine incident move INC-2026-0001 confirm
    """
    from incident_engine.workflow.incidents.move_incident import move_incident

    row = move_incident(engine(ctx), actor(ctx), reference, trigger, why=why)
    say(f"{row.reference} is {row.state}.")


@incident.command("timeline")
def incident_timeline(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Show everything that was done, in order, from the journal.

    Example: incident-engine incident timeline INC-2026-0001
    """
    from incident_engine.store import incidents, journal

    actor(ctx)
    with engine(ctx).reading() as session:
        row = incidents.by_reference(session, reference)
        rows = [
            {
                "at": each.at,
                "actor": each.actor,
                "act": each.act,
                "subject": each.subject,
                "body": json.loads(each.body),
            }
            for each in journal.entries(session, incident=row.reference)
        ]
    if as_json:
        return answer(rows)
    cells = [(r["at"][:19], r["actor"], r["act"], r["subject"][:40]) for r in rows]
    return table(f"Timeline of {reference}", ["at (UTC)", "who", "did", "what"], cells)


def _print_incident(found: dict[str, Any]) -> None:
    say(f"{found['incident']}  {found['title']}")
    say(f"State: {found['state']}.  People imported: {found['people']}.")
    rows = [(f["fact"], _said(f["value"]), f["standing"], f["said_by"]) for f in found["facts"]]
    table("Facts", ["fact", "value", "standing", "said by"], rows)
    moves = [(m["trigger"], m["to"], "; ".join(m["lacks"]) or "nothing") for m in found["moves"]]
    table("Possible moves", ["move", "leads to", "still lacks"], moves)


def _said(value: Any) -> str:
    """A fact as a person reads it: the words of a facts file, without its brackets and quotes."""
    match value:
        case None:
            return "unknown"
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(map(_said, value))
        case {"value": count, **rest}:
            more = ", ".join(f"{name} {_said(each)}" for name, each in rest.items())
            return f"{_said(count)} ({more})" if more else _said(count)
        case _:
            return str(value)


def _print_changes(changes: list[Change]) -> None:
    if not changes:
        return say("Recorded. No duty changed.")
    cells = [(c.kind, f"{c.playbook}/{c.name}", c.place, c.was, c.now) for c in changes]
    return table("Recorded. Duties that changed", ["", "duty", "place", "was", "is"], cells)


def _cells(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row.values())
