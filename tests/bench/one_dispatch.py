"""Deliver what one home has launched, weighed: `python -m tests.bench.one_dispatch HOME`."""

from __future__ import annotations

import sys
from pathlib import Path

from incident_engine import app
from incident_engine.home import Home
from incident_engine.workflow.dispatch.deliver import deliver
from tests.bench.ground import weighed
from tests.cast import INCIDENT, OTTO

if __name__ == "__main__":
    engine = app.build(Home(Path(sys.argv[1])))
    weighed(lambda: deliver(engine, OTTO, INCIDENT).counts)
