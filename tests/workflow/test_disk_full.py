"""The disk is full in the middle of a dispatch: nothing leaves unbooked, and nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from incident_engine.domain.errors import Unreachable
from incident_engine.domain.words import CampaignState, ChannelName
from incident_engine.store.journal import verify
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.resolve import resolve
from tests.cast import INCIDENT, OTTO, House

LANES, CROWD = 2, 120


@contextmanager
def room_for(house: House, pages: int) -> Iterator[None]:
    """The database may grow by so many pages and no further: SQLite's own "disk is full"."""

    def limit(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # sqlite3.Connection
        [now] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={now + pages}")
        cursor.close()

    engine = house.engine.database.engine
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)


def told_of(house: House) -> str:
    """Deliver as far as it goes, and what kept it from going on."""
    try:
        return " ".join(map(str, deliver(house.engine, OTTO, INCIDENT).hindered))
    except Unreachable as error:
        return str(error)


@pytest.mark.parametrize("pages", [0, 1, 2, 5, 9, 14])
def test_nothing_leaves_unbooked_and_when_there_is_room_it_goes_on(
    house: House, pages: int
) -> None:
    rows = "".join(f"{n},Ada {n},p{n:03d}@people.example,,DE,en\n" for n in range(CROWD))
    house.launched(f"id,name,email,phone,where,language\n{rows}", [ChannelName.EMAIL])
    with room_for(house, pages):
        hindered = told_of(house)
    assert "the database: did not answer (database or disk is full)" in hindered
    left = len(house.mail.written)
    assert left < CROWD, "there was room for all: this run shows nothing"
    booked = {"accepted", "sending", "in_doubt"}
    assert left <= sum(number for name, number in house.outcomes().items() if name in booked)

    deliver(house.engine, OTTO, INCIDENT)
    doubts = [each for each in house.deliveries() if each.outcome == "in_doubt"]
    assert len(doubts) <= LANES
    for each in doubts:
        arrived = any(each.reference.encode() in path.read_bytes() for path in house.mail.written)
        decision = "accepted" if arrived else "resend"
        resolve(house.engine, OTTO, each.reference, decision, why="the relay's record")
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"accepted": CROWD}
    assert len(house.mail.written) == CROWD, "everyone, once"
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.FINISHED
    with house.engine.reading() as session:
        assert verify(session).sound
