"""What a notice lacks is found before anybody approves it, with the command that supplies it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from incident_engine.domain.errors import Fault
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.keys import parse_value
from incident_engine.domain.facts.words import RemedyCode
from incident_engine.domain.law.check import check
from incident_engine.domain.law.content import PROMISED, ContentItem
from incident_engine.domain.law.playbook import Playbook
from incident_engine.intake.playbook_file import read_playbooks
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.content_check import FILLABLE, PARTS, missing
from incident_engine.notices.slots import Occasion, Sender
from incident_engine.settings import setting_names, shipped
from tests.notices.conftest import (
    KESTREL,
    LANGUAGES,
    TO_ADA,
    TO_ALL,
    TOLD,
    bare,
    facts_with,
    worded,
)

COMMAND = re.compile(r'Run `incident-engine incident fact (\S+) ([^=\s]+)="([^"]*)"`\.')
UNKNOWN_TO_ALL = ("story.en.{part}", "story.zh-Hans.{part}")


def lacks(
    facts: Facts, language: str = "en", occasion: Occasion = TO_ADA, *, templates: str = ""
) -> list[Fault]:
    return missing(facts, occasion, catalogue_of(language, templates))


def told(*parts: str) -> tuple[str, ...]:
    """The keys of these parts of the story, in both languages."""
    return tuple(key.format(part=part) for part in parts for key in UNKNOWN_TO_ALL)


@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("occasion", [TO_ADA, TO_ALL, replace(TO_ADA, guardian=True)])
def test_the_copied_customer_list_lacks_nothing(language: str, occasion: Occasion) -> None:
    assert lacks(facts_with(), language, occasion) == []


BY_CODE = bare(
    kinds=["confidentiality"],
    cause={"scenario": "ransomware", "exfiltrated": True},
    data={"types": ["name", "email"]},
    consequences={"kinds": ["phishing"]},
    measures=[{"code": "cut-off", "at": "2026-03-06"}, {"code": "rebuilding", "due": "2026-04-30"}],
    remedies=["helper", "losses"],
    contacts={"public": {"email": "incident@kestrel.example"}},
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_incident_told_by_codes_alone_is_told_whole_in_every_language(language: str) -> None:
    assert lacks(BY_CODE, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_an_offer_of_monitoring_names_an_identity_service(language: str) -> None:
    asked = replace(TO_ADA, content=frozenset({ContentItem.IDENTITY_SERVICE}))
    for code in RemedyCode:
        named = not lacks(bare(remedies=[code]), language, asked)
        assert named is code.value.startswith("monitoring")


# For each promised part: what must be unknown for it to be missing, and the key asked for.
LEFT_OUT: dict[ContentItem, tuple[tuple[str, ...], str]] = {
    ContentItem.DATA_TYPES: (("data.types",), "data.types"),
    ContentItem.CAUSE: ((*told("cause"), "cause.scenario", "cause.action"), "story.{}.cause"),
    ContentItem.BASIC_SITUATION: ((*told("summary"), "kinds"), "story.{}.summary"),
    ContentItem.POSSIBLE_IMPACT: (
        (*told("consequences"), "consequences.kinds"),
        "story.{}.consequences",
    ),
    ContentItem.MEASURES: ((*told("measures"), "measures"), "story.{}.measures"),
    ContentItem.REMEDIES: (told("remedies"), "story.{}.remedies"),
    ContentItem.CONTACT: (("contacts.public", "contacts.main"), "contacts.public.email"),
}
NOBODY = Sender(organisation="Kestrel Cloud")


@pytest.mark.parametrize("item", LEFT_OUT)
@pytest.mark.parametrize("language", TOLD)
def test_one_missing_part_is_one_fault_with_the_command_that_supplies_it(
    item: ContentItem, language: str
) -> None:
    unknown, key = LEFT_OUT[item]
    occasion = replace(TO_ADA, data_types=(), sender=NOBODY)
    [fault] = lacks(facts_with(without=unknown), language, occasion)
    assert fault.code == "missing-part"
    assert fault.place == f"notice in {language}, {item}"
    assert fault.expected == key.format(language)
    command = COMMAND.fullmatch(fault.next_step)
    assert command
    assert command[1] == "INC-2026-0001"
    assert command[2] == fault.expected
    assert parse_value(command[2], command[3]) is not None


def test_harm_and_advice_come_from_the_kinds_of_data_and_are_missed_with_them() -> None:
    facts = facts_with(without=("data.types", "consequences", *told("consequences", "advice")))
    found = {
        f.place.partition(", ")[2] for f in lacks(facts, occasion=replace(TO_ADA, data_types=()))
    }
    assert found == {"data-types", "possible-harm", "possible-impact", "self-protection"}


def asked_by_a_law(*items: ContentItem) -> Occasion:
    return replace(TO_ADA, content=frozenset(items), sender=NOBODY, data_types=())


def test_what_a_law_asks_for_besides_is_missed_with_a_command_too() -> None:
    occasion = asked_by_a_law(*PARTS)
    for fault in lacks(bare(), occasion=occasion):
        if "--late-because" in fault.next_step:
            continue  # typed in tests/workflow
        if command := COMMAND.fullmatch(fault.next_step):
            assert parse_value(command[2], command[3]) is not None, fault
        else:
            name = re.fullmatch(r'Run `incident-engine config set (\S+) "…"`\.', fault.next_step)
            assert name, fault
            assert tuple(name[1].split(".")) in setting_names()


@pytest.mark.parametrize("law", read_playbooks(shipped("playbooks")), ids=lambda law: law.id)
def test_every_thing_that_a_shipped_law_asks_of_people_has_its_place(law: Playbook) -> None:
    found = check(law, today=date(2026, 11, 27), fillable=FILLABLE)
    assert [finding for finding in found if finding.is_fault] == []


def test_everything_we_promise_has_its_place() -> None:
    assert set(PROMISED) <= set(PARTS)


def test_the_number_of_people_is_asked_for_where_it_is_open() -> None:
    facts = facts_with({"people": [{"where": "FR", "count": 3}, {"where": "US-CA"}]})
    [fault] = lacks(facts, occasion=asked_by_a_law(ContentItem.PEOPLE_NUMBER))
    assert fault.expected == "people.US-CA.count"


@pytest.mark.parametrize("language", TOLD)
def test_an_offer_must_name_the_identity_service_where_a_law_wants_one(language: str) -> None:
    occasion = asked_by_a_law(ContentItem.IDENTITY_SERVICE)
    assert lacks(facts_with(), language, occasion) == []
    vague = facts_with({f"story.{language}.remedies": "A voucher. 优惠券。"})
    [fault] = lacks(vague, language, occasion)
    assert fault.found.startswith("it does not say which identity protection we pay for")


@pytest.mark.parametrize("nothing", ["…", "...", " \n ", "-", "\u200b", "？"])
def test_an_example_pasted_as_it_stands_says_nothing(nothing: str) -> None:
    facts = facts_with({"story.en.remedies": nothing})
    assert [fault.code for fault in lacks(facts)] == ["missing-part"]


@pytest.mark.parametrize(
    "contact", [{"name": "Ada"}, {"email": "…"}, {"name": "Ada", "phone": "-"}]
)
def test_a_contact_by_whom_nobody_can_be_reached_is_none(contact: dict[str, str]) -> None:
    facts = facts_with({"contacts.public": contact}, without=("contacts.main",))
    [fault] = lacks(facts, occasion=replace(TO_ADA, sender=NOBODY))
    assert fault.place == "notice in en, contact"


def test_the_organisations_own_contact_serves_where_the_incident_has_none() -> None:
    facts = facts_with(without=("contacts.public", "contacts.main"))
    assert lacks(facts, occasion=replace(TO_ADA, sender=KESTREL)) == []
    assert "help@kestrel.example" in worded(facts).text


def test_what_a_readers_own_row_says_cannot_be_denied_for_everybody() -> None:
    facts = facts_with({"data.not_involved": ["password", "payment_card"]})
    [fault] = lacks(facts, occasion=replace(TO_ADA, data_types=("name", "password")))
    assert (fault.code, fault.place) == ("contradicted", "notice in en, data.not_involved")
    assert "password" in fault.found


@pytest.mark.parametrize("known", ["contacts.dpo", "contacts.public", "contacts.main"])
def test_a_law_that_takes_another_contact_point_is_content_with_any_of_them(known: str) -> None:
    """GDPR Article 34(2) with 33(3)(b): the data protection officer *or other contact point*."""
    others = {"contacts.dpo", "contacts.public", "contacts.main"} - {known}
    facts = facts_with({known: {"email": "ask@kestrel.example"}}, without=tuple(others))
    assert lacks(facts, occasion=asked_by_a_law(ContentItem.CONTACT_POINT)) == []


def test_a_law_that_wants_somebody_to_ask_is_not_met_by_nobody() -> None:
    facts = facts_with(without=("contacts.dpo", "contacts.public", "contacts.main"))
    [fault] = lacks(facts, occasion=asked_by_a_law(ContentItem.CONTACT_POINT))
    assert fault.expected == "contacts.dpo.email"


def test_a_law_that_wants_the_officer_is_not_met_by_another_contact() -> None:
    """GB/T 35273 10.2 b: the person in charge of personal information protection."""
    facts = facts_with(
        {"contacts.public": {"email": "ask@kestrel.example"}}, without=("contacts.dpo",)
    )
    [fault] = lacks(facts, occasion=asked_by_a_law(ContentItem.DPO_CONTACT))
    assert fault.found == "it does not say the data protection officer"


# --- an organisation's own template ---------------------------------------------------------


def test_a_template_of_our_own_that_leaves_a_part_out_is_caught(tmp_path: Path) -> None:
    text = (shipped("templates") / "notices/en/notice.txt").read_text("utf-8")
    loop = "{% for line in remedies %}\n{{ line }}\n{% endfor %}\n"
    loop += "{% for line in remedies_offered %}\n- {{ line }}\n{% endfor %}\n"
    assert loop in text
    (tmp_path / "en").mkdir()
    (tmp_path / "en/notice.txt").write_text(text.replace(loop, ""), "utf-8")
    [fault] = lacks(facts_with(), templates=str(tmp_path))
    assert (fault.code, fault.place) == ("no-slot", "notice in en, remedies")
    assert fault.next_step == "Add it to en/notice.txt."
    assert "remedies" in fault.expected


@pytest.mark.parametrize("item", PROMISED)
def test_a_template_that_says_nothing_lacks_every_promised_part(
    item: ContentItem, tmp_path: Path
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/notice.txt").write_text("= Sorry\n{{ organisation }} is sorry.\n", "utf-8")
    found = lacks(facts_with(), templates=str(tmp_path))
    assert f"notice in en, {item}" in {fault.place for fault in found}
    assert {fault.code for fault in found} == {"no-slot"}
