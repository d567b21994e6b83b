"""Facts are read strictly, and every fault is named by its key."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.countries import COUNTRIES, is_place
from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.data_types import GROUPS, SPECIAL_CATEGORIES, DataType, group_of
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.facts.words import Basis, Kind, OurRole

CASES = Path(__file__).parent.parent / "cases"
DOCUMENTS: list[dict[str, Any]] = [
    case["facts"]
    for name in ("verdicts.json", "deadlines.json")
    for case in json.loads((CASES / name).read_text("utf-8"))
]
COPIED_LIST: dict[str, Any] = {
    "format": 1,
    "title": "The copied customer list",
    "role": "controller",
    "kinds": ["confidentiality"],
    "confirmed": True,
    "organisation": {"name": "Kestrel Cloud", "country": "CN", "establishments": ["CN", "DE"]},
    "clocks": {
        "occurred_from": "2026-03-02T21:00:00+08:00",
        "aware": "2026-03-06T10:25:00+08:00",
        "hold_until": "2026-04-01",
    },
    "done": {"us-ca/individuals/notify": "2026-03-20T12:00:00-07:00"},
    "cause": {"scenario": "exfiltration", "exfiltrated": True},
    "data": {
        "types": ["name", "email"],
        "records": {"min": 900, "max": 1500},
        "encrypted": "partly",
    },
    "people": [
        {"where": "DE", "count": 1200, "estimate": True, "categories": {"customers": 1100}},
        {"where": "US-CA", "count": {"basis": "undetermined"}, "minors": 3},
    ],
    "finding": {"risk": "high", "notice_cost": {"USD": 300000}, "by": "Dov"},
    "contacts": {"dpo": {"name": "Dov Adler", "email": "dpo@example.com"}},
    "story": {"en": {"summary": "A copy was offered on a forum.\nIt was ours."}},
    "measures": [{"kind": "contain", "text": {"en": "Access closed"}, "at": "2026-03-06"}],
    "told": [{"who": "police", "where": "CN", "reference": "A-17"}],
}


def faults(document: Any) -> dict[str, Any]:
    with pytest.raises(BadFile) as caught:
        parse_facts(document)
    return {fault.place: fault for fault in caught.value.faults}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_published_case_is_read(document: dict[str, Any]) -> None:
    assert parse_facts(document).role is not None


def test_the_copied_customer_list_is_read_word_for_word() -> None:
    facts = parse_facts(COPIED_LIST)
    assert facts.role is OurRole.CONTROLLER
    assert facts.kinds == (Kind.CONFIDENTIALITY,)
    assert facts.clocks.aware is not None
    assert facts.clocks.aware.said == "2026-03-06T10:25:00+08:00"
    assert facts.clocks.aware.earliest == datetime(2026, 3, 6, 2, 25, tzinfo=UTC)
    assert facts.clocks.hold_until is not None
    assert facts.clocks.hold_until.day == date(2026, 4, 1)
    assert facts.people[0].count is not None
    assert facts.people[0].count.basis is Basis.ESTIMATE


def test_left_out_is_not_known_and_never_no() -> None:
    facts = parse_facts({})
    assert facts.confirmed is None
    assert facts.data.encrypted is None
    assert facts.people == ()
    assert parse_facts({"data": {"encrypted": None}}) == facts


def test_a_range_has_a_least_a_most_and_no_invented_middle() -> None:
    records = parse_facts(COPIED_LIST).data.records
    assert records is not None
    assert (records.least, records.most, records.best) == (900, 1500, 1500)
    assert records.basis is Basis.ESTIMATE
    uncounted = parse_facts(COPIED_LIST).people[1].count
    assert uncounted is not None
    assert (uncounted.least, uncounted.most, uncounted.best) == (None, None, None)


def test_every_fault_is_listed_with_its_path() -> None:
    found = faults(
        {"rol": "x", "confirmed": 1, "people": [{"where": "UK"}], "data": {"records": True}}
    )
    assert set(found) == {"rol", "confirmed", "people[0].where", "data.records"}
    assert found["people[0].where"].next_step == "Did you mean GB?"
    assert found["rol"].next_step == "Did you mean role?"


@pytest.mark.parametrize(
    ("document", "place", "code"),
    [
        ({"format": 2}, "format", "out-of-range"),
        ({"format": True}, "format", "wrong-kind"),
        ({"role": "controler"}, "role", "unknown-word"),
        ({"kinds": "confidentiality"}, "kinds", "wrong-kind"),
        ({"clocks": {"aware": "2026-03-06T10:25:00"}}, "clocks.aware", "no-offset"),
        ({"clocks": {"aware": datetime(2026, 3, 6, 10)}}, "clocks.aware", "no-offset"),  # noqa: DTZ001
        ({"clocks": {"aware": "2026-02-30"}}, "clocks.aware", "no-such-moment"),
        ({"clocks": {"aware": "2026-02-03T10:00:00+19:00"}}, "clocks.aware", "no-such-offset"),
        ({"clocks": {"aware": "9999-12-31"}}, "clocks.aware", "year-out-of-range"),
        ({"clocks": {"aware": 20260306}}, "clocks.aware", "not-a-moment"),
        ({"people": [{"where": "DE", "count": -1}]}, "people[0].count", "out-of-range"),
        ({"people": [{"where": "DE", "minors": 1.5}]}, "people[0].minors", "wrong-kind"),
        ({"people": [{"count": 3}]}, "people[0].where", "missing"),
        ({"people": [{"where": "DE"}, {"where": "DE"}]}, "people[1].where", "place-twice"),
        ({"people": [{"where": "US-XX"}]}, "people[0].where", "unknown-place"),
        ({"people": [{"where": "DE", "count": {"min": 5, "max": 3}}]},
         "people[0].count.min", "contradiction"),
        ({"people": [{"where": "DE", "count": 3, "minors": 4}]},
         "people[0].minors", "impossible-sum"),
        ({"people": [{"where": "DE", "minors": 3, "under_14": 4}]},
         "people[0].under_14", "impossible-sum"),
        ({"people": [{"where": "DE", "count": 3, "contactable": 4}]},
         "people[0].contactable", "impossible-sum"),
        ({"people": [{"where": "DE", "count": 3, "categories": {"users": 4}}]},
         "people[0].categories.users", "impossible-sum"),
        ({"data": {"types": ["name", "emial"]}}, "data.types[1]", "unknown-word"),
        ({"data": {"restored_hours": float("nan")}}, "data.restored_hours", "wrong-kind"),
        ({"data": {"encrypted": "maybe"}}, "data.encrypted", "wrong-kind"),
        ({"organisation": {"country": "US-CA"}}, "organisation.country", "unknown-country"),
        ({"done": {"us ca": "2026-01-01"}}, 'done."us ca"', "not-a-duty"),
        ({"title": "a\x00b"}, "title", "control-character"),
        ({"title": "a\r\nBcc: x"}, "title", "control-character"),
        ({"title": "a\ud800"}, "title", "control-character"),
        ({"story": {"en": {"summary": "x" * 65_537}}}, "story.en.summary", "too-long"),
        ({"told": [{}] * 10_001}, "told", "too-many"),
        ([], "facts", "wrong-kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(document: Any, place: str, code: str) -> None:
    assert faults(document)[place].code == code


def test_what_ends_before_it_begins_is_refused_but_days_may_touch() -> None:
    begun, later = "2026-03-06T10:00:00+08:00", "2026-03-05T10:00:00+08:00"
    for clock in ("occurred_until", "detected", "aware", "contained", "ended"):
        found = faults({"clocks": {"occurred_from": begun, clock: later}})
        assert found[f"clocks.{clock}"].code == "impossible-order"
    assert "clocks.hold_until" in faults({"clocks": {"hold_from": begun, "hold_until": later}})
    same_day = {"occurred_from": begun, "aware": "2026-03-06", "contained": "2026-03-06"}
    assert parse_facts({"clocks": same_day}).clocks.contained is not None


def test_it_may_be_contained_before_anybody_knew_what_it_was() -> None:
    clocks = {"aware": "2026-03-06T10:00:00+08:00", "contained": "2026-03-05T10:00:00+08:00"}
    assert parse_facts({"clocks": clocks}).clocks.aware is not None


def test_a_fault_does_not_repeat_an_address() -> None:
    [fault] = faults({"contacts": {"dpo": {"email": "ada@example.com\nx"}}}).values()
    assert "ada" not in str(fault)


def test_a_named_file_stands_before_the_path() -> None:
    with pytest.raises(BadFile) as caught:
        parse_facts({"rol": 1}, place="facts.toml")
    assert caught.value.place == "facts.toml: rol"


def test_every_code_belongs_to_one_group() -> None:
    assert sum(len(members) for members in GROUPS.values()) == len(DataType)
    assert {group_of(code) for code in DataType} == set(GROUPS)
    assert DataType.GENETIC in SPECIAL_CATEGORIES
    assert DataType.PAYMENT_CARD not in SPECIAL_CATEGORIES


def test_places_are_iso_3166() -> None:
    assert len(COUNTRIES) == 249
    assert all(map(is_place, ("US-PR", "CA-QC", "GB-SCT", "CN-GD", "HK")))
    assert not any(map(is_place, ("UK", "EU", "us", "US-", "CA-XX", "DE-bayern", "")))


ODD: list[Any] = [
    None, True, False, 0, -1, 1, 10**30, 10**400, 1.5, float("nan"), float("inf"), "", "x", "DE",
    "name", "true", "2026-01-01", "2026-01-01T00:00:00Z", "0000-00-00", "\x00", "\ud800",
    "x" * 70_000, [], [None], ["name"], [[]], {}, {"": None}, {"value": 1}, {"min": 2, "max": 1},
    date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), b"x", object(),
]  # fmt: skip


def _mutated(dice: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    changed = deepcopy(document)
    for _ in range(dice.randint(1, 4)):
        at: Any = changed
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys or dice.random() < 0.15:
                if isinstance(at, dict):
                    at[dice.choice(["where", "count", "x", "a.b", "en", "\udc00"])] = dice.choice(
                        ODD
                    )
                break
            key = dice.choice(keys)
            if isinstance(at[key], (dict, list)) and at[key] and dice.random() < 0.7:
                at = at[key]
                continue
            if dice.random() < 0.2:
                del at[key]
            else:
                at[key] = deepcopy(dice.choice(ODD[:-1])) if dice.random() < 0.95 else ODD[-1]
            break
    return changed


def test_a_damaged_document_is_read_or_refused_and_nothing_else() -> None:
    dice = random.Random(20260306)
    refused: list[BadFile] = []
    for _ in range(2_000):
        try:
            parse_facts(_mutated(dice, dice.choice([*DOCUMENTS, COPIED_LIST])))
        except BadFile as bad:
            refused.append(bad)
    faults = [fault for bad in refused for fault in bad.faults]
    assert all(fault.place and fault.found and fault.expected for fault in faults)
    assert all(json.dumps(bad.as_json()) and str(bad).encode() for bad in refused)
    assert 500 < len(refused) < 2_000
