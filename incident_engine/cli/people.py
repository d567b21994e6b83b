"""people: check, import, list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from incident_engine.cli.door import AsJson, Reference, actor, answer, engine, group, say, table

people = group("Who is affected.")
File = Annotated[Path, typer.Argument(help="CSV or XLSX, one row a person.")]
Encoding = Annotated[str, typer.Option(help="When it cannot be told, for example gb18030.")]


@people.command("check")
def people_check(file: File, encoding: Encoding = "", as_json: AsJson = False) -> None:
    """Read a people file and report every fault of every row; keeps nothing.

    Example: incident-engine people check people.csv
    """
    from incident_engine import app
    from incident_engine.workflow.import_people import check_people

    found = check_people(file, encoding=encoding or None, today=app.now().date())
    return answer(found) if as_json else _print(found)


@people.command("import")
def people_import(
    ctx: typer.Context,
    reference: Reference,
    file: File,
    accept_refused: Annotated[
        int | None, typer.Option(help="Exactly how many rows are refused and left for later.")
    ] = None,
    encoding: Encoding = "",
    as_json: AsJson = False,
) -> None:
    """Import a people file: all of it or nothing. The same file again changes nothing.

    Example: incident-engine people import INC-2026-0001 people.csv --accept-refused 7
    """
    from incident_engine.workflow.import_people import import_people

    found = import_people(
        engine(ctx),
        actor(ctx),
        reference,
        file,
        encoding=encoding or None,
        accept_refused=accept_refused,
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
    from incident_engine.workflow.account import people_account

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
    say(f"By place: {json.dumps(found['places'])}")
    say(f"By channel: {json.dumps(found['channels'])}")
    say(f"Without a place: {found['without_place']}.  Nobody can reach: {found['unreachable']}.")
    if found["unknown_columns"]:
        say(f"Kept as the person's own fields: {', '.join(found['unknown_columns'])}")
