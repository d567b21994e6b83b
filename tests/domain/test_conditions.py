"""What a law file can ask: terms, lists of lists, shares, the smaller of two, categories."""

from __future__ import annotations

from typing import Any

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.domain.law.comparison import Range, read_comparison
from tests.domain.lawbook import asked, duty_of, law

DUE = '[[obligation.due]]\nfrom = 2000-01-01\nwords = "at once"\nafter = "aware"\n'


def when(condition: str, *, more: str = "") -> Any:
    return law(f"when = {condition}\n{DUE}", more=more)


def status(book: Any, facts: dict[str, Any]) -> str:
    found = [duty for duty in asked(book, facts).obligations if duty.id == "duty"]
    return found[0].status.value if found else "left out"


def people(**block: Any) -> dict[str, Any]:
    return {"people": [{"where": "DE", **block}]}


@pytest.mark.parametrize(
    ("text", "found", "holds"),
    [
        ("more than 500", (500, 500), False),
        ("more than 500", (501, 501), True),
        ("at least 500", (500, 500), True),
        ("at least 500", (400, 600), None),
        ("at least 500", (500, None), True),
        ("at least 500", (1, None), None),
        ("fewer than 10", (3, 9), True),
        ("fewer than 10", (3, None), None),
        ("fewer than 10", (10, None), False),
        ("at most 0", (0, 0), True),
        ("at most 0", (1, None), False),
    ],
)
def test_a_comparison_is_the_laws_own_word(
    text: str, found: tuple[int, int | None], holds: bool | None
) -> None:
    compares = read_comparison(text)
    assert compares is not None
    limit = compares.limit(lambda _: Range(0, None))
    assert compares.holds(Range(*found), limit) is holds


def test_five_percent_or_a_million_whichever_is_smaller() -> None:
    book = when(
        '{ people = "more than the smaller of 5 percent of organisation.size and 1000000" }'
    )
    size = {"organisation": {"size": 10_000}}
    assert status(book, people(count=501) | size) == "required"
    assert status(book, people(count=500) | size) == "left out"
    assert status(book, people(count=501)) == "open"
    assert status(book, people(count=1_000_001)) == "required"  # more than the million anyway
    assert "organisation.size" in duty_of(book, people(count=501)).asks


def test_a_share_of_those_we_serve_is_of_the_laws_own_territory() -> None:
    book = when('{ "people.users" = "more than 5 percent of people.served" }')
    here = {"where": "DE", "count": 60, "served": 1_000, "categories": {"users": 51}}
    abroad = {"where": "FR", "count": 0, "served": 1_000_000, "categories": {"users": 0}}
    assert status(book, {"people": [here, abroad]}) == "required"
    assert status(book, {"people": [here | {"categories": {"users": 50}}, abroad]}) == "left out"
    unserved = {name: value for name, value in here.items() if name != "served"}
    found = duty_of(book, {"people": [unserved]})
    assert (found.status, found.asks) == ("open", ("people.DE.served",))


def test_a_share_of_those_we_serve_everywhere() -> None:
    book = when('{ people = "more than 5 percent of people.served everywhere" }')
    here = {"where": "DE", "count": 60, "served": 1_000}
    assert status(book, {"people": [here]}) == "required"
    abroad = {"where": "FR", "count": 0, "served": 1_000}
    assert status(book, {"people": [here, abroad]}) == "left out"


def test_those_whose_sensitive_data_it_was_are_counted_apart() -> None:
    book = when('{ "people.sensitive" = "at least 100" }')
    assert status(book, people(count=900, sensitive=100)) == "required"
    assert status(book, people(count=900, sensitive=99)) == "left out"
    assert status(book, people(count=99)) == "left out"  # there are not as many people
    assert duty_of(book, people(count=900)).asks == ("people.DE.sensitive",)


def test_a_share_of_all_people_is_a_share_of_all_people() -> None:
    book = when('{ people = "at least 50 percent of people everywhere" }')
    both = [{"where": "DE", "count": 50}, {"where": "FR", "count": 50}]
    assert status(book, {"people": both}) == "required"
    both[0]["count"] = 49
    assert status(book, {"people": both}) == "left out"


def test_categories_and_those_nobody_can_reach_are_counted() -> None:
    patients = when('{ "people.patients" = "at least 10" }')
    assert status(patients, people(count=40, categories={"patients": 10})) == "required"
    assert status(patients, people(count=9)) == "left out"
    assert status(patients, people(count=40)) == "open"
    lost = when('{ "people.uncontactable" = "at least 10" }')
    assert status(lost, people(count=40, contactable=30)) == "required"
    assert status(lost, people(count=40, contactable=31)) == "left out"
    assert status(lost, people(count=40)) == "open"


def test_the_cost_of_telling_is_a_fact() -> None:
    book = when('{ "finding.notice_cost.USD" = "more than 250000" }')
    assert status(book, {"finding": {"notice_cost": {"USD": 250_001.0}}}) == "required"
    assert status(book, {"finding": {"notice_cost": {"EUR": 250_001.0}}}) == "open"


def test_a_grade_nobody_gave_is_none() -> None:
    book = when('{ grade = ["较大", "重大"] }')
    assert status(book, people(count=3, grade="较大")) == "required"
    assert status(book, people(count=3, grade="一般")) == "left out"
    assert status(book, people(count=3)) == "left out"


TERMS = """
[elements]
money = ["payment_card", "bank_account"]
listed = ["ssn", "@money", "@biometric"]
[terms]
named = { "data.types" = "name" }
information = { all = [{ term = "named" }, { "data.types" = "@listed" }] }
"""


@pytest.mark.parametrize(
    ("types", "said"),
    [
        (["name", "ssn"], "required"), (["name", "payment_card"], "required"),
        (["name", "iris"], "required"), (["ssn"], "left out"), (["name", "email"], "left out"),
        ([], "open"),
    ],
)  # fmt: skip
def test_a_term_is_said_once_and_used_by_name(types: list[str], said: str) -> None:
    book = when('{ term = "information" }', more=TERMS)
    assert status(book, {"data": {"types": types}}) == said


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ('[terms]\na = { term = "b" }\nb = { term = "a" }', "cycle"),
        ('[terms]\na = { term = "nothing" }', "unknown-term"),
        ('[elements]\na = ["@b"]\nb = ["@a"]', "cycle"),
        ('[elements]\na = ["sssn"]', "unknown-word"),
        ('[elements]\na = ["@nothing"]', "unknown-list"),
    ],
)
def test_a_term_or_list_that_leads_nowhere_is_refused(more: str, code: str) -> None:
    with pytest.raises(BadFile) as caught:
        law(DUE, more=more)
    assert code in {fault.code for fault in caught.value.faults}


def test_a_share_of_what_is_no_number_is_refused() -> None:
    with pytest.raises(BadFile) as caught:
        when('{ people = "more than 5 percent of data.types" }')
    assert caught.value.code == "unknown-fact"


TWICE = DUE + '[[obligation.due]]\nfrom = 2000-01-01\nwords = "later"\nafter = "aware"\n'
BOTH = (
    DUE
    + """
[obligation.content]
[obligation.content.required]
cause = "act 4"
[obligation.content.forbidden]
cause = "act 5"
"""
)


@pytest.mark.parametrize("text", [TWICE, BOTH], ids=["two versions of a day", "must and must not"])
def test_two_things_of_equal_rank_are_refused(text: str) -> None:
    with pytest.raises(BadFile) as caught:
        law(text)
    assert "equal-rank" in {fault.code for fault in caught.value.faults}
