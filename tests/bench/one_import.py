"""Import one file into one home, weighed: `python -m tests.bench.one_import HOME FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from incident_engine import app
from incident_engine.home import Home
from incident_engine.workflow.people.import_people import import_people
from tests.bench.ground import weighed
from tests.cast import INCIDENT, OTTO

if __name__ == "__main__":
    engine = app.build(Home(Path(sys.argv[1])))
    weighed(lambda: import_people(engine, OTTO, INCIDENT, Path(sys.argv[2]))["imported"])
