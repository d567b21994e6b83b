"""How fast a campaign goes, and when it stops by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.pacing import LARGEST, Signal, answered, batch_size, judge
from incident_engine.domain.delivery.quiet_hours import read_quiet_hours
from incident_engine.domain.errors import BadInput


def test_the_first_batch_is_small_and_each_one_doubles_what_has_left() -> None:
    sizes, done = [], 0
    for _ in range(7):
        sizes.append(batch_size(done))
        done += sizes[-1]
    assert sizes == [50, 50, 100, 200, 400, 800, 1_000]


@given(st.integers(0, 10_000_000))
def test_a_batch_is_never_larger_than_the_largest(done: int) -> None:
    assert 50 <= batch_size(done) <= LARGEST


@pytest.mark.parametrize(
    ("counts", "signal"),
    [
        ({"accepted": 900, "undeliverable": 99}, Signal.GO),  # too few to judge
        ({"accepted": 951, "undeliverable": 49}, Signal.GO),
        ({"accepted": 950, "undeliverable": 50}, Signal.WARN),
        ({"accepted": 901, "undeliverable": 60, "refused": 39}, Signal.WARN),
        ({"accepted": 900, "undeliverable": 100}, Signal.STOP),
        ({"broken": 10}, Signal.STOP),
        ({"broken": 9}, Signal.GO),
        ({"broken": 10, "accepted": 10}, Signal.GO),
        ({"pending": 5000}, Signal.GO),
    ],
)
def test_bounces_warn_at_five_and_stop_at_ten_in_a_hundred(
    counts: dict[str, int], signal: Signal
) -> None:
    assert judge(counts).signal == signal


def test_a_stop_says_the_figures() -> None:
    assert judge({"accepted": 880, "undeliverable": 120}).why == "120 of 1000 bounced (12.0%)"


def test_what_waits_is_not_answered() -> None:
    assert answered({"pending": 4, "deferred": 3, "accepted": 2, "in_doubt": 1}) == 3


NIGHT = read_quiet_hours("21:00-08:00")


@pytest.mark.parametrize(
    ("hour", "zone", "ends"),
    [
        (14, "Asia/Shanghai", "2026-03-07T08:00:00+08:00"),  # 22:00 there
        (23, "Asia/Shanghai", "2026-03-07T08:00:00+08:00"),  # 07:00 there
        (3, "Asia/Shanghai", None),  # 11:00 there
        (14, "America/Los_Angeles", "2026-03-06T08:00:00-08:00"),  # 06:00 there
    ],
)
def test_it_is_quiet_by_the_readers_own_clock(hour: int, zone: str, ends: str | None) -> None:
    assert NIGHT
    end = NIGHT.end_after(datetime(2026, 3, 6, hour, 0, tzinfo=UTC), zone)
    assert (end.isoformat() if end else None) == ends


def test_quiet_that_does_not_pass_midnight() -> None:
    noon = read_quiet_hours("12:00-14:00")
    assert noon
    assert noon.end_after(datetime(2026, 3, 6, 12, 30, tzinfo=UTC), "UTC")
    assert not noon.end_after(datetime(2026, 3, 6, 14, 0, tzinfo=UTC), "UTC")


@pytest.mark.parametrize("text", ["21:00", "21:00-21:00", "9-17", "25:00-08:00", "night"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="21:00-08:00"):
        read_quiet_hours(text)


def test_nothing_set_is_never_quiet() -> None:
    assert read_quiet_hours("") is None
