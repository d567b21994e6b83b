"""A duty's day is put off where its law allows it, by a person, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident_engine.domain.errors import BadFile, BadInput, NotPermitted, Refused
from incident_engine.workflow.incidents.extend_obligation import Postponement, extend
from tests.cast import EVE, INCIDENT, OTTO, House, typed

PEOPLE_CA = "us-ca/individuals/US-CA"
LATER = Postponement(until="2026-04-20", by="", why="two of nine systems are not searched yet")


def due(house: House, name: str) -> datetime | None:
    return house.duties()[name].due_at


def test_the_day_moves_and_the_record_says_who_moved_it_and_why(house: House) -> None:
    house.opened()
    before = due(house, PEOPLE_CA)
    row = extend(house.engine, OTTO, INCIDENT, PEOPLE_CA, LATER)
    assert before is not None
    assert row.due_at == datetime(2026, 4, 21, 6, 59, 59, tzinfo=UTC) > before
    assert "taken by otto: two of nine systems" in row.answer


def test_what_its_law_does_not_know_is_refused_and_nothing_is_written(house: House) -> None:
    house.opened()
    before = house.rows()
    with pytest.raises(Refused, match="knows no way"):
        extend(house.engine, OTTO, INCIDENT, "eu-gdpr/authority/DE", LATER)
    assert house.rows() == before


@pytest.mark.parametrize(
    ("what", "error", "said"),
    [
        (Postponement(until="2026-04-20", by="", why=" "), BadInput, "--why"),
        (Postponement(until="soon", by="", why="because"), BadFile, "2026-03-06"),
        (Postponement(until="2026-04-20", by="", why="so", ground="luck"), BadInput, "scope"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(
    house: House, what: Postponement, error: type[Exception], said: str
) -> None:
    house.opened()
    before = house.rows()
    with pytest.raises(error, match=said):
        extend(house.engine, OTTO, INCIDENT, PEOPLE_CA, what)
    assert house.rows() == before


def test_who_only_looks_moves_no_day(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted):
        extend(house.engine, EVE, INCIDENT, PEOPLE_CA, LATER)


def test_a_responder_reads_the_new_day(house: House) -> None:
    house.opened()
    seen = typed("obligation", "extend", INCIDENT, "us-ca/individuals", "--until", "2026-04-20",
                 "--why", "two of nine systems are not searched yet")  # fmt: skip
    assert (seen.status, seen.err) == (0, "")
    assert "us-ca/individuals/US-CA is due 2026-04-20 23:59 PDT." in seen.out
    assert "scope: an extension was taken by" in seen.out
