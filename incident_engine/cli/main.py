"""The root of the command line: the home, and every noun hung on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli import (
    assess,
    dispatch,
    exports,
    installation,
    notices,
    obligations,
    report_authority,
    report_story,
    running,
)
from incident_engine.cli.announce import announce
from incident_engine.cli.calls import calls
from incident_engine.cli.door import group
from incident_engine.cli.incidents import incident
from incident_engine.cli.journal import journal
from incident_engine.cli.people import people
from incident_engine.cli.playbook import playbook
from incident_engine.cli.proof import proof
from incident_engine.cli.report import report
from incident_engine.home import find_home

program = group(
    "From the facts of a breach to the law, the clock, the approved notice and the proof."
)


@program.callback()
def root(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", help="The home folder; else INCIDENT_ENGINE_HOME, else ./incident-home."
        ),
    ] = None,
) -> None:
    """Remember the home for the command that follows."""
    ctx.obj = find_home(home)


installation.add_to(program)
exports.add_to(program, incident)
program.add_typer(incident, name="incident")
obligations.add_to(program)
program.add_typer(people, name="people")
notices.add_to(program)
dispatch.add_to(program)
program.add_typer(calls, name="calls")
program.add_typer(announce, name="announce")
report_authority.add_to(report)
report_story.add_to(report)
program.add_typer(report, name="report")
program.add_typer(journal, name="journal")
program.add_typer(proof, name="proof")
running.add_to(program)
assess.add_to(program)
program.add_typer(playbook, name="playbook")
