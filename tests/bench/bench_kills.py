"""kill -9 two hundred times in a dispatch to 10,000 people, over a real SMTP conversation.

`python -m tests.bench.bench_kills [PEOPLE [KILLS [SEED]]]`. The relay is a process of its own and
writes to the disk what it takes before it says so: that is the world. After every kill the rows are
compared with it: nobody is believed told who was not, and no more are in doubt than the dispatcher
has lanes. At the end everyone is accounted for, every doubt is decided by the relay's record, the
rest goes out, and everybody was told once. Then all again over a relay that offers PIPELINING, where
each letter begins behind the dot of the one before. Exits with 1 where anything of this fails.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import select

from incident_engine import app
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.home import Home
from incident_engine.store.journal import verify
from incident_engine.store.tables import Delivery
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.engine import Engine
from tests.bench import ground
from tests.cast import OTTO
from tests.stories.witness import Process, taken, wait_for

PEOPLE, KILLS, LANES, SEED = 10_000, 200, 8, 20260306


class Story:
    """The dispatcher that is killed, the relay that is not, and what each of them says."""

    def __init__(self, folder: Path, people: int, seed: int, *offers: str) -> None:
        self.world = folder / "world.log"
        self.chance = random.Random(seed)
        self.relay = Process("tests.stories.relay", str(self.world), *offers)
        home = folder / "home"
        engine = ground.founded(
            home, email_host="127.0.0.1", email_port=str(self.relay.says()),
            email_security="none", email_sender="notice@kestrel.example",
            email_lanes=str(LANES),
        )  # fmt: skip
        people_file = ground.people_file(folder / "people.csv", people)
        self.reference = ground.launched(engine, people_file, [ChannelName.EMAIL])
        self.engine: Engine = app.build(Home(home))
        self.dispatcher = Process("tests.stories.dispatcher", str(home), self.reference)
        self.everyone = {reference for reference, _ in self.rows()}
        self.met = 0  # kills that left somebody in doubt
        self.most = 0

    def end(self) -> None:
        self.dispatcher.end()
        self.relay.end()

    def rows(self) -> list[tuple[str, str]]:
        with self.engine.reading() as session:
            return list(session.exec(select(Delivery.reference, Delivery.outcome)).all())

    def by_outcome(self, *outcomes: Outcome) -> set[str]:
        return {reference for reference, outcome in self.rows() if outcome in outcomes}

    def kill_once(self, ahead: int) -> None:
        """Let it go on for a while, kill it, and compare."""
        self.dispatcher.hears("go")
        child = self.dispatcher.says()
        wait_for(self.world, taken(self.world).total() + self.chance.randrange(ahead),
                 self.chance.uniform(0, 0.03))  # fmt: skip
        os.kill(child, signal.SIGKILL)
        self.dispatcher.ended()
        left = self.by_outcome(Outcome.SENDING)
        self.met += bool(left)
        self.most = max(self.most, len(left))
        must(len(left) <= LANES, f"{len(left)} in doubt by one kill, of {LANES} lanes")
        believed = self.by_outcome(Outcome.ACCEPTED)
        must(believed <= taken(self.world).keys(), "somebody is believed told who was not")

    def to_the_end(self) -> None:
        self.dispatcher.hears("go")
        self.dispatcher.says()
        must(self.dispatcher.ended() == 0, "the dispatcher did not come to its end")

    def must_account_for_everybody(self) -> set[str]:
        doubts = self.by_outcome(Outcome.IN_DOUBT)
        told = taken(self.world)
        must(self.by_outcome(Outcome.ACCEPTED) | doubts == self.everyone, "somebody is unsent")
        must(max(told.values()) == 1, "somebody was told twice without a decision")
        must(self.everyone - doubts <= told.keys(), "somebody certain was not told")
        return doubts

    def decide(self, doubts: set[str]) -> int:
        """By the relay's own record; returns how many had arrived."""
        told = taken(self.world)
        for reference in doubts:
            decision = "accepted" if reference in told else "resend"
            resolve(self.engine, OTTO, reference, decision, why="the relay's record")
        return len(doubts & told.keys())


def must(so: bool, otherwise: str) -> None:
    """End the benchmark with what failed."""
    if not so:
        sys.exit(f"FAILED: {otherwise}")


@contextmanager
def story(people: int, seed: int, *offers: str) -> Iterator[Story]:
    """The house, its people, its relay and its dispatcher, in a folder that goes with them."""
    with ground.folder() as folder:
        made = Story(folder, people, seed, *offers)
        try:
            yield made
        finally:
            made.end()


def killed(people: int, kills: int, seed: int, *offers: str) -> None:
    """One dispatch with its kills, to the end of it."""
    with story(people, seed, *offers) as told:
        began = time.monotonic()
        for _ in range(kills):
            told.kill_once(ahead=max(2, 2 * people // kills))
        told.to_the_end()
        doubts = told.must_account_for_everybody()
        arrived = told.decide(doubts)
        told.to_the_end()
        must(taken(told.world) == dict.fromkeys(told.everyone, 1), "not everybody was told once")
        state = finish(told.engine, OTTO, told.reference).state
        must(state == CampaignState.FINISHED, f"the campaign is {state}")
        with told.engine.reading() as session:
            must(verify(session).sound, "the journal is not sound")
        sys.stdout.write(
            f"{kills} kills in a dispatch to {people:,} people {' '.join(offers)}, "
            f"{time.monotonic() - began:.0f} s: nobody lost, nobody told twice.\n"
            f"{told.met} kills left {len(doubts)} in doubt, {told.most} at most by one kill "
            f"({LANES} lanes), each by name; {arrived} of them had arrived. Decided by the "
            "relay's record, the rest went out once.\n"
        )


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    people, kills, seed = given + [PEOPLE, KILLS, SEED][len(given) :]
    killed(people, kills, seed)
    killed(people, kills, seed, "pipelining")


if __name__ == "__main__":
    main()
