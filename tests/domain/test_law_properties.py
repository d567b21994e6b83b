"""What holds of every law over every incident: the properties a lawyer would take for granted."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.facts.moments import read_moment
from incident_engine.domain.facts.words import Actor, Intent, Kind, Recipient, Scenario, Sector
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment
from incident_engine.domain.places import REGIONS, WORLD
from incident_engine.intake.playbook_file import read_playbooks

LAWS = read_playbooks(Path(__file__).parents[2] / "playbooks")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWED = {"required", "open", "waiting", "postponed"}
ZONES = sorted(available_timezones())
# Somebody lives in the territory of every law there is.
EVERYWHERE = sorted(
    {place for law in LAWS for place in law.scope.territory if place not in {WORLD, *REGIONS}}
    | {"DE", "FR", "US"}
)
COUNTS = st.integers(1, 2000) | st.sampled_from([249, 250, 499, 500, 501, 999, 1000, 1001, 10_001])


def answer(facts: Mapping[str, Any], now: datetime = NOW) -> Assessment:
    return assess(parse_facts(facts), LAWS, now=now)


TYPES = sorted(DataType)
blocks = st.lists(st.sampled_from(EVERYWHERE), unique=True, max_size=4).flatmap(
    lambda places: st.tuples(
        *(
            st.fixed_dictionaries(
                {"where": st.just(place)},
                optional={"count": COUNTS, "minors": st.just(0)},
            )
            for place in places
        )
    )
)
incidents = st.fixed_dictionaries(
    {"people": blocks.map(list)},
    optional={
        "role": st.sampled_from(["controller", "joint-controller", "processor"]),
        "kinds": st.lists(st.sampled_from(list(Kind)).map(str), max_size=3),
        "internal_only": st.booleans(),
        "organisation": st.fixed_dictionaries({"country": st.sampled_from(["CN", "DE", "US"])},
            optional={"sectors": st.lists(st.sampled_from([s.value for s in Sector]), min_size=1,
                                          max_size=2, unique=True)}),
        "cause": st.fixed_dictionaries({}, optional={
            "scenario": st.sampled_from([s.value for s in Scenario]),
            "actor": st.sampled_from([a.value for a in Actor]),
            "intent": st.sampled_from([i.value for i in Intent]),
            "recipient": st.sampled_from([r.value for r in Recipient]),
            "exfiltrated": st.booleans(), "accessed": st.booleans(), "repeated": st.booleans(),
        }),
        "clocks": st.fixed_dictionaries({}, optional={
            "aware": st.just("2026-03-03T10:20:00+01:00"), "discovered": st.just("2026-03-03"),
            "assessed": st.just("2026-03-05"), "hold_from": st.just("2026-03-04"),
        }),
        "data": st.fixed_dictionaries({}, optional={
            "types": st.lists(st.sampled_from([t.value for t in TYPES]), unique=True, max_size=6),
            "encrypted": st.sampled_from([True, False, "partly"]), "key_taken": st.booleans(),
            "backup": st.booleans(),
        }),
        "finding": st.fixed_dictionaries({}, optional={
            "risk": st.sampled_from(["unlikely", "likely", "high"]),
            "significant_harm": st.booleans(),
        }),
    },
)  # fmt: skip
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def owed(found: Assessment) -> set[tuple[str, str, str]]:
    return {duty.key for duty in found.obligations if duty.status.value in OWED | {"prohibited"}}


@quickly
@given(incidents, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: dict[str, Any], order: random.Random) -> None:
    shuffled = deepcopy(facts)
    for several in (shuffled["people"], shuffled.get("data", {}).get("types", [])):
        order.shuffle(several)
    shuffled = dict(sorted(shuffled.items(), key=lambda _: order.random()))
    assert json.dumps(answer(facts).as_json()) == json.dumps(answer(shuffled).as_json())


@quickly
@given(incidents)
def test_more_people_never_remove_a_duty(facts: dict[str, Any]) -> None:
    more = deepcopy(facts)
    for block in more["people"]:
        if "count" in block:
            block["count"] *= 10
    assert owed(answer(facts)) <= owed(answer(more))


@quickly
@given(incidents)
def test_lost_encryption_never_removes_a_duty(facts: dict[str, Any]) -> None:
    bare = deepcopy(facts)
    bare.setdefault("data", {})["encrypted"] = False
    sealed = deepcopy(facts)
    sealed.setdefault("data", {}).update(encrypted=True, key_taken=False)
    assert owed(answer(sealed)) <= owed(answer(bare))


@quickly
@given(incidents, st.sampled_from([t.value for t in TYPES]))
def test_more_kinds_of_data_never_remove_a_duty(facts: dict[str, Any], more: str) -> None:
    """Only where some kind is known: what is not known may be anything, and a word narrows it."""
    types = facts.get("data", {}).get("types", [])
    if types:
        richer = facts | {"data": facts["data"] | {"types": [*types, more]}}
        assert owed(answer(facts)) <= owed(answer(richer))


@quickly
@given(incidents)
def test_the_same_facts_give_the_same_bytes(facts: dict[str, Any]) -> None:
    first, again = (json.dumps(answer(deepcopy(facts)).as_json()) for _ in range(2))
    assert first == again


@quickly
@given(incidents, st.sampled_from(ZONES))
def test_a_deadline_survives_a_round_trip_through_every_zone(
    facts: dict[str, Any], zone: str
) -> None:
    for duty in answer(facts).obligations:
        if duty.due and duty.due.at:
            there = duty.due.at.astimezone(ZoneInfo(zone))
            assert there == duty.due.at
            back = datetime.fromisoformat(there.isoformat()).astimezone(ZoneInfo(duty.due.zone))
            assert back.isoformat() == duty.due.at.isoformat()


@quickly
@given(incidents)
def test_no_clock_ends_before_it_starts(facts: dict[str, Any]) -> None:
    for duty in answer(facts).obligations:
        if duty.due and duty.due.at and duty.due.start:
            start = duty.due.start.partition(",")[0]  # "2026-12-31, the end of the year of …"
            assert duty.due.at >= read_moment(start).earliest


@quickly
@given(incidents)
def test_a_duty_is_never_due_before_its_clock_started(facts: dict[str, Any]) -> None:
    for duty in answer(facts).obligations:
        if duty.due and duty.due.at:
            assert duty.due.at > datetime(2026, 3, 3, tzinfo=UTC)


@quickly
@given(incidents)
def test_an_open_duty_always_says_what_to_find_out(facts: dict[str, Any]) -> None:
    for duty in answer(facts).obligations:
        assert duty.because or duty.asks
        assert duty.status.value != "open" or duty.asks
