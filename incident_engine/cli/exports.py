"""register, statistics, incident export: what other programs and yearly reports are given."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, Reference, actor, answer, engine, say, table
from incident_engine.domain.errors import BadInput


class Form(StrEnum):
    """A form that other programs read."""

    VERIS = "veris"  # 1.4
    STIX = "stix"  # 2.1


def register(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Write it as CSV into this new file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the register of all incidents, as GDPR Art 33(5) wants them documented.

    Example: incident-engine register --out register.csv
    """
    from incident_engine.notices.reports.register import render_register
    from incident_engine.workflow.reports.keep_register import register as every

    rows = every(engine(ctx), actor(ctx))
    if out:
        _write(out, render_register(rows))
    if as_json:
        return answer(rows)
    if out:
        return say(f"{len(rows)} incidents: {out}")
    names = ("incident", "title", "state", "aware", "risk", "people in all", "still owed")
    return table("Register", names, [[row.get(name, "") for name in names] for row in rows])


def statistics(
    ctx: typer.Context,
    year: Annotated[int, typer.Argument(min=1970, max=9999, help="For example 2026.")],
    out: Annotated[Path | None, typer.Option(help="A new folder: page, chart (SVG), CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """Count a year: incidents, causes, people, duties kept in time, messages.

    Example: incident-engine statistics 2026 --out statistics-2026
    """
    from incident_engine.notices.reports.statistics import render_statistics
    from incident_engine.workflow.reports.count_year import count_year

    found = count_year(engine(ctx), actor(ctx), year)
    if out:
        for name, content in render_statistics(found).items():
            _write(out / name, content)
    if as_json:
        return answer(found)
    say(f"{found['incidents']} incidents in {year}{f': {out}' if out else ''}")
    for title, rows in found["tables"].items():
        if rows and not out:
            table(title, ["what", "number"], rows)
    return None


def export(
    ctx: typer.Context,
    reference: Reference,
    form: Annotated[Form, typer.Option("--format", help="The form to write.")],
    out: Annotated[Path | None, typer.Option(help="A new file; left out: printed.")] = None,
) -> None:
    """Write what is known of an incident as VERIS 1.4 or STIX 2.1. Nobody affected is in it.

    Example: incident-engine incident export INC-2026-0001 --format veris --out veris.json
    """
    from incident_engine.workflow.proof.export_incident import export_incident

    document = export_incident(engine(ctx), actor(ctx), reference, form.value)
    if not out:
        return answer(document)
    _write(out, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return say(f"{reference} as {form.value}: {out}")


def add_to(program: typer.Typer, incident: typer.Typer) -> None:
    """Hang them on the root and on `incident`."""
    program.command("register")(register)
    program.command("statistics")(statistics)
    incident.command("export")(export)


def _write(path: Path, content: bytes) -> None:
    """A new file, or BadInput: nothing is overwritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        found = "exists already" if isinstance(error, FileExistsError) else error.strerror
        raise BadInput("cannot-write", str(path), f"cannot be written ({found})",
                       expected="a new file in a folder of yours") from error  # fmt: skip
