"""The public page: approved words, nobody's name, up as long as a law wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput, NotApproved, NotFound, Refused
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.people.import_people import import_people
from incident_engine.workflow.public.announce import case_of, put_up, status, take_down
from incident_engine.workflow.watch import watch
from tests.cast import DOV, EVE, INCIDENT, OTTO, PEOPLE, House, document

MANY_CALIFORNIANS = [{"where": "US-CA", "count": 600_000}, {"where": "CN", "count": 1}]


def page_of(house: House) -> Path:
    return house.engine.home.folder / "announcement"


def words_on(house: House) -> str:
    return "\n".join(path.read_text() for path in sorted(page_of(house).rglob("*.html")))


def test_the_page_says_what_was_approved_in_every_language_of_the_people(house: House) -> None:
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    assert sorted(p.name for p in page_of(house).iterdir()) == [
        "announcement.json", "en", "feed.atom", "index.html", "zh-Hans",
    ]  # fmt: skip
    assert "A copy of our customer list was taken" in words_on(house)
    assert [e.act for e in house.acts()][-2:] == ["announcement-going-up", "announcement-put-up"]


def test_what_nobody_approved_does_not_go_up(house: House) -> None:
    house.prepared()
    with pytest.raises(NotApproved, match="second person"):
        put_up(house.engine, OTTO, INCIDENT)
    assert not page_of(house).exists()


def test_an_auditor_puts_nothing_up(house: House) -> None:
    house.approved()
    with pytest.raises(Refused, match="auditor"):
        put_up(house.engine, EVE, INCIDENT)


def test_nothing_goes_up_while_a_hold_stands(house: House) -> None:
    house.approved()
    duty = "us-ca/individuals/US-CA"
    settle(house.engine, DOV, INCIDENT, duty, Settlement(trigger="hold", why="the FBI asked"))
    with pytest.raises(Refused, match="held"):
        put_up(house.engine, OTTO, INCIDENT)
    assert not page_of(house).exists()


@pytest.mark.parametrize("slip", ["Ada Lovell saw it first.", "Write to ada@people.example."])
def test_a_page_that_names_one_of_the_people_does_not_go_up(house: House, slip: str) -> None:
    story = document()["story"]
    story["en"]["summary"] = slip
    house.approved(story=story)
    with pytest.raises(Refused, match="of an affected person") as refused:
        put_up(house.engine, OTTO, INCIDENT)
    assert "Lovell" not in str(refused.value)
    assert "ada@" not in str(refused.value)
    assert not page_of(house).exists()


def test_a_page_put_up_again_keeps_its_first_day(house: House) -> None:
    house.approved()
    first = put_up(house.engine, OTTO, INCIDENT)
    house.clock.passes(days=2)
    second = put_up(house.engine, OTTO, INCIDENT)
    assert second.id == first.id
    assert second.put_up_at == first.put_up_at


def test_once_an_hour_somebody_looks_whether_it_is_still_whole(house: House) -> None:
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    house.clock.passes(minutes=30)
    assert watch(house.engine).pages_changed == 0
    assert house.acts("announcement-stands") == []
    house.clock.passes(minutes=31)
    watch(house.engine)
    assert len(house.acts("announcement-stands")) == 1
    (page_of(house) / "en/index.html").write_text("defaced")
    house.clock.passes(hours=1)
    assert watch(house.engine).pages_changed == 1
    [entry] = house.acts("announcement-differs")
    assert "en/index.html changed" in entry.body
    assert status(house.engine, OTTO, INCIDENT)[0].differences == ("en/index.html changed",)


def test_the_laws_that_let_a_page_stand_in_are_named_with_their_days(house: House) -> None:
    open_incident(house.engine, OTTO, document(people=MANY_CALIFORNIANS), source="facts.toml")
    import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE))
    case = case_of(house.engine, OTTO, INCIDENT)
    california = [each for each in case.permissions if each.duty.startswith("us-ca/")]
    assert any(each.holds for each in california), "more than 500,000 people"


def test_the_dossier_counts_whom_nobody_reached_by_what_was_tried(house: House) -> None:
    house.sent()
    found = {
        (each.place, each.last): each.people
        for each in case_of(house.engine, OTTO, INCIDENT).unreached
    }
    assert found == {("DE", ""): 1}, "Cy has no address; Di was reached by text"


def test_it_comes_down_with_a_reason_and_leaves_a_trace(house: House) -> None:
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    with pytest.raises(BadInput, match="--why"):
        take_down(house.engine, OTTO, INCIDENT, why=" ", early=True)
    take_down(house.engine, OTTO, INCIDENT, why="everyone was reached", early=True)
    assert "This announcement was up from" in words_on(house)
    assert "A copy of our customer list" not in words_on(house)
    with pytest.raises(NotFound, match="no page up"):
        take_down(house.engine, OTTO, INCIDENT, why="again", early=True)


def test_it_stays_up_while_a_law_wants_it(house: House) -> None:
    house.approved(data={"types": ["name", "ssn"], "encrypted": False})
    record = [("people.US-CA.contactable", "0")]
    put_up(house.engine, OTTO, INCIDENT)
    record_facts(house.engine, OTTO, INCIDENT, record, why="no addresses")
    with pytest.raises(Refused, match="wants the page up until 2026-04-05"):
        take_down(house.engine, OTTO, INCIDENT, why="quiet now")
    house.clock.passes(days=31)
    take_down(house.engine, OTTO, INCIDENT, why="the days are over")


def test_a_folder_that_cannot_be_written_leaves_the_journal_saying_what_was_meant(
    house: House,
) -> None:
    house.approved()
    page_of(house).write_text("a file in the way")
    with pytest.raises(Exception, match="announcement"):
        put_up(house.engine, OTTO, INCIDENT)
    assert len(house.acts("announcement-going-up")) == 1
    assert house.acts("announcement-put-up") == []
