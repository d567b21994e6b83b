"""After an attempt: again when, by which channel, or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.ladder import next_channel
from incident_engine.domain.delivery.retry import RetryDecision, decide
from incident_engine.domain.words import ChannelName, Outcome

NOW = datetime(2026, 3, 6, 10, 25, tzinfo=UTC)
EMAIL, SMS = ChannelName.EMAIL, ChannelName.SMS
BOTH = (EMAIL, SMS)


def decision(outcome: Outcome, attempts: int = 1, **more: float) -> RetryDecision:
    return decide(
        outcome, attempts=attempts, channel=EMAIL, now=NOW, reference="ab" * 16,
        retry_after=more.get("retry_after"),
    )  # fmt: skip


@pytest.mark.parametrize("outcome", [o for o in Outcome if o != Outcome.DEFERRED])
def test_only_a_deferral_is_tried_again_by_itself(outcome: Outcome) -> None:
    assert decision(outcome).again_at is None


def test_the_waits_grow_and_end() -> None:
    waits = [decision(Outcome.DEFERRED, n).again_at for n in range(1, 9)]
    assert all(a and b and a <= b for a, b in pairwise(waits))
    assert decision(Outcome.DEFERRED, 9).again_at is None


def test_what_the_other_side_asks_for_is_kept_within_reason() -> None:
    asked = decision(Outcome.DEFERRED, retry_after=3600).again_at
    assert asked is not None
    assert asked >= NOW + timedelta(hours=1)
    absurd = decision(Outcome.DEFERRED, retry_after=10**12).again_at
    assert absurd is not None
    assert absurd < NOW + timedelta(hours=8)


@given(st.integers(0, 30), st.floats(allow_nan=False) | st.none())
def test_a_next_try_never_lies_in_the_past(attempts: int, after: float | None) -> None:
    found = decide(
        Outcome.DEFERRED, attempts=attempts, channel=SMS, now=NOW, reference="x", retry_after=after
    )
    assert found.again_at is None or found.again_at > NOW


def test_the_first_channel_of_the_plan_that_reaches_them_is_tried_first() -> None:
    assert next_channel(BOTH, [], BOTH) == EMAIL
    assert next_channel(BOTH, [], [SMS]) == SMS
    assert next_channel(BOTH, [], []) is None


@pytest.mark.parametrize("failed", [Outcome.UNDELIVERABLE, Outcome.REFUSED, Outcome.UNANSWERED])
def test_a_failure_opens_the_next_channel(failed: Outcome) -> None:
    assert next_channel(BOTH, [(EMAIL, failed)], BOTH) == SMS


@pytest.mark.parametrize(
    "outcome",
    [Outcome.IN_DOUBT, Outcome.DEFERRED, Outcome.BROKEN, Outcome.ACCEPTED, Outcome.SENDING],
)
def test_doubt_delay_and_our_own_fault_open_nothing(outcome: Outcome) -> None:
    assert next_channel(BOTH, [(EMAIL, outcome)], BOTH) is None


def test_after_the_last_rung_there_is_none() -> None:
    tried = [(EMAIL, Outcome.UNDELIVERABLE), (SMS, Outcome.REFUSED)]
    assert next_channel(BOTH, tried, BOTH) is None


def test_what_our_own_side_held_back_is_no_attempt_however_often() -> None:
    held = decide(
        Outcome.DEFERRED,
        attempts=99,
        channel=EMAIL,
        now=NOW,
        reference="x",
        retry_after=12,
        tried=False,
    )
    assert held.again_at == NOW + timedelta(seconds=12)
    unsaid = decide(Outcome.DEFERRED, attempts=0, channel=SMS, now=NOW, reference="x", tried=False)
    assert unsaid.again_at == NOW + timedelta(seconds=30)
