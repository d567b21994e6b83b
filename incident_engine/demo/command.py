"""demo: the whole job on a shipped incident."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, answer, say, table


def demo(
    out: Annotated[
        Path | None, typer.Option(help="A new folder for everything it makes; else demo-out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole job on a shipped incident, on loopback: nothing leaves the machine.

    Example: incident-engine demo --out demo-out
    """
    from incident_engine.demo.play import play

    folder = (out or _unused()).absolute()
    made = play(folder, lambda line: None if as_json else say(line))
    if as_json:
        return answer({"incident": made.incident, "counts": made.counts, "made": made.lines})
    table("What was made", ["what", "how much", "where to look"], made.lines)
    return say(
        f"Look around: export INCIDENT_ENGINE_HOME={folder / 'home'} and type "
        f"incident-engine incident show {made.incident}"
    )


def _unused() -> Path:
    """demo-out, or demo-out-2 where somebody has looked at it before."""
    names = (f"demo-out-{number}" if number > 1 else "demo-out" for number in count(1))
    return next(Path(each) for each in names if not Path(each).exists())
