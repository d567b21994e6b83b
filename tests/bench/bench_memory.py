"""What a dispatch to many people takes in memory, step by step, each in a process of its own.

`python -m tests.bench.bench_memory [FEW [MANY]]`: 100,000 and 1,000,000 people. Import, prepare,
approve, launch and deliver (to Postfix's smtp-sink). The limits: no process holds more than 150 MB
(the import 300), and none with many people more than 1.1 times what it holds with few. Needs
smtp-sink (Debian: postfix). Exits with 1 above a limit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident_engine import app
from incident_engine.domain.words import ChannelName
from incident_engine.home import Home
from incident_engine.store import campaigns, incidents
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from tests.bench import ground
from tests.bench.bench_dispatch import sink
from tests.cast import DOV, INCIDENT, OTTO

FEW, MANY = 100_000, 1_000_000
MEGABYTES, IMPORT_MEGABYTES, GROWTH = 150, 300, 1.1
LANES = 100


def _approve(engine: Engine) -> Any:
    with engine.reading() as session:
        incident = incidents.by_reference(session, INCIDENT)
        sha256 = campaigns.of_incident(session, incident.id or 0)[-1].sha256
    return approve(engine, DOV, INCIDENT, sha256)


STEPS: dict[str, Callable[[Engine, Path], Any]] = {
    "import": lambda engine, file: import_people(engine, OTTO, INCIDENT, file),
    "prepare": lambda engine, _: prepare(engine, OTTO, INCIDENT, [ChannelName.EMAIL]),
    "approve": lambda engine, _: _approve(engine),
    "launch": lambda engine, _: launch(engine, OTTO, INCIDENT),
    "deliver": lambda engine, _: deliver(engine, OTTO, INCIDENT).counts,
}


def one_step(home: Path, step: str, file: Path) -> None:
    """Run in a child: do one step and print what it took."""

    def work() -> Any:
        found = STEPS[step](app.build(Home(home)), file)
        return found if step == "deliver" else None

    ground.weighed(work)


def measured(people: int) -> dict[str, dict[str, Any]]:
    """Each step's seconds and most megabytes."""
    with ground.folder() as folder:
        folder.chmod(0o755)
        file = ground.people_file(folder / "people.csv", people)
        with sink(folder) as port:
            engine = ground.founded(
                folder / "home", email_host="127.0.0.1", email_port=str(port),
                email_security="none", email_sender="notice@kestrel.example",
                email_lanes=str(LANES),
            )  # fmt: skip
            ground.opened(engine)
            engine.database.close()
            found = {}
            for step in STEPS:
                found[step] = ground.child("tests.bench.bench_memory", folder / "home", step, file)
                told = found[step]
                sys.stdout.write(
                    f"{people:11,}  {step:8}{told['seconds']:9.1f} s{told['peak_mb']:8.0f} MB\n"
                )
                sys.stdout.flush()
        assert found["deliver"]["found"] == {"accepted": people}, found["deliver"]
        return found


def main() -> int:
    few, many = [int(word) for word in sys.argv[1:]] + [FEW, MANY][len(sys.argv) - 1 :]
    small, large = measured(few), measured(many)
    kept = True
    for step in STEPS:
        most, growth = large[step]["peak_mb"], large[step]["peak_mb"] / small[step]["peak_mb"]
        is_import = step == "import"
        good = most <= IMPORT_MEGABYTES if is_import else most <= MEGABYTES and growth <= GROWTH
        kept &= good
        sys.stdout.write(
            f"{step:8}{most:6.0f} MB, {growth:.2f} times {'kept' if good else 'NOT KEPT'}\n"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    if len(sys.argv) == 4:
        one_step(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main())
