"""Was this person told? Asked by whatever the asker has, also when the list is gone."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from incident_engine.domain.errors import NotFound
from incident_engine.domain.notice_code import code_of
from incident_engine.workflow.dispatch.account import people_account
from incident_engine.workflow.notices.codes import code_key, notice_id
from incident_engine.workflow.proof.was_told import was_told
from tests.cast import EVE, INCIDENT, OTTO, House, typed

DI = "4"
ASKED = ["4", "di@people.example", "di@PEOPLE.example", "+4915123456789", "+49 151 2345 6789"]


def asked(house: House, what: str) -> dict[str, Any]:
    [found] = was_told(house.engine, EVE, INCIDENT, what)["people"]
    return dict(found)


def public_id(house: House, row: int) -> str:
    people = people_account(house.engine, OTTO, INCIDENT)["people"]
    return str(people[row]["person"])


def code(house: House, person: str) -> str:
    seal = house.engine.keyring.seal(house.incident().wrapped_key)
    return code_of(code_key(seal), notice_id(INCIDENT, house.campaign()), person)


def deleted(house: House) -> None:
    """What deleting the list leaves: rows with empty cells."""
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE person SET sealed = x''")


@pytest.mark.parametrize("list_is", ["kept", "deleted"])
@pytest.mark.parametrize("what", [*ASKED, "our id", "the code"])
def test_di_is_found_by_whatever_she_has_and_all_she_was_told_is_shown(
    house: House, what: str, list_is: str
) -> None:
    house.sent()
    di = public_id(house, 3)
    typed_ = {"our id": di, "the code": code(house, di).lower().replace("-", " ")}.get(what, what)
    if list_is == "deleted":
        deleted(house)
    found = asked(house, typed_)
    assert (found["person"], found["particulars"]) == (di, list_is)
    assert found["sentence"].startswith("Told: first taken by the other side 2026-03-06T04:00")
    mail, text = found["told"]
    assert (mail["channel"], mail["outcome"]) == ("email", "undeliverable")
    assert (text["channel"], text["outcome"]) == ("sms", "accepted")
    assert mail["tries"][0]["reply"].startswith("550")
    assert text["tries"][0]["their_reference"].startswith("SM")
    assert "test server" in mail["text"]
    assert mail["approved_by"] == ["dov"]
    assert ("Di Marsh" in mail["text"]) == (list_is == "kept")
    assert len(mail["address_hash"]) == 64


def destroyed(house: House) -> None:
    """What destroying the incident's key leaves: cells that nothing opens any more."""
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE incident SET wrapped_key = x''")


@pytest.mark.parametrize("what", ["our id", "the code"])
def test_without_the_incidents_key_an_id_of_ours_and_a_code_still_answer(
    house: House, what: str
) -> None:
    house.sent()
    di = public_id(house, 3)
    typed_ = {"our id": di, "the code": code(house, di)}[what]
    destroyed(house)
    found = asked(house, typed_)
    assert (found["person"], found["particulars"]) == (di, "deleted")
    assert found["sentence"].startswith("Told: first taken by the other side 2026-03-06T04:00")
    mail, text = found["told"]
    assert (mail["outcome"], text["outcome"]) == ("undeliverable", "accepted")
    assert "test server" in mail["text"]
    assert "Di Marsh" not in json.dumps(found)
    assert (mail["tries"][0]["code"], mail["tries"][0]["reply"]) == ("550", None)
    assert len(mail["tries"][0]["reply_digest"]) == 64
    assert "whose key was destroyed" in mail["text_note"]


@pytest.mark.parametrize("what", ASKED)
def test_without_the_incidents_key_numbers_and_addresses_find_nobody(
    house: House, what: str
) -> None:
    house.sent()
    destroyed(house)
    typed("deliveries", INCIDENT, "--person", what).must_be_one_sentence("knows nobody")
    typed("people", "list", INCIDENT).must_be_one_sentence("it was destroyed", "--person")


def test_the_exact_text_is_the_one_that_left(house: House) -> None:
    house.sent()
    [mail] = asked(house, "1")["told"]
    sent = next(p for p in house.mail.written if b"ada@people.example" in p.read_bytes())
    from email import message_from_bytes, policy

    body = message_from_bytes(sent.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    assert mail["text"].split() == str(body.get_content()).split()


def test_a_guardian_is_found_by_the_address_it_went_to(house: House) -> None:
    house.sent(
        "id,name,email,where,birth_date,guardian_name,guardian_email\n"
        "1,Mo Lind,mo@people.example,DE,2016-01-01,Ada Lind,ada@people.example\n"
    )
    for list_is in ("kept", "deleted"):
        if list_is == "deleted":
            deleted(house)
        [told] = asked(house, "ada@people.example")["told"]
        assert (told["addressee"], told["outcome"]) == ("guardian", "accepted")


def test_who_shares_an_address_is_answered_together(house: House) -> None:
    house.sent("id,name,email,where\n1,Ada,home@people.example,DE\n2,Bo,home@people.example,DE\n")
    found = was_told(house.engine, EVE, INCIDENT, "home@people.example")
    assert len(found["people"]) == 2


def test_whom_no_channel_reaches_was_not_told_and_the_page_is_named(house: House) -> None:
    house.sent()
    found = asked(house, "3")
    assert found["told"] == []
    assert "No notice was written" in found["sentence"]


def test_frozen_words_that_have_not_left_are_not_called_told(house: House) -> None:
    house.launched()
    found = asked(house, "1")
    assert found["sentence"] == "Not told as far as we know: pending."
    assert "none of them has left" in found["told"][0]["text_note"]


@pytest.mark.parametrize(
    "what", ["", "5", "nobody@people.example", "+4915199999999", "0000-0000-0000-0000", "%", "'--"]
)
def test_nobody_is_said_without_repeating_what_was_typed(house: House, what: str) -> None:
    house.sent()
    with pytest.raises(NotFound) as refused:
        was_told(house.engine, EVE, INCIDENT, what)
    if len(what) > 1:
        assert what not in str(refused.value)
    [entry] = house.acts("person-asked-about")
    assert json.loads(entry.body) == {"found": []}


def test_another_incidents_people_are_not_found(house: House) -> None:
    house.sent()
    house.opened()
    with pytest.raises(NotFound):
        was_told(house.engine, EVE, "INC-2026-0002", "di@people.example")


def test_asking_is_journaled_by_the_id_and_never_by_what_was_typed(house: House) -> None:
    house.sent()
    asked(house, "di@people.example")
    [entry] = house.acts("person-asked-about")
    assert json.loads(entry.body) == {"found": [public_id(house, 3)]}
    assert entry.actor == "eve"


def test_typed_it_is_read_by_people_and_programs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.sent()
    shown = typed("deliveries", INCIDENT, "--person", DI)
    assert shown.status == 0, shown.err
    assert "Told: first taken" in shown.out
    assert "by email to d…@p….example: undeliverable" in shown.out
    monkeypatch.setattr("sys.stdin", io.StringIO("di@people.example\n"))
    as_json = typed("deliveries", INCIDENT, "--person", "-", "--json")
    assert json.loads(as_json.out)["people"][0]["known_by"] == "an address or the code in a notice"
    none = typed("deliveries", INCIDENT, "--person", "nobody@people.example")
    assert none.status == 2
    none.must_be_one_sentence("knows nobody")
    assert "nobody@" not in none.err
