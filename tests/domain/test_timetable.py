"""When a notice may leave, and by when each channel has to be under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.retry import RetryDecision, no_later_than
from incident_engine.domain.delivery.timetable import (
    ARRIVES_WITHIN,
    Standing,
    Window,
    gives_up_at,
    latest_starts,
    must_be_a_window,
    window_from,
)
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
DUE = datetime(2026, 4, 4, 23, 59, 59, tzinfo=UTC)
EMAIL, SMS, LETTER, PUSH = (
    ChannelName.EMAIL, ChannelName.SMS, ChannelName.LETTER, ChannelName.PUSH,
)  # fmt: skip
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_days_are_counted_backwards_so_that_the_last_rung_still_arrives() -> None:
    starts = latest_starts([EMAIL, SMS, LETTER], due=DUE, sending={EMAIL: 2 * HOUR, LETTER: DAY})
    assert starts[LETTER] == DUE - 6 * DAY
    assert starts[SMS] == starts[LETTER] - 4 * HOUR
    assert starts[EMAIL] == starts[SMS] - DAY - 2 * HOUR


@given(plan=st.permutations([EMAIL, SMS, LETTER, PUSH]), hours=st.integers(0, 100))
def test_whatever_the_plan_each_channel_has_its_time_before_the_next_and_the_last_arrives(
    plan: list[ChannelName], hours: int
) -> None:
    takes = dict.fromkeys(plan, hours * HOUR)
    starts = latest_starts(plan, due=DUE, sending=takes)
    for one, after in pairwise(plan):
        assert starts[one] + takes[one] + ARRIVES_WITHIN[one] == starts[after]
    last = plan[-1]
    assert starts[last] + takes[last] + ARRIVES_WITHIN[last] == DUE


def test_a_channel_is_tried_until_the_next_has_to_begin_and_never_less_than_two_hours() -> None:
    plan = [EMAIL, LETTER]
    starts = latest_starts(plan, due=DUE, sending={})
    assert gives_up_at(plan, EMAIL, starts, NOW) == starts[LETTER]
    assert gives_up_at(plan, EMAIL, starts, DUE) == DUE + 2 * HOUR
    assert gives_up_at(plan, LETTER, starts, NOW) is None
    assert gives_up_at(plan, EMAIL, {}, NOW) is None


def test_what_would_be_tried_too_late_is_left_to_the_next_channel() -> None:
    later = RetryDecision(NOW + 4 * HOUR, "put off")
    assert no_later_than(later, NOW + 5 * HOUR) == later
    assert no_later_than(later, None) == later
    assert no_later_than(later, NOW + 3 * HOUR).again_at is None
    assert "next channel" in no_later_than(later, NOW + 3 * HOUR).why


@pytest.mark.parametrize(
    ("hours", "standing"), [(-1, Standing.EARLY), (0, Standing.OPEN), (2, Standing.OVER)]
)
def test_a_window_is_early_open_or_over(hours: int, standing: Standing) -> None:
    window = Window(NOW, NOW + 2 * HOUR)
    assert window.standing(NOW + hours * HOUR) == standing
    assert window_from(window.as_json()) == window
    assert window_from({}).standing(NOW) == Standing.OPEN


@pytest.mark.parametrize(
    "window", [Window(NOW + DAY, NOW + HOUR), Window(None, NOW), Window(NOW, NOW)]
)
def test_a_window_that_can_never_be_open_is_refused(window: Window) -> None:
    with pytest.raises(BadInput, match="an instant after"):
        must_be_a_window(window, NOW)
