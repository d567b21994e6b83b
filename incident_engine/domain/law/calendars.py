"""On which days a place works: public holidays, weekends, and China's worked weekend days.

The days come from the `holidays` library, which reads the states' own decrees. It is loaded only
where a law counts business days.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from incident_engine.domain.places import UNIONS, country_of


@dataclass(frozen=True)
class Closure:
    """Days of every year on which offices are shut: from (month, day) to (month, day), both in.

    `12-29..01-03` runs over the end of the year.
    """

    first: tuple[int, int]
    last: tuple[int, int]

    def covers(self, day: date) -> bool:
        """Whether offices are shut on a day."""
        found = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= found <= self.last
        return found >= self.first or found <= self.last


def read_closure(text: str) -> Closure:
    """`12-29..01-03`. Raises ValueError where it is not two days of a year."""
    first, dots, last = text.partition("..")
    if not dots:
        last = first
    days = [date.fromisoformat(f"2024-{day}") for day in (first, last)]  # a leap year
    return Closure((days[0].month, days[0].day), (days[1].month, days[1].day))


def working_days(place: str, closures: Sequence[Closure] = ()) -> Callable[[date], bool]:
    """Whether `place` (a country or a part of one) works on a day."""

    def works(day: date) -> bool:
        if any(closure.covers(day) for closure in closures):
            return False
        found = _year(place, day.year)
        return bool(found.is_working_day(day)) if found is not None else day.weekday() < 5

    return works


def remarks(place: str, first: date, last: date) -> tuple[str, ...]:
    """What a reader of a count from `first` to `last` in a place's calendar should know of it."""
    years = range(first.year, last.year + 1)
    if _year(place, first.year) is None:
        return (f"no calendar of public holidays is known for {place}: weekends only",)
    return tuple(
        f"the calendar of {place} for {year} is not final" for year in years
        if not _is_final(place, year)
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _year(place: str, year: int) -> Any:
    """The holidays of one year, or None where no calendar is known."""
    if place in UNIONS:
        return None
    country, _, part = place.partition("-")
    calendar = getattr(_library(), country, None)
    if calendar is None:
        return None
    subdivision = part if part in calendar.subdivisions else None
    return calendar(subdiv=subdivision, years=year, expand=False)


@cache
def _library() -> ModuleType:
    """`holidays`, of which a country's module is loaded when that country is asked for.

    The library names its countries lazily, but the first of them loads the package they stand in,
    which loads all 250: a second of every cold start. A bare package in its place does not.
    """
    import holidays

    name = f"{holidays.__name__}.countries"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [f"{folder}/countries" for folder in holidays.__path__]
        sys.modules[name] = package
    return holidays


@lru_cache(maxsize=1024)
def _is_final(place: str, year: int) -> bool:
    """Whether a year's days off were decreed, where they are decreed each year."""
    found = _year(place, year)
    if country_of(place) == "CN":  # the State Council names each year's days the November before
        return year in found.special_public_holidays
    return not any("estimated" in name.lower() for name in found.values())
