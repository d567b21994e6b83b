"""What has become of one message, whatever order the news comes in."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.states import OWN, apply, is_settled, may_become
from incident_engine.domain.words import Outcome

WORDS = st.sampled_from(Outcome)


@pytest.mark.parametrize(("was", "news"), list(product(Outcome, Outcome)))
def test_every_pair_has_an_answer_and_a_reason(was: Outcome, news: Outcome) -> None:
    now, why = apply(was, news)
    assert isinstance(now, Outcome)
    assert why


@given(WORDS, WORDS)
def test_news_said_twice_changes_nothing_more(was: Outcome, news: Outcome) -> None:
    once, _ = apply(was, news)
    assert apply(once, news)[0] == once


@given(WORDS, st.lists(WORDS))
def test_no_news_makes_a_message_untried_again(was: Outcome, news: list[Outcome]) -> None:
    now = was
    for each in news:
        now, _ = apply(now, each)
    assert now == was or now not in (Outcome.PENDING, Outcome.CLAIMED, Outcome.SENDING)


HISTORIES = {
    Outcome.DELIVERED: (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.DELIVERED),
    Outcome.UNDELIVERABLE: (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.UNDELIVERABLE),
    Outcome.REFUSED: (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.REFUSED),
    Outcome.UNANSWERED: (Outcome.ACCEPTED, Outcome.DEFERRED, Outcome.UNANSWERED),
}
"""What is told of one message on its way to each end; any of it may come late or twice."""


@given(
    end=st.sampled_from(list(HISTORIES)),
    was=st.sampled_from([Outcome.SENDING, Outcome.IN_DOUBT, Outcome.ACCEPTED]),
    data=st.data(),
)
def test_every_order_of_one_history_told_late_or_twice_ends_in_its_truth(
    end: Outcome, was: Outcome, data: st.DataObject
) -> None:
    told = data.draw(st.lists(st.sampled_from(HISTORIES[end]), max_size=6))
    now = was
    for each in data.draw(st.permutations([*told, *HISTORIES[end]])):
        now, _ = apply(now, each)
    assert now == end


def test_an_out_of_office_is_not_a_bounce() -> None:
    assert apply(Outcome.DELIVERED, Outcome.DEFERRED)[0] == Outcome.DELIVERED


def test_good_news_after_a_bounce_is_believed() -> None:
    assert apply(Outcome.UNDELIVERABLE, Outcome.DELIVERED)[0] == Outcome.DELIVERED


def test_a_bounce_after_acceptance_counts() -> None:
    assert apply(Outcome.ACCEPTED, Outcome.UNDELIVERABLE)[0] == Outcome.UNDELIVERABLE


def test_a_receipt_settles_a_doubt() -> None:
    assert apply(Outcome.IN_DOUBT, Outcome.DELIVERED)[0] == Outcome.DELIVERED


def test_a_receipt_of_an_earlier_sending_spares_them_a_second_letter() -> None:
    assert apply(Outcome.PENDING, Outcome.DELIVERED)[0] == Outcome.DELIVERED


@pytest.mark.parametrize("ours", [Outcome.PENDING, Outcome.CLAIMED, Outcome.CANCELLED])
def test_nobody_outside_can_make_something_ready_to_send(ours: Outcome) -> None:
    for was in Outcome:
        assert apply(was, ours)[0] == was


def test_a_failure_of_an_earlier_sending_is_not_that_of_this_one() -> None:
    assert apply(Outcome.PENDING, Outcome.UNDELIVERABLE)[0] == Outcome.PENDING


def test_what_may_have_left_is_never_quietly_tried_again() -> None:
    assert not may_become(Outcome.SENDING, Outcome.PENDING)
    assert not may_become(Outcome.SENDING, Outcome.CLAIMED)
    assert may_become(Outcome.CLAIMED, Outcome.PENDING), "provably nothing left"
    assert not is_settled(Outcome.IN_DOUBT)


def test_every_outcome_has_its_row_and_can_be_reached() -> None:
    assert set(OWN) == set(Outcome)
    reached = {to for following in OWN.values() for to in following} | {Outcome.PENDING}
    assert reached == set(Outcome)
