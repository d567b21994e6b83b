"""people: check, import, list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from incident_engine.cli.door import AsJson, Reference, actor, answer, engine, group, say, table
from incident_engine.cli.progress import counting

people = group("Who is affected.")
File = Annotated[Path, typer.Argument(help="CSV or XLSX, one row a person.")]
Encoding = Annotated[str, typer.Option(help="When it cannot be told, for example gb18030.")]


@people.command("check")
def people_check(file: File, encoding: Encoding = "", as_json: AsJson = False) -> None:
    """Read a people file and report every fault of every row; keeps nothing.

    Example: incident-engine people check people.csv
    """
    from incident_engine import app
    from incident_engine.workflow.people.import_people import check_people

    with counting("Reading") as show:
        found = check_people(file, encoding=encoding or None, today=app.now().date(), progress=show)
    return answer(found) if as_json else _print(found)


@people.command("import")
def people_import(
    ctx: typer.Context,
    reference: Reference,
    file: File,
    accept_refused: Annotated[
        int | None, typer.Option(help="Exactly how many rows are refused and left for later.")
    ] = None,
    also_of: Annotated[
        str, typer.Option(help="The other incident for which this very file was imported.")
    ] = "",
    encoding: Encoding = "",
    as_json: AsJson = False,
) -> None:
    """Import a people file: all of it or nothing. The same file again changes nothing.

    Example: incident-engine people import INC-2026-0001 people.csv --accept-refused 7
    """
    from incident_engine.workflow.people.import_people import import_people

    with counting("Reading") as show:
        found = import_people(
            engine(ctx),
            actor(ctx),
            reference,
            file,
            encoding=encoding or None,
            accept_refused=accept_refused,
            also_of=also_of,
            progress=show,
        )
    if as_json:
        return answer(found)
    _print(found)
    if found["repeated"]:
        return say("This very file was imported before: nothing was changed.")
    return say(f"Imported: {found['imported']} people.")


@people.command("list")
def people_list(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """List the people of an incident, addresses masked, and the rows still to be corrected.

    Example: incident-engine people list INC-2026-0001
    """
    from incident_engine.workflow.dispatch.account import people_account

    found = people_account(engine(ctx), actor(ctx), reference)
    if as_json:
        return answer(found)
    cells = [
        (p["person"], p["where"], p["language"], p["email"], p["phone"], ", ".join(p["notes"]))
        for p in found["people"]
    ]
    table(f"People of {reference}", ["id", "where", "language", "email", "phone", ""], cells)
    if found["refused"]:
        rows = [(r["row"], r["sentence"]) for r in found["refused"]]
        table("Rows that could not be used", ["row", "why"], rows)
    return None


_SHOWN = 20


def _print_doubts(found: dict[str, Any]) -> None:
    """What a person has to look at: rows that may be one person, and addresses others read too."""
    near = [(n["row"], n["other"], n["because"]) for n in found["near"]]
    if near:
        table(
            "May be one person: look, nothing was joined", ["row", "row", "because"], near[:_SHOWN]
        )
    shared = [
        (s["channel"], s["address"], s["people"], ", ".join(map(str, s["rows"])), s["kind"])
        for s in found["shared"]
    ]
    if shared:
        columns = ["channel", "address", "people", "rows", "of"]
        table("Addresses that others read too, or that are our own", columns, shared[:_SHOWN])
    more = max(0, len(near) - _SHOWN) + max(0, len(shared) - _SHOWN)
    if more:
        say(f"and {more} more; --json has them all")


def _print(found: dict[str, Any]) -> None:
    say(
        f"{found['rows']} rows = {found['accepted']} accepted + {found['refused']} refused "
        f"+ {found['merged']} merged"
    )
    if found["faults"]:
        cells = [
            (f["row"], f["column"], f["value"], f["found"], f["expected"]) for f in found["faults"]
        ]
        table("Refused", ["row", "column", "value", "found", "expected"], cells)
    if found["merges"]:
        pairs = [(m["row"], m["into"], m["rule"]) for m in found["merges"]]
        table("Merged", ["row", "into row", "because"], pairs)
    _print_doubts(found)
    say(f"By place: {json.dumps(found['places'])}")
    say(f"By channel: {json.dumps(found['channels'])}")
    say(f"Without a place: {found['without_place']}.  Nobody can reach: {found['unreachable']}.")
    if found["unknown_columns"]:
        say(f"Kept as the person's own fields: {', '.join(found['unknown_columns'])}")
