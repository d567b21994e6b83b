"""Two people stand behind every notice, and they stand behind exactly these bytes."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable

import pytest

from incident_engine.domain.errors import Conflict, NotApproved, NotFound, NotPermitted, Refused
from incident_engine.domain.words import CampaignState, ChannelName
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.engine import Actor
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.notices.approve import approve, reject
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from tests.cast import BOTH, DOV, EVE, INCIDENT, INES, MAREN, OTTO, PEOPLE, House

MORE_PEOPLE = "id,name,email,where,language\n9,Fay Lund,fay@people.example,DE,en\n"


def test_a_second_person_approves_and_the_journal_names_both(house: House) -> None:
    campaign = house.prepared()
    approve(house.engine, DOV, INCIDENT, campaign.sha256, why="read in both languages")
    assert house.campaign().state == CampaignState.APPROVED
    assert [(e.actor, e.subject) for e in house.acts("notice-prepared")] == [
        ("otto", campaign.sha256)
    ]
    assert [(e.actor, e.subject) for e in house.acts("notice-approved")] == [
        ("dov", campaign.sha256)
    ]


def test_whoever_prepared_it_cannot_approve_it_even_as_administrator(house: House) -> None:
    house.imported()
    campaign = prepare(house.engine, MAREN, INCIDENT, BOTH)
    with pytest.raises(NotPermitted, match="somebody else"):
        approve(house.engine, MAREN, INCIDENT, campaign.sha256)


def test_whoever_imported_the_people_cannot_approve_it_either(house: House) -> None:
    house.opened()
    import_people(house.engine, MAREN, INCIDENT, house.file(PEOPLE))
    campaign = prepare(house.engine, OTTO, INCIDENT, BOTH)
    with pytest.raises(NotPermitted, match="imported its people"):
        approve(house.engine, MAREN, INCIDENT, campaign.sha256)


@pytest.mark.parametrize("who", [OTTO, EVE])
def test_neither_responder_nor_auditor_judges_a_notice(house: House, who: Actor) -> None:
    campaign = house.prepared()
    with pytest.raises(NotPermitted, match="admin"):
        approve(house.engine, who, INCIDENT, campaign.sha256)


def corrects_a_fact(house: House) -> None:
    record_facts(house.engine, OTTO, INCIDENT, [("data.encrypted", "true")], why="the vendor's log")


def imports_somebody_more(house: House) -> None:
    import_people(house.engine, OTTO, INCIDENT, house.file(MORE_PEOPLE, "more.csv"))


@pytest.mark.parametrize("change", [corrects_a_fact, imports_somebody_more])
def test_what_changed_after_preparing_cannot_be_approved(
    house: House, change: Callable[[House], None]
) -> None:
    campaign = house.prepared()
    change(house)
    assert house.campaign().state == CampaignState.VOID
    with pytest.raises(Conflict, match="is void"):
        approve(house.engine, DOV, INCIDENT, campaign.sha256)


@pytest.mark.parametrize("change", [corrects_a_fact, imports_somebody_more])
def test_what_changed_after_approving_does_not_leave(
    house: House, change: Callable[[House], None]
) -> None:
    house.approved()
    change(house)
    with pytest.raises(NotApproved):
        launch(house.engine, OTTO, INCIDENT)
    assert house.deliveries() == []


def test_another_sender_than_the_approved_one_sends_nothing(house: House) -> None:
    house.approved()
    house.set(email_sender="support@elsewhere.example")
    with pytest.raises(Conflict, match="the sender was set differently"):
        launch(house.engine, OTTO, INCIDENT)
    assert house.mail.written == []


def test_a_law_file_edited_meanwhile_makes_the_notice_stale(house: House) -> None:
    from incident_engine.home import shipped

    laws = house.folder / "laws"
    shutil.copytree(shipped("playbooks"), laws)
    house.set(playbooks_folder=str(laws))
    campaign = house.prepared()
    with (laws / "eu-gdpr.toml").open("a") as file:
        file.write("\n# read again\n")
    house.set(playbooks_folder=str(laws))
    with pytest.raises(Conflict, match="a law file changed"):
        approve(house.engine, DOV, INCIDENT, campaign.sha256)


def test_a_duty_that_binds_other_readers_makes_the_notice_stale(house: House) -> None:
    """The people are the same and the facts are; who is owed which words is not."""
    from sqlmodel import text

    campaign = house.prepared()
    with house.engine.database.transaction() as session:
        session.execute(text("UPDATE obligation SET status = 'not-required' WHERE place = 'DE'"))
    with pytest.raises(Conflict, match="the laws changed"):
        approve(house.engine, DOV, INCIDENT, campaign.sha256)


def test_our_own_report_to_an_authority_does_not_make_the_notice_stale(house: House) -> None:
    campaign = house.prepared()
    done = Settlement(trigger="done", reference="A-17")
    settle(house.engine, OTTO, INCIDENT, "eu-gdpr/authority/DE", done)
    approve(house.engine, DOV, INCIDENT, campaign.sha256)
    assert launch(house.engine, OTTO, INCIDENT).deliveries == 3


def test_a_hash_that_nobody_froze_is_not_found(house: House) -> None:
    campaign = house.prepared()
    for wrong in ("0" * 64, campaign.sha256[:11], ""):
        with pytest.raises(NotFound, match="notice list"):
            approve(house.engine, DOV, INCIDENT, wrong)


def test_a_rejected_notice_stays_rejected_with_its_reason(house: House) -> None:
    campaign = house.prepared()
    reject(house.engine, DOV, INCIDENT, campaign.sha256, why="name the hotline")
    with pytest.raises(Conflict, match="is rejected"):
        approve(house.engine, INES, INCIDENT, campaign.sha256)
    assert "name the hotline" in house.acts("notice-rejected")[0].body


def test_preparing_again_makes_the_first_one_void(house: House) -> None:
    first = house.prepared()
    second = prepare(house.engine, OTTO, INCIDENT, [ChannelName.EMAIL])
    assert (second.number, second.sha256 != first.sha256) == (2, True)
    with pytest.raises(Conflict, match="is void"):
        approve(house.engine, DOV, INCIDENT, first.sha256)


def test_of_two_approvals_at_once_exactly_one_wins(house: House) -> None:
    campaign = house.prepared()
    told: list[str] = []
    start = threading.Barrier(2)

    def judge(actor: Actor) -> None:
        start.wait()
        try:
            approve(house.engine, actor, INCIDENT, campaign.sha256)
        except Refused as error:
            told.append(error.code)
        else:
            told.append("approved")

    threads = [threading.Thread(target=judge, args=(each,)) for each in (DOV, INES)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(told) == ["approved", "not-waiting"]
    assert len(house.acts("notice-approved")) == 1
