"""A small law, made of the parts a test is about."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Obligation
from incident_engine.domain.law.faults import parse_playbook
from incident_engine.domain.law.playbook import Playbook

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD = """
format = 1
id = "{name}"
title = "A law"
version = "1"
place = "{place}"
zone = "{zone}"
from = 2000-01-01
[review]
read_on = 2026-11-23
read_next = 2027-05-23
[sources]
act = {{ short = "Act", title = "An Act", url = "https://example.org/act" }}
{more}
[scope]
territory = ["{place}"]
says = "Something happened."
source = "act 1"
evidence = "verified"
[[obligation]]
id = "duty"
title = "Tell"
audience = "regulator"
says = "Tell."
source = "act 2"
evidence = "verified"
{duty}
"""
ZONES = {"DE": "Europe/Berlin", "US-VT": "America/New_York", "JP": "Asia/Tokyo",
         "BR": "America/Sao_Paulo", "US": "America/New_York", "CN": "Asia/Shanghai",
         "US-MD": "America/New_York", "EU": "Europe/Brussels"}  # fmt: skip


def law(
    duty: str, *, place: str = "DE", more: str = "", after: str = "", name: str = "xx-law"
) -> Playbook:
    """A law of one duty, and whatever tables are said after it."""
    text = HEAD.format(name=name, place=place, zone=ZONES[place], duty=duty, more=more)
    return parse_playbook(tomllib.loads(text + after), place="xx-law.toml")


def asked(book: Playbook, facts: Mapping[str, Any], now: datetime = NOW) -> Assessment:
    """What the law says of facts; somebody lives in its place unless the facts say otherwise."""
    people = {"people": [{"where": "DE" if book.place == "EU" else book.place, "count": 5}]}
    return assess(parse_facts(people | dict(facts)), [book], now=now)


def duty_of(book: Playbook, facts: Mapping[str, Any], now: datetime = NOW) -> Obligation:
    """Its duty."""
    return next(d for d in asked(book, facts, now).obligations if d.id == "duty")


def due_of(book: Playbook, facts: Mapping[str, Any], now: datetime = NOW) -> str | None:
    """When its duty is due, or None."""
    due = duty_of(book, facts, now).due
    return due.at.isoformat() if due and due.at else None
