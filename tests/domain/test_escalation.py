"""Who hears of a deadline, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.escalation import LADDER, next_rung

DUE = datetime(2026, 3, 9, 9, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_before", "climbed", "number"),
    [
        (72, 0, None),
        (48, 0, 1),
        (30, 1, None),
        (24, 1, 2),
        (12, 2, 3),
        (3, 3, 4),
        (0, 4, 5),
        (-1, 5, None),
        (-12, 5, 6),
        (-400, 6, None),
    ],
)
def test_the_ladder_is_climbed_rung_by_rung(
    hours_before: int, climbed: int, number: int | None
) -> None:
    step = next_rung(LADDER, due_at=DUE, now=DUE - timedelta(hours=hours_before), climbed=climbed)
    assert (step.number if step else None) == number


def test_after_a_long_sleep_only_the_top_rung_is_told_and_the_passed_ones_named() -> None:
    step = next_rung(LADDER, due_at=DUE, now=DUE + timedelta(hours=1), climbed=1)
    assert step is not None
    assert step.number == 5
    assert step.passed == (2, 3, 4)


@given(st.lists(st.integers(-200, 200), max_size=30))
def test_no_rung_is_ever_told_twice(hours: list[int]) -> None:
    climbed, told = 0, []
    for each in sorted(hours, reverse=True):
        step = next_rung(LADDER, due_at=DUE, now=DUE - timedelta(hours=each), climbed=climbed)
        if step:
            climbed = step.number
            told.append(step.number)
    assert told == sorted(set(told))
