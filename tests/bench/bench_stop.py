"""How soon the first mail leaves after `send`, and how soon none leaves any more after `stop`.

`python -m tests.bench.bench_stop [PEOPLE]`. A worker runs, as it does in a house; both commands are
typed in a process of their own; the relay writes down each mail when it takes it. Limits: the first
mail within 10 s of typing `send`, none later than 1 s after `stop` has answered. Exits with 1 above.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from incident_engine.domain.words import ChannelName, Role
from incident_engine.workflow.enrol import enrol
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from tests.bench import ground
from tests.cast import DOV, MAREN, OTTO
from tests.stories.witness import Process, taken

PEOPLE, UNDER_WAY = 10_000, 300
FIRST_SECONDS, STOP_SECONDS, STILL = 10, 1, 4


def ready(folder: Path, port: int, people: int) -> tuple[Path, str, str]:
    """A house with an approved notice: its home, the incident, and a responder's token."""
    home = folder / "home"
    engine = ground.founded(
        home, email_host="127.0.0.1", email_port=str(port), email_security="none",
        email_sender="notice@kestrel.example",
    )  # fmt: skip
    token = enrol(engine, MAREN, "olga", Role.RESPONDER)
    reference = ground.opened(engine)
    import_people(engine, OTTO, reference, ground.people_file(folder / "p.csv", people))
    campaign = prepare(engine, OTTO, reference, [ChannelName.EMAIL])
    approve(engine, DOV, reference, campaign.sha256)
    engine.database.close()
    return home, reference, token


def typed(home: Path, token: str, *words: str) -> list[str]:
    os.environ["INCIDENT_ENGINE_TOKEN"] = token
    return [sys.executable, "-m", "incident_engine", "--home", str(home), *words]


def seconds_until(world: Path, messages: int, since: float) -> float:
    while taken(world).total() < messages:
        if time.monotonic() - since > 60:
            sys.exit("FAILED: nothing left within a minute")
        time.sleep(0.01)
    return time.monotonic() - since


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with ground.folder() as folder:
        world = folder / "world.log"
        relay = Process("tests.stories.relay", str(world), "pipelining")
        home, reference, token = ready(folder, relay.says(), people)
        worker = subprocess.Popen(typed(home, token, "worker"), stdout=subprocess.DEVNULL)
        time.sleep(3)  # it runs already
        began = time.monotonic()
        subprocess.run(typed(home, token, "send", reference), check=True, capture_output=True)
        first = seconds_until(world, 1, began)
        seconds_until(world, UNDER_WAY, time.monotonic())
        stop = typed(home, token, "stop", reference, "--why", "the date is wrong")
        subprocess.run(stop, check=True, capture_output=True)
        time.sleep(STOP_SECONDS)
        then = taken(world).total()
        time.sleep(STILL)
        late = taken(world).total() - then
        worker.terminate()
        worker.wait()
        relay.end()
    sys.stdout.write(
        f"{people:,} people: the first mail left {first:.1f} s after `send` was typed (limit "
        f"{FIRST_SECONDS}); {late} mails left later than {STOP_SECONDS} s after `stop` answered, "
        f"of {people - then:,} that could have.\n"
    )
    return 1 if late or first > FIRST_SECONDS or then >= people else 0


if __name__ == "__main__":
    sys.exit(main())
