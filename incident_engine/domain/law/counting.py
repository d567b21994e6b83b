"""When a period ends. Hours are elapsed time; days and months end with the day of a place.

Sources: Regulation (EEC, Euratom) 1182/71 Art 3 for days and months (the day of the event is not
counted; a month ends on the day of the same number, else on the last of the month); EDPB
Guidelines 9/2022 for hours (Friday 09:00 + 72 hours is Monday 09:00, whatever the weekend).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from incident_engine.domain.facts.moments import Moment

LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    """What a period is counted in."""

    MINUTES = "minutes"  # elapsed
    HOURS = "hours"  # elapsed
    DAYS = "calendar days"  # whole days of the place
    BUSINESS_DAYS = "business days"  # whole days on which the place works
    MONTHS = "months"  # by the number of the day
    YEARS = "years"  # twelve months each


_LONGEST = {
    Unit.MINUTES: 24 * 60,
    Unit.HOURS: 24 * 31,
    Unit.DAYS: 3_660,
    Unit.BUSINESS_DAYS: 366,
    Unit.MONTHS: 120,
    Unit.YEARS: 100,
}
_PERIOD = re.compile(
    r"(?P<length>\d{1,6}) (?P<unit>minute|hour|calendar day|business day|month|year)s?"
    r"(?P<inclusive>, counting the first day)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Period:
    """A length of time as a law says it. `inclusive`: the day of the event is day one."""

    length: int
    unit: Unit
    inclusive: bool = False

    @property
    def elapsed(self) -> bool:
        """Whether it is counted on the clock rather than on the calendar."""
        return self.unit in (Unit.MINUTES, Unit.HOURS)

    def __str__(self) -> str:
        unit = self.unit.value if self.length != 1 else self.unit.value.removesuffix("s")
        return f"{self.length} {unit}" + (", counting the first day" if self.inclusive else "")


def read_period(text: str) -> Period:
    """A period from its words: "72 hours", "1 month", "30 calendar days, counting the first day".

    Raises ValueError when it is not one, is zero, or is longer than any law's.
    """
    match = _PERIOD.fullmatch(text)
    if not match:
        raise ValueError(f"{text[:60]!r} is not a period")
    length, unit = int(match["length"]), Unit(f"{match['unit']}s")
    if not 0 < length <= _LONGEST[unit]:
        raise ValueError(f"{length} {unit} is not between 1 and {_LONGEST[unit]}")
    inclusive = match["inclusive"] is not None
    if inclusive and unit not in (Unit.DAYS, Unit.BUSINESS_DAYS):
        raise ValueError("only days can be counted with the first")
    if inclusive and length == 1:
        raise ValueError("a single day counted with the first could end before it starts")
    return Period(length, unit, inclusive)


@dataclass(frozen=True)
class Counted:
    """Where a count ended: `at` with the zone's own offset, and each step in words."""

    at: datetime
    steps: tuple[str, ...]


class Roll(StrEnum):
    """What becomes of a period whose last day is no working day."""

    END = "end of the next business day"  # Regulation 1182/71 Art 3(4)
    NOON = "noon of the next business day"  # Delegated Regulation 2025/301 Art 5(4)


def works_on_weekdays(day: date) -> bool:
    """The calendar of a place without holidays: Monday to Friday."""
    return day.weekday() < 5


def count(
    period: Period,
    start: Moment,
    zone: ZoneInfo,
    *,
    works: Callable[[date], bool] = works_on_weekdays,
) -> Counted:
    """The last instant of a period that starts with `start`, as `zone` shows it.

    `works` says on which days the place works; only business days ask it.
    """
    if period.elapsed:
        return _elapsed(period, start, zone)
    first, said = _first_day(start, zone)
    last = _last_day(period, first, works)
    ended = datetime.combine(last, LAST_SECOND, zone)
    counting = f"+ {period}, the last of which is {last} ({last:%A})"
    left_out = () if period.inclusive else (f"{first}, the day it starts, is not counted",)
    return Counted(ended, (*said, *left_out, counting, f"ends with that day in {zone.key}"))


def rolled(counted: Counted, roll: Roll, works: Callable[[date], bool]) -> Counted:
    """The same, moved on where it ended on a day on which the place does not work."""
    last = counted.at.date()
    if works(last):
        return counted
    day = last
    while not works(day):
        day += timedelta(days=1)
    hour = time(12) if roll is Roll.NOON else LAST_SECOND
    moved = datetime.combine(day, hour, counted.at.tzinfo)
    said = f"{last} ({last:%A}) is no working day: {roll.value}, {day} ({day:%A})"
    return Counted(moved, (*counted.steps, said))


def at_hour(counted: Counted, hour: time) -> Counted:
    """The same day, at an hour its law sets: an office that closes before midnight."""
    at = datetime.combine(counted.at.date(), hour, counted.at.tzinfo)
    return Counted(at, (*counted.steps, f"no later than {hour:%H:%M} on that day"))


def end_of_year(start: Moment, zone: ZoneInfo) -> Moment:
    """The last day of the calendar year of a moment, where `zone` is kept."""
    last = date(day_of(start, zone).year, 12, 31)
    return Moment(said=f"{last}, the end of the year of {start}", day=last)


def begins(start: Moment, zone: ZoneInfo) -> datetime:
    """The instant a moment stands for: itself, or the first of its day in the zone."""
    if start.at is not None:
        return start.at.astimezone(zone)
    assert start.day is not None
    return datetime.combine(start.day, time(), zone)


def day_of(start: Moment, zone: ZoneInfo) -> date:
    """The day of a moment where `zone` is kept."""
    return start.day if start.day is not None else begins(start, zone).date()


def _elapsed(period: Period, start: Moment, zone: ZoneInfo) -> Counted:
    from_ = begins(start, zone)
    steps = [f"starts {start}"]
    if start.day is not None:
        # A deadline that is early does no harm; the hour of the day is nobody's guess to make.
        steps.append(f"only the day is known: counted from its first moment in {zone.key}")
    length = timedelta(**{period.unit.value: period.length})
    ended = (from_.astimezone(UTC) + length).astimezone(zone)
    steps.append(f"in UTC {_z(from_)} + {period} = {_z(ended)}")
    steps.append(f"shown in {zone.key}: {ended.isoformat()}; weekends and holidays do not move it")
    return Counted(ended, tuple(steps))


def _z(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _first_day(start: Moment, zone: ZoneInfo) -> tuple[date, tuple[str, ...]]:
    day = day_of(start, zone)
    if start.day is not None:
        return day, (f"starts on {day}",)
    return day, (f"starts {start}, which is {day} in {zone.key}",)


def _last_day(period: Period, first: date, works: Callable[[date], bool]) -> date:
    if period.unit is Unit.MONTHS:
        return _months_on(first, period.length)
    if period.unit is Unit.YEARS:
        return _months_on(first, period.length * 12)
    if period.unit is Unit.BUSINESS_DAYS:
        return _business_days_on(first, period, works)
    return first + timedelta(days=period.length - period.inclusive)


def _months_on(first: date, months: int) -> date:
    """Regulation 1182/71 Art 3(2)(c): the same number, else the last day of the month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    month += 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))


def _business_days_on(first: date, period: Period, works: Callable[[date], bool]) -> date:
    day, left = first, period.length
    if period.inclusive and works(first):
        left -= 1
    while left:
        day += timedelta(days=1)
        left -= works(day)
    return day
