"""Killed at random, again and again: nobody is lost, nobody is told twice, every doubt is named.

The relay writes down what it took before it answers: that is the world. The rows are what we
say. After every kill, and at the end, the two are compared.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident_engine.domain.words import CampaignState, ChannelName
from incident_engine.store.journal import verify
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.resolve import resolve
from tests.cast import INCIDENT, OTTO, House
from tests.stories.witness import Process, taken, wait_for

PEOPLE, KILLS, LANES = 300, 15, 4


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return tmp_path / "world.log"


@pytest.fixture(params=["", "pipelining"], ids=["one by one", "pipelined"])
def relay(world: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    process = Process("tests.stories.relay", str(world), *request.param.split())
    yield process.says()
    process.end()


@pytest.fixture
def dispatcher(house: House, relay: int) -> Iterator[Process]:
    house.set(email_port=str(relay), email_lanes=str(LANES))
    process = Process("tests.stories.dispatcher", str(house.engine.home.folder), INCIDENT)
    yield process
    process.end()


def by_outcome(house: House, outcome: str) -> set[str]:
    return {each.reference for each in house.deliveries() if each.outcome == outcome}


@pytest.mark.parametrize("seed", [20260306])
def test_nobody_is_lost_and_nobody_is_told_twice(
    house: House, dispatcher: Process, world: Path, seed: int
) -> None:
    chance = random.Random(seed)
    rows = "".join(f"{n},Ada {n},p{n:03d}@people.example,,DE,en\n" for n in range(PEOPLE))
    house.launched(f"id,name,email,phone,where,language\n{rows}", [ChannelName.EMAIL])
    everyone = {each.reference for each in house.deliveries()}
    assert len(everyone) == PEOPLE

    for _ in range(KILLS):
        dispatcher.hears("go")
        child = dispatcher.says()
        wait_for(world, taken(world).total() + chance.randrange(0, 20), chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert dispatcher.ended() in (-signal.SIGKILL, 0)
        left = by_outcome(house, "sending")
        assert len(left) <= LANES, "more in doubt than letters were under way"
        assert by_outcome(house, "accepted") <= taken(world).keys(), "believed, and not so"

    dispatcher.hears("go")
    dispatcher.says()
    assert dispatcher.ended() == 0
    doubts = by_outcome(house, "in_doubt")
    assert doubts, "no kill met a letter on its way: this run shows nothing"
    assert by_outcome(house, "accepted") | doubts == everyone, "somebody is lost"
    assert max(taken(world).values()) == 1, "somebody was told twice without a decision"
    assert everyone - doubts <= taken(world).keys()
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.SENDING

    for reference in doubts:
        arrived = reference in taken(world)
        decision = "accepted" if arrived else "resend"
        resolve(house.engine, OTTO, reference, decision, why="the relay's log")
    dispatcher.hears("go")
    dispatcher.says()
    assert dispatcher.ended() == 0
    assert taken(world) == dict.fromkeys(everyone, 1), "everyone, once"
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.FINISHED
    with house.engine.reading() as session:
        assert verify(session).sound
    assert len(house.acts("orphans-settled")) >= 5
