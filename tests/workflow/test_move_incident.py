"""An incident moves along its table alone, and of two who move it one is first."""

from __future__ import annotations

import json
import threading

import pytest

from incident_engine.domain.errors import IncidentEngineError, NotFound, NotPermitted, WrongMove
from incident_engine.domain.words import IncidentState
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.incidents.move_incident import move_incident, possible_moves
from tests.cast import EVE, INCIDENT, MAREN, OTTO, House


def test_a_move_is_one_row_and_one_entry(house: House) -> None:
    house.opened()
    move_incident(house.engine, OTTO, INCIDENT, "assess", why="logs are coming in")
    assert house.incident().state == IncidentState.ASSESSING
    [entry] = house.acts("incident-moved")
    assert json.loads(entry.body) == {
        "was": "detected", "now": "assessing", "why": "logs are coming in",
    }  # fmt: skip


def test_a_refused_move_names_the_possible_ones_and_what_each_lacks(house: House) -> None:
    house.opened()
    with pytest.raises(WrongMove) as refused:
        move_incident(house.engine, OTTO, INCIDENT, "close")
    said = str(refused.value)
    assert "no such move from detected" in said
    for words in ("assess", "confirm", "dismiss (lacks: a reason (--why); the facts say it is"):
        assert words in said
    assert house.acts("incident-moved") == []


@pytest.mark.parametrize("trigger", ["", "notified", "to_closed", "CONFIRM", "x" * 500])
def test_a_move_that_is_none_is_a_sentence(house: House, trigger: str) -> None:
    house.opened()
    with pytest.raises(WrongMove, match="Possible from detected"):
        move_incident(house.engine, OTTO, INCIDENT, trigger)


def test_notifying_needs_an_approved_notice(house: House) -> None:
    house.opened()
    move_incident(house.engine, OTTO, INCIDENT, "confirm")
    with pytest.raises(WrongMove, match="an approved notice"):
        move_incident(house.engine, OTTO, INCIDENT, "notify")


def test_closing_says_how_many_duties_are_left(house: House) -> None:
    house.sent()
    finish(house.engine, OTTO, INCIDENT)
    with pytest.raises(WrongMove, match=r"\d duties to be met, waived or decided"):
        move_incident(house.engine, OTTO, INCIDENT, "close")


def test_the_auditor_moves_nothing(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted, match="is not for a auditor"):
        move_incident(house.engine, EVE, INCIDENT, "assess")
    _, moves = possible_moves(house.engine, EVE, INCIDENT)
    assert all(any("to make it" in lack for lack in each.lacks) for each in moves)


def test_an_incident_nobody_opened_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match="incident list"):
        move_incident(house.engine, OTTO, "INC-1999-0001", "assess")


def test_of_many_who_move_at_once_exactly_one_is_first(house: House) -> None:
    house.opened()
    told: list[str] = []
    start = threading.Barrier(8)

    def move(number: int) -> None:
        start.wait()
        try:
            move_incident(house.engine, MAREN if number % 2 else OTTO, INCIDENT, "assess")
        except IncidentEngineError as error:
            told.append(error.code)
        else:
            told.append("moved")

    threads = [threading.Thread(target=move, args=(n,)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert told.count("moved") == 1
    assert set(told) <= {"moved", "no-such-move", "not-first"}
    assert len(house.acts("incident-moved")) == 1
    assert house.incident().version == 1
