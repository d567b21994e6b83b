"""What each slot holds, worked out from the facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.words import MeasureCode, RemedyCode
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.slots import SLOTS, Occasion, Sender, slots_of
from tests.notices.conftest import KESTREL, LANGUAGES, TO_ADA, bare, facts_with, worded


def slots(facts: Facts, language: str = "en", **changed: Any) -> dict[str, Any]:
    return slots_of(facts, replace(TO_ADA, **changed), catalogue_of(language))


def asked(*items: ContentItem) -> frozenset[ContentItem]:
    return TO_ADA.content | set(items)


@pytest.mark.parametrize("facts", [bare(), facts_with()], ids=["nothing known", "all known"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_is_there_whatever_is_known(facts: Facts, language: str) -> None:
    assert set(slots(facts, language)) == SLOTS


def test_whom_to_ask_is_the_incidents_public_contact_then_its_main_one_then_ours() -> None:
    main = {"email": "main@kestrel.example"}
    facts = facts_with({"contacts.main": main})
    assert slots(facts)["contact"]["email"] == "incident@kestrel.example"
    facts = facts_with({"contacts.main": main}, without=("contacts.public",))
    assert slots(facts)["contact"]["email"] == "main@kestrel.example"
    assert slots(bare())["contact"]["email"] == KESTREL.contact_email
    assert slots(bare(), sender=Sender(organisation="K"))["contact"]["lines"] == []


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([{"where": "DE", "count": 1200}, {"where": "FR", "count": 34}], "1,234"),
        ([{"where": "DE", "count": {"value": 1200, "basis": "estimate"}}], "about 1,200"),
        ([{"where": "DE", "count": 1200}, {"where": "FR"}], ""),  # part of a sum is no sum
        ([{"where": "DE", "count": {"basis": "undetermined"}}], ""),
        ([], ""),
    ],
)
def test_the_number_of_people_is_said_where_every_place_has_one(
    people: list[Any], said: str
) -> None:
    content = asked(ContentItem.PEOPLE_NUMBER)
    assert slots(bare(people=people), content=content)["people"] == said
    assert slots(bare(people=people))["people"] == ""  # and only where a law asks for it


def test_a_hold_that_was_is_said_and_one_that_was_not_only_where_a_law_asks() -> None:
    held = bare(clocks={"hold_from": "2026-03-06", "hold_until": "2026-03-20"})
    assert slots(held)["hold"].endswith("They asked this between 6 March 2026 and 20 March 2026.")
    assert slots(bare())["hold"] == ""
    content = asked(ContentItem.HOLD_STATEMENT)
    assert slots(bare(), content=content)["hold"].startswith("This notice was not delayed")


@pytest.mark.parametrize(
    ("clocks", "day"),
    [
        ({"aware": "2026-03-06T10:25:00+08:00", "detected": "2026-03-05"}, "6 March 2026"),
        ({"discovered": "2026-03-07", "detected": "2026-03-05"}, "7 March 2026"),
        ({"detected": "2026-03-05"}, "5 March 2026"),
        ({"suspected": "2026-03-04"}, ""),
        ({"aware": "2026-03-06T01:00:00+08:00"}, "6 March 2026"),  # the 5th in UTC
    ],
)
def test_we_learned_of_it_on_the_day_it_was_where_we_were(clocks: dict[str, str], day: str) -> None:
    assert slots(bare(clocks=clocks))["learned_on"] == day


def test_what_was_done_and_what_is_planned_are_told_apart() -> None:
    text = {"en": "x", "zh-Hans": "甲"}
    facts = bare(measures=[
        {"text": text | {"en": "Done"}, "at": "2026-03-06"},
        {"text": text | {"en": "Done late"}, "at": "2026-03-06", "due": "2026-03-05"},
        {"text": text | {"en": "Planned"}, "due": "2026-04-30"},
        {"text": {"de": "Nur auf Deutsch"}, "at": "2026-03-06"},
    ])  # fmt: skip
    assert slots(facts)["measures_done"] == ["Done", "Done late"]
    assert slots(facts)["measures_planned"] == ["Planned"]
    assert slots(facts, "zh-Hans")["measures_planned"] == ["甲"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_measure_told_by_its_code_is_said_in_every_language(language: str) -> None:
    measures = [{"code": code, "at": "2026-03-06"} for code in MeasureCode]
    ours = catalogue_of(language).words["measure"]
    assert slots(bare(measures=measures), language)["measures_done"] == [*ours.values()]


def test_what_is_only_planned_is_not_told_as_done() -> None:
    planned = [{"code": code, "due": "2026-04-30"} for code in ("less-data", "rebuilding")]
    found = slots(bare(measures=planned))
    assert found["measures_done"] == []
    assert found["measures_planned"] == [catalogue_of("en").words["measure"]["rebuilding"]]
    in_words = [{"code": "less-data", "text": {"en": "We will delete it"}, "due": "2026-04-30"}]
    assert slots(bare(measures=in_words))["measures_planned"] == ["We will delete it"]


def test_what_somebody_wrote_of_a_measure_goes_before_our_words_for_it() -> None:
    facts = bare(measures=[{"code": "reset", "text": {"en": "Reset on 6 March"}}])
    assert slots(facts)["measures_done"] == ["Reset on 6 March"]
    assert slots(facts, "de")["measures_done"] == [catalogue_of("de").words["measure"]["reset"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_by_its_code_is_made_in_every_language_with_how_to_take_it(language: str) -> None:
    ours = dict(catalogue_of(language).words["remedy"])
    found = slots(bare(remedies=[*RemedyCode]), language)
    assert found["remedies"] == [ours.pop("how")]
    assert found["remedies_offered"] == [*ours.values()]
    written = bare(remedies=["losses"], story={language: {"remedies": "Ask us."}})
    assert slots(written, language)["remedies"] == ["Ask us."]
    assert slots(written, language)["remedies_offered"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_involved_is_said_by_name_where_somebody_made_sure_of_it(
    language: str,
) -> None:
    catalogue = catalogue_of(language)
    facts = facts_with({"data.not_involved": ["payment_card", "password"]})
    names = [catalogue.type_name("password"), catalogue.type_name("payment_card")]
    assert slots(facts, language)["not_involved"] == names
    said = worded(facts, language=language).text
    assert all(name in said for name in names)
    assert slots(facts_with(), language)["not_involved"] == []


def test_what_a_law_forbids_to_name_is_not_named_as_left_out_either() -> None:
    facts = facts_with({"data.not_involved": ["password"]})
    forbidden = frozenset({ContentItem.DATA_TYPES})
    assert slots(facts, forbidden=forbidden)["not_involved"] == []


def test_a_kind_of_data_cannot_be_involved_and_not_involved() -> None:
    with pytest.raises(
        BadFile, match=r"data\.not_involved: name, and data\.types says the opposite"
    ):
        bare(data={"types": ["name", "email"], "not_involved": ["name"]})


def test_what_was_lost_and_is_in_a_backup_frightens_nobody() -> None:
    stolen_and_lost = {"kinds": ["confidentiality", "availability"]}
    kept = slots(bare(data={"types": ["photo"], "backup": True}, **stolen_and_lost))["types"]
    gone = slots(bare(data={"types": ["photo"], "backup": False}, **stolen_and_lost))["types"]
    only = slots(bare(kinds=["confidentiality"], data={"types": ["photo"]}))["types"]
    assert kept == only != gone


def test_the_office_for_card_fraud_is_named_to_those_whose_card_it_was() -> None:
    def offices(*types: str) -> str:
        found = slots(facts_with(), country="FR", data_types=types)["places"]
        return " ".join(each["name"] for each in found)

    assert "Perceval" in offices("payment_card")
    assert "Perceval" not in offices("name", "email")
    assert "THESEE" in offices("name", "email")


def test_three_steps_at_most_are_for_now_and_the_rest_of_them_for_today() -> None:
    found = slots(facts_with(), data_types=("password", "bank_account", "phone"))
    assert [len(found["steps_now"]), bool(found["steps_today"])] == [3, True]
    few = slots(facts_with(), data_types=("name",))
    assert (len(few["steps_now"]), few["steps_today"]) == (3, [])


def test_settings_with_hidden_marks_and_line_breaks_are_made_one_plain_line() -> None:
    sender = Sender(organisation="Kestrel\u202e\nCloud", address="1 Harbour\r\nRoad", website=" w ")
    occasion: Occasion = replace(TO_ADA, sender=sender)
    found = slots_of(bare(), occasion, catalogue_of("en"))
    assert (found["organisation"], found["address"], found["website"]) == (
        "Kestrel Cloud", "1 Harbour Road", "w",
    )  # fmt: skip
