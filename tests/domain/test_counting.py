"""When periods end: the vectors of the authorities, and what holds of every period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.facts.moments import Moment, read_moment
from incident_engine.domain.law.counting import Period, Unit, begins, count, read_period

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and "Etc" not in zone)
PARIS, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo")


def ends(period: str, start: str, zone: str) -> str:
    return count(read_period(period), read_moment(start), ZoneInfo(zone)).at.isoformat()


@pytest.mark.parametrize(
    ("period", "start", "zone", "end"),
    [
        ("72 hours", "2026-11-24T12:00:00+01:00", "Europe/Paris", "2026-11-27T12:00:00+01:00"),
        ("72 hours", "2026-11-27T09:00:00+01:00", "Europe/Paris", "2026-11-30T09:00:00+01:00"),
        ("72 hours", "2027-03-26T18:00:00+01:00", "Europe/Paris", "2027-03-29T19:00:00+02:00"),
        ("72 hours", "2026-10-23T18:00:00+02:00", "Europe/Paris", "2026-10-26T17:00:00+01:00"),
        ("4 hours", "2026-11-23T23:30:00+08:00", "Asia/Shanghai", "2026-11-24T03:30:00+08:00"),
        ("30 minutes", "2026-11-23T23:30:00+08:00", "Asia/Shanghai", "2026-11-24T00:00:00+08:00"),
        ("3 calendar days", "2026-12-31", "Asia/Singapore", "2027-01-03T23:59:59+08:00"),
        ("30 calendar days", "2026-12-01", "America/Los_Angeles", "2026-12-31T23:59:59-08:00"),
        ("15 calendar days", "2026-12-20", "America/Los_Angeles", "2027-01-04T23:59:59-08:00"),
        ("30 calendar days", "2026-03-01", "America/Los_Angeles", "2026-03-31T23:59:59-07:00"),
        ("1 month", "2027-01-31", "Europe/Brussels", "2027-02-28T23:59:59+01:00"),
        ("1 month", "2028-01-31", "Europe/Brussels", "2028-02-29T23:59:59+01:00"),
        ("1 month", "2026-12-15", "Europe/Brussels", "2027-01-15T23:59:59+01:00"),
        ("60 calendar days, counting the first day", "2026-11-23", "Asia/Tokyo",
         "2027-01-21T23:59:59+09:00"),
    ],
)  # fmt: skip
def test_a_period_ends_where_its_law_says(period: str, start: str, zone: str, end: str) -> None:
    assert ends(period, start, zone) == end


def test_the_day_of_an_instant_is_that_of_the_place() -> None:
    # 15:30 in London on New Year's Eve is still that day in Singapore; an hour later it is not.
    assert ends("3 calendar days", "2026-12-31T15:30:00Z", "Asia/Singapore").startswith(
        "2027-01-03"
    )
    assert ends("3 calendar days", "2026-12-31T16:30:00Z", "Asia/Singapore").startswith(
        "2027-01-04"
    )


def test_hours_from_a_bare_date_run_from_its_first_moment_and_say_so() -> None:
    counted = count(read_period("72 hours"), read_moment("2026-03-03"), PARIS)
    assert counted.at.isoformat() == "2026-03-06T00:00:00+01:00"
    assert any("only the day is known" in step for step in counted.steps)


def test_business_days_leave_out_what_the_calendar_of_the_place_leaves_out() -> None:
    thanksgiving = date(2026, 11, 26)
    counted = count(
        read_period("14 business days"), read_moment("2026-11-23"), ZoneInfo("America/New_York"),
        works=lambda day: day.weekday() < 5 and day != thanksgiving,
    )  # fmt: skip
    assert counted.at.date() == date(2026, 12, 14)  # 336 hours would end on the seventh


@pytest.mark.parametrize(
    "text",
    ["0 hours", "72", "hours", "-3 hours", "999999 hours", "72 Hours", "three days", "9 weeks",
     "1.5 hours", "0 months", "99999 calendar days", "1 calendar day, counting the first day",
     "72 hours, counting the first day", "७२ hours", ""],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not|only|single"):
        read_period(text)


periods = st.one_of(
    st.builds(Period, st.integers(1, 744), st.just(Unit.HOURS)),
    st.builds(Period, st.integers(2, 400), st.just(Unit.DAYS), st.booleans()),
    st.builds(Period, st.integers(1, 24), st.just(Unit.MONTHS)),
    st.builds(Period, st.integers(2, 60), st.just(Unit.BUSINESS_DAYS), st.booleans()),
)
instants = st.integers(631_152_000, 4_102_444_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
).map(lambda at: Moment(said=at.isoformat(), at=at))  # fmt: skip
days = st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(
    lambda day: Moment(said=day.isoformat(), day=day)
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(periods, st.one_of(instants, days), zones)
def test_no_clock_ends_before_it_starts(period: Period, start: Moment, zone: ZoneInfo) -> None:
    assert count(period, start, zone).at >= begins(start, zone)


@given(periods, st.one_of(instants, days), zones, zones)
def test_a_due_instant_survives_a_round_trip_through_every_zone(
    period: Period, start: Moment, zone: ZoneInfo, other: ZoneInfo
) -> None:
    at = count(period, start, zone).at
    assert datetime.fromisoformat(at.isoformat()).astimezone(other).astimezone(UTC) == (
        at.astimezone(UTC)
    )


@given(st.integers(1, 744), instants, zones)
def test_hours_are_elapsed_time_in_every_zone(hours: int, start: Moment, zone: ZoneInfo) -> None:
    ended = count(Period(hours, Unit.HOURS), start, zone).at
    assert start.at is not None
    assert ended.astimezone(UTC) - start.at == timedelta(hours=hours)


@given(st.integers(2, 400), st.booleans(), days, zones)
def test_days_end_with_the_last_second_of_a_day(
    length: int, inclusive: bool, start: Moment, zone: ZoneInfo
) -> None:
    ended = count(Period(length, Unit.DAYS, inclusive), start, zone).at
    assert (ended.hour, ended.minute, ended.second) == (23, 59, 59)
    assert start.day is not None
    assert ended.date() == start.day + timedelta(days=length - inclusive)


@given(periods)
def test_a_period_reads_back_what_it_says(period: Period) -> None:
    assert read_period(str(period)) == period
