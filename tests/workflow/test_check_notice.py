"""What a notice would be, looked at before anybody approves it."""

from __future__ import annotations

import json

import pytest

from incident_engine.domain.errors import Refused
from incident_engine.domain.words import CampaignState
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.check_notice import check_notice
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from tests.cast import BOTH, DOV, INCIDENT, OTTO, House, document

AMERICANS = """\
id,name,email,where,language
1,Ada Lovell,ada@people.example,US-CA,en
2,Mae Holt,mae@people.example,US-MA,en
"""
IN_BOTH = [{"where": "US-CA", "count": 700}, {"where": "US-MA", "count": 700}]
HEDGED = "Someone may have been able to see it. We take your privacy seriously."


def worded(house: House) -> dict[str, Wording]:
    """The newest frozen wordings, by group."""
    with house.engine.reading() as session:
        return {
            each.group: Wording.from_json(json.loads(each.body))
            for each in campaigns.wordings(session, house.campaign().id or 0)
        }


def for_place(house: House, state: str) -> Wording:
    return next(w for group, w in worded(house).items() if f"us-{state}" in group.split("/")[3])


def told(**changed: str) -> dict[str, dict[str, str]]:
    """The story in English, with parts of it changed or (empty) left out."""
    story = document()["story"]["en"] | changed
    return {"en": {part: text for part, text in story.items() if text}}


def test_two_laws_that_one_text_cannot_meet_give_two_texts_and_say_why(house: House) -> None:
    facts = document(people=IN_BOTH)
    facts["organisation"]["parent"] = "none"
    open_incident(house.engine, OTTO, facts, source="facts.toml")
    import_people(house.engine, OTTO, INCIDENT, house.file(AMERICANS))
    prepare(house.engine, OTTO, INCIDENT, BOTH)
    california, massachusetts = for_place(house, "ca"), for_place(house, "ma")
    assert "copy of our customer list was taken" in california.text
    assert "copy of our customer list was taken" not in massachusetts.text
    assert "was involved in a security incident" in massachusetts.text
    assert "police report" in massachusetts.text
    found = check_notice(house.engine, OTTO, INCIDENT)
    because = " ".join(why for variant in found.variants for why in variant.why)
    assert "us-ma forbids basic-situation" in because
    assert "title fixed by law: Notice of Data Breach" in because


def test_a_language_in_which_nobody_told_the_story_gives_way_and_is_counted(house: House) -> None:
    house.imported(story=told())
    found = check_notice(house.engine, OTTO, INCIDENT)
    assert found.faults == ()
    assert found.fallbacks["zh-Hans", "en"] == 1
    assert {each.language for each in found.readings} == {"en"}


def test_where_it_is_whole_in_no_language_what_is_missing_is_named(house: House) -> None:
    house.imported(story=told(remedies=""))
    found = check_notice(house.engine, OTTO, INCIDENT)
    assert [fault.place for fault in found.faults] == ["notice in en, remedies"]
    assert found.wordings == {}


def test_a_notice_that_is_hard_to_read_needs_a_reason(house: House) -> None:
    house.set(notices_findings_allowed="0")
    campaign = house.prepared(story=told(consequences=HEDGED))
    with pytest.raises(Refused, match="plain-language findings: 2 in en"):
        approve(house.engine, DOV, INCIDENT, campaign.sha256)
    approve(house.engine, DOV, INCIDENT, campaign.sha256, why="counsel wants these words")
    assert house.campaign().state == CampaignState.APPROVED


def test_each_finding_comes_with_a_better_sentence(house: House) -> None:
    house.imported(story=told(consequences=HEDGED))
    [reading] = check_notice(house.engine, OTTO, INCIDENT).readings
    assert {each.rule for each in reading.findings} == {"hedge", "soothing"}
    assert reading.level.holds


def test_a_late_notice_says_why(house: House) -> None:
    house.imported()
    reasons = {"en": "The vendor told us only in May."}
    prepare(house.engine, OTTO, INCIDENT, BOTH, late_because=reasons)
    english = next(w for w in worded(house).values() if w.language == "en" and not w.public)
    assert "later than the law asks, because:\n\nThe vendor told us only in May." in english.text


def test_a_second_notice_says_first_what_has_changed(house: House) -> None:
    house.sent()
    record_facts(
        house.engine, OTTO, INCIDENT, [("data.types", "name,email,national_id,phone")], why="logs"
    )
    campaign = prepare(house.engine, OTTO, INCIDENT, BOTH)
    english = next(w for w in worded(house).values() if w.language == "en" and not w.public)
    assert english.number == 2
    first = english.outline.sections[0]
    assert first.heading == "What Has Changed Since Our Last Notice"
    assert [item.text for item in first.items] == ["The list of the data involved has changed."]
    approve(house.engine, DOV, INCIDENT, campaign.sha256)
    launch(house.engine, OTTO, INCIDENT)
    deliver(house.engine, OTTO, INCIDENT)
    assert any("notice 2" in mail.get_content() for mail in mails(house))


def test_a_notice_rejected_before_anybody_got_it_is_not_counted_to_readers(house: House) -> None:
    house.prepared()
    prepare(house.engine, OTTO, INCIDENT, BOTH)
    assert {wording.number for wording in worded(house).values()} == {1}


def mails(house: House) -> list[object]:
    from email import message_from_bytes, policy

    return [
        message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        for path in sorted(house.mail.folder.glob("*.eml"))
    ]
