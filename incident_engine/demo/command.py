"""demo: the whole job on a shipped incident."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, answer, say, table


def demo(
    out: Annotated[Path, typer.Option(help="A new folder for everything it makes.")] = Path(
        "demo-out"
    ),
    as_json: AsJson = False,
) -> None:
    """Run the whole job on a shipped incident, on loopback: nothing leaves the machine.

    Example: incident-engine demo --out demo-out
    """
    from incident_engine.demo.play import play

    made = play(out.absolute(), lambda line: None if as_json else say(line))
    if as_json:
        return answer({"incident": made.incident, "counts": made.counts, "made": made.lines})
    table("What was made", ["what", "how much", "where to look"], made.lines)
    return say(
        f"Look around: export INCIDENT_ENGINE_HOME={out.absolute() / 'home'} and type "
        f"incident-engine incident show {made.incident}"
    )
