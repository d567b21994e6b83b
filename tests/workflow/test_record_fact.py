"""Facts are added, never overwritten, and each new one asks the law again at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident_engine.domain.errors import IncidentEngineError, NotPermitted
from incident_engine.domain.words import CampaignState, DutyStatus, ObligationState
from incident_engine.store import incidents
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.watch import watch
from tests.cast import DOV, EVE, INCIDENT, NOW, OTTO, House

AG = "us-ca/attorney-general/US-CA"


def answers(house: House, key: str) -> list[object]:
    with house.engine.reading() as session:
        history = incidents.fact_history(session, house.incident().id or 0)
    return [(each.value, each.said_by, each.why) for each in history if each.key == key]


def test_a_new_fact_needs_no_reason_and_a_correction_does(house: House) -> None:
    house.opened()
    record_facts(house.engine, OTTO, INCIDENT, [("data.backup", "true")], why="")
    with pytest.raises(IncidentEngineError, match="--why") as refused:
        record_facts(house.engine, OTTO, INCIDENT, [("data.backup", "false")], why="")
    assert refused.value.exit_status == 2
    record_facts(house.engine, DOV, INCIDENT, [("data.backup", "false")], why="it was empty")
    assert answers(house, "data.backup") == [
        ("true", "otto", ""), ("false", "dov", "it was empty"),
    ]  # fmt: skip


def test_unknown_takes_an_answer_back_and_keeps_it_on_record(house: House) -> None:
    house.opened()
    record_facts(house.engine, OTTO, INCIDENT, [("data.encrypted", "unknown")], why="not sure")
    assert [value for value, *_ in answers(house, "data.encrypted")] == ["false", None]
    with house.engine.reading() as session:
        known = dict(incidents.fact_pairs(session, house.incident().id or 0))
    assert "data.encrypted" not in known


def test_several_answers_are_kept_together_or_not_at_all(house: House) -> None:
    house.opened()
    before = house.rows()
    for wrong in (
        ("data.encryptid", "true"),
        ("data.encrypted", "perhaps"),
        ("people.DE.count", "-1"),
    ):
        with pytest.raises(IncidentEngineError) as refused:
            record_facts(
                house.engine, OTTO, INCIDENT, [("data.backup", "true"), wrong], why="looked again"
            )
        assert refused.value.exit_status == 2
    assert house.rows() == before


def test_facts_that_contradict_each_other_are_refused_together(house: House) -> None:
    house.opened()
    before = house.rows()
    with pytest.raises(IncidentEngineError):
        record_facts(
            house.engine, OTTO, INCIDENT,
            [("clocks.contained", "2020-01-01T00:00Z"), ("clocks.ended", "2019-01-01T00:00Z")],
            why="x",
        )  # fmt: skip
    assert house.rows() == before


def test_a_changed_fact_makes_the_prepared_notice_void(house: House) -> None:
    house.prepared()
    record_facts(house.engine, OTTO, INCIDENT, [("data.backup", "true")], why="found one")
    assert house.campaign().state == CampaignState.VOID


def test_a_duty_that_a_new_fact_brings_is_born_that_moment(house: House) -> None:
    house.opened()
    house.clock.passes(hours=5)
    changes = record_facts(
        house.engine, OTTO, INCIDENT, [("people.SG.count", "900")], why=""
    ).changes
    assert ("new", "sg-pdpa") in {(each.kind, each.playbook) for each in changes}
    born = {row.born_at for name, row in house.duties().items() if name.startswith("sg-pdpa")}
    assert born == {NOW + timedelta(hours=5)}
    assert house.duties()["eu-gdpr/authority/DE"].born_at == NOW


def test_a_lowered_figure_puts_the_duty_before_a_person_and_deletes_nothing(house: House) -> None:
    house.opened()
    count = len(house.duties())
    settle(
        house.engine,
        OTTO,
        INCIDENT,
        "eu-gdpr/authority/DE",
        Settlement(trigger="done", reference="A-17"),
    )
    changes = record_facts(
        house.engine, OTTO, INCIDENT, [("finding.risk", "unlikely")], why="the copy was encrypted"
    ).changes
    assert "doubted" in {each.kind for each in changes}
    duties = house.duties()
    assert len(duties) == count
    told = duties["eu-gdpr/individuals/DE"]
    assert (told.state, told.status) == (ObligationState.DOUBTED, DutyStatus.NOT_REQUIRED)
    assert duties["eu-gdpr/authority/DE"].state == ObligationState.MET, "what was done stays done"


def test_fewer_people_than_the_law_counts_puts_the_duty_in_doubt(house: House) -> None:
    house.opened()
    assert house.duties()[AG].state == ObligationState.OWED
    record_facts(house.engine, OTTO, INCIDENT, [("people.US-CA.count", "300")], why="counted")
    row = house.duties()[AG]
    assert row.status == DutyStatus.NOT_REQUIRED
    assert house.acts("assessed")[-1].body.count(AG.split("/")[1])


def test_a_deadline_that_moves_has_its_whole_ladder_before_it(house: House) -> None:
    house.opened()
    house.clock.passes(hours=68)  # less than three hours are left
    assert watch(house.engine).climbed >= 1
    assert house.duties()["eu-gdpr/authority/DE"].climbed == 4
    record_facts(
        house.engine, OTTO, INCIDENT, [("clocks.aware", "2026-03-08T10:25:00+08:00")],
        why="the first alert was another matter",
    )  # fmt: skip
    assert house.duties()["eu-gdpr/authority/DE"].climbed == 0
    house.clock.passes(hours=40)
    assert watch(house.engine).climbed >= 1
    assert house.duties()["eu-gdpr/authority/DE"].climbed == 3
    record_facts(
        house.engine, OTTO, INCIDENT, [("clocks.aware", "2026-03-06T10:25:00+08:00")],
        why="it was the same matter after all",
    )  # fmt: skip
    assert house.duties()["eu-gdpr/authority/DE"].climbed == 4, "these were told already"
    watch(house.engine)
    assert house.duties()["eu-gdpr/authority/DE"].climbed == 6


def test_the_auditor_records_nothing(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted):
        record_facts(house.engine, EVE, INCIDENT, [("data.backup", "true")], why="x")
