"""Before anything is launched: whom it reaches, what it costs, by when it has to begin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from incident_engine.domain.words import ChannelName
from incident_engine.workflow.dispatch.forecast import forecast
from tests.cast import BOTH, INCIDENT, OTTO, House, typed

LETTERS = (*BOTH, ChannelName.LETTER)


def test_each_channel_says_whom_it_reaches_and_who_is_left(house: House) -> None:
    house.imported()
    found = forecast(house.engine, OTTO, INCIDENT, LETTERS)
    email, sms, letter = found.rungs
    assert (email.reach, email.first) == (2, 2)
    assert (sms.reach, sms.first) == (2, 1)
    assert (letter.reach, letter.first) == (0, 0)
    assert (found.addressees, found.unreachable) == (4, {"DE": 1})


def test_texts_are_priced_by_the_segment_and_what_has_no_price_says_so(house: House) -> None:
    house.set(prices_sms="0.05", prices_currency="CNY")
    house.imported()
    email, sms = forecast(house.engine, OTTO, INCIDENT, BOTH).rungs
    assert email.cost is None
    assert sms.pieces >= 1
    assert sms.cost == Decimal("0.05") * sms.pieces
    assert sms.cost_at_most is not None
    assert sms.cost_at_most > sms.cost


def test_the_days_are_counted_back_from_the_first_that_the_law_names(house: House) -> None:
    house.imported()
    found = forecast(house.engine, OTTO, INCIDENT, LETTERS)
    assert found.duty == "us-ca/individuals/US-CA"
    email, sms, letter = found.rungs
    assert found.due is not None
    assert letter.start_by == found.due - timedelta(days=5)
    assert email.start_by is not None
    assert sms.start_by is not None
    assert email.start_by < sms.start_by < letter.start_by


def test_nothing_is_kept_by_asking(house: House) -> None:
    house.imported()
    before = house.rows()
    forecast(house.engine, OTTO, INCIDENT, BOTH)
    assert house.rows() == before


def test_it_is_shown_as_a_table_with_what_each_law_says_of_a_public_notice(house: House) -> None:
    house.imported()
    seen = typed("notice", "forecast", INCIDENT, "--channels", "email,sms,letter")
    assert (seen.status, seen.err) == (0, "")
    for words in ("can reach", "begin by", "1 of 4 have no channel", "GDPR Art 34(3)(c)"):
        assert words in seen.out
