"""Whom nobody can write to is called: the list goes out, and every call is booked by name."""

from __future__ import annotations

import csv
import io

import pytest

from incident_engine.channels.by_hand import COLUMNS
from incident_engine.domain.errors import BadFile, BadInput, NotFound
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store.tables import Delivery
from incident_engine.workflow.dispatch.call_people import book_call, book_calls, list_calls
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.launch import pause
from incident_engine.workflow.proof.was_told import was_told
from tests.cast import INCIDENT, OTTO, House

PLAN = (ChannelName.EMAIL, ChannelName.BY_HAND)
BO, DI = "薄一波", "Di Marsh"


def to_call(house: House) -> dict[str, dict[str, str]]:
    content, people = list_calls(house.engine, OTTO, INCIDENT)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == people
    return {row["name"]: row for row in rows}


def filled(*rows: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def said(row: dict[str, str], outcome: str) -> dict[str, str]:
    return row | {"outcome": outcome, "who": "Ines", "when": "6 March, 14:05"}


def by_hand(house: House) -> list[Delivery]:
    return [each for each in house.deliveries() if each.channel == ChannelName.BY_HAND]


def test_those_without_an_address_and_those_whose_mail_came_back_are_on_the_list(
    house: House,
) -> None:
    house.sent(plan=PLAN)
    assert set(to_call(house)) == {BO, DI}
    assert house.outcomes() == {"accepted": 1, "undeliverable": 1, "pending": 2}
    [entry] = house.acts("calls-listed")
    assert '"people":2' in entry.body


def test_a_list_filled_in_ends_each_delivery_by_its_word_with_who_called_and_when(
    house: House,
) -> None:
    house.sent(plan=PLAN)
    rows = to_call(house)
    sheet = filled(said(rows[BO], "reached"), said(rows[DI], "no answer"))
    booked = book_calls(house.engine, OTTO, INCIDENT, sheet, name="calls.csv")
    assert (booked.new, booked.changed) == (2, 2)
    assert sorted(each.outcome for each in by_hand(house)) == ["delivered", "unanswered"]
    [told] = was_told(house.engine, OTTO, INCIDENT, "2")["people"]
    [notice] = told["told"]
    assert (notice["channel"], notice["outcome"]) == ("by-hand", "delivered")
    [call] = notice["tries"]
    assert call["reply"] == "reached; called by Ines, 6 March, 14:05"
    assert finish(house.engine, OTTO, INCIDENT).state == CampaignState.FINISHED


def test_who_did_not_answer_is_called_again_and_is_told_then(house: House) -> None:
    house.sent(plan=PLAN)
    rows = to_call(house)
    sheet = filled(said(rows[DI], "no answer"), rows[BO])
    book_calls(house.engine, OTTO, INCIDENT, sheet, name="calls.csv")
    assert set(to_call(house)) == {BO, DI}, "Bo was not called yet, Di did not answer"
    row = book_call(house.engine, OTTO, rows[DI]["reference"], "reached", who="Otto", when="18:30")
    assert row.outcome == Outcome.DELIVERED
    assert set(to_call(house)) == {BO}


def test_the_same_list_handed_in_twice_changes_nothing_the_second_time(house: House) -> None:
    house.sent(plan=PLAN)
    sheet = filled(*(said(row, "reached") for row in to_call(house).values()))
    book_calls(house.engine, OTTO, INCIDENT, sheet, name="calls.csv")
    again = book_calls(house.engine, OTTO, INCIDENT, sheet, name="calls.csv")
    assert again.changed == 0
    assert {each.outcome for each in by_hand(house)} == {"delivered"}
    assert {each.attempts for each in by_hand(house)} == {1}


def test_a_call_that_was_made_counts_also_while_the_campaign_is_paused(house: House) -> None:
    house.sent(plan=PLAN)
    row = to_call(house)[BO]
    pause(house.engine, OTTO, INCIDENT, why="the hotline is not staffed")
    told = book_call(house.engine, OTTO, row["reference"], "reached", who="Ines", when="14:05")
    assert told.outcome == Outcome.DELIVERED


def test_no_wire_ever_takes_a_delivery_by_hand(house: House) -> None:
    house.sent(plan=PLAN)
    deliver(house.engine, OTTO, INCIDENT)
    assert {each.outcome for each in by_hand(house)} == {"pending"}
    assert house.sms.written == []


def test_one_wrong_line_and_nothing_of_the_list_counts(house: House) -> None:
    house.sent(plan=PLAN)
    rows = to_call(house)
    sheet = filled(said(rows[BO], "reached"), said(rows[DI], "perhaps"))
    with pytest.raises(BadFile):
        book_calls(house.engine, OTTO, INCIDENT, sheet, name="calls.csv")
    assert {each.outcome for each in by_hand(house)} == {"pending"}


def test_a_call_needs_a_word_a_name_and_a_time(house: House) -> None:
    house.sent(plan=PLAN)
    reference = to_call(house)[BO]["reference"]
    for outcome, who, when in (("told", "Otto", "1"), ("reached", "", "1"), ("reached", "O", "")):
        with pytest.raises(BadInput):
            book_call(house.engine, OTTO, reference, outcome, who=who, when=when)
    assert {each.outcome for each in by_hand(house)} == {"pending"}


def test_a_mail_is_no_call(house: House) -> None:
    house.sent(plan=PLAN)
    [mail] = [each for each in house.deliveries() if each.outcome == Outcome.ACCEPTED]
    with pytest.raises(NotFound, match="travels by email"):
        book_call(house.engine, OTTO, mail.reference, "reached", who="Otto", when="now")


def test_where_nobody_waits_there_is_no_list(house: House) -> None:
    house.sent(plan=[ChannelName.EMAIL])
    with pytest.raises(NotFound, match="nobody waits"):
        list_calls(house.engine, OTTO, INCIDENT)
