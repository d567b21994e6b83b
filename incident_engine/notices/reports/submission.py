"""What is particular to one filing and stands in no fact: which, when, what a person answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from incident_engine.domain.words import Phase


@dataclass(frozen=True, kw_only=True)
class Notified:
    """How far telling the people has come, as the deliveries show it."""

    people: int
    told: int
    channels: tuple[str, ...] = ()
    first_at: datetime | None = None
    announced_at: datetime | None = None
    sample: str = ""  # the notice's words, with nobody's data in them


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One version of one report. `at` is aware; `zone` (IANA) is the authority's.

    `answers` and `expected` are by field id: what a person answered, and by when they expect to
    know. `earlier` is the authority's reference of what was filed before; `in_time` says that
    something was filed before the term, so that what follows is not late. `filed` are the values
    that the authority has already, by field id: a form that takes only what is new leaves them out.
    """

    incident: str
    phase: Phase
    version: int
    at: datetime
    zone: str = "UTC"
    language: str = "en"
    earlier: str = ""
    in_time: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, date] = field(default_factory=dict)
    filed: Mapping[str, Any] = field(default_factory=dict)
    notified: Notified | None = None
