"""One step of a campaign, weighed by itself: `python -m tests.bench.one_step HOME STEP PEOPLE_FILE`.

Loads nothing but the product, so that what is weighed is what a responder's process holds.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident_engine import app
from incident_engine.domain.words import ChannelName, Role
from incident_engine.home import Home
from incident_engine.workflow.engine import Actor, Engine

INCIDENT = "INC-2026-0001"
OTTO, DOV = Actor("otto", Role.RESPONDER), Actor("dov", Role.APPROVER)


def _import(engine: Engine, file: Path) -> Any:
    from incident_engine.workflow.people.import_people import import_people

    return import_people(engine, OTTO, INCIDENT, file)["imported"]


def _prepare(engine: Engine, _: Path) -> Any:
    from incident_engine.workflow.notices.prepare import prepare

    return prepare(engine, OTTO, INCIDENT, [ChannelName.EMAIL]).number


def _approve(engine: Engine, _: Path) -> Any:
    from incident_engine.store import campaigns, incidents
    from incident_engine.workflow.notices.approve import approve

    with engine.reading() as session:
        incident = incidents.by_reference(session, INCIDENT)
        sha256 = campaigns.of_incident(session, incident.id or 0)[-1].sha256
    return approve(engine, DOV, INCIDENT, sha256).number


def _launch(engine: Engine, _: Path) -> Any:
    from incident_engine.workflow.dispatch.launch import launch

    return launch(engine, OTTO, INCIDENT).deliveries


def _deliver(engine: Engine, _: Path) -> Any:
    from incident_engine.workflow.dispatch.deliver import deliver

    return deliver(engine, OTTO, INCIDENT).counts


STEPS: dict[str, Callable[[Engine, Path], Any]] = {
    "import": _import,
    "prepare": _prepare,
    "approve": _approve,
    "launch": _launch,
    "deliver": _deliver,
}

if __name__ == "__main__":
    began = time.perf_counter()
    found = STEPS[sys.argv[2]](app.build(Home(Path(sys.argv[1]))), Path(sys.argv[3]))
    figures = {
        "seconds": time.perf_counter() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found,
    }
    sys.stdout.write(json.dumps(figures) + "\n")
