"""What comes back later: kept once, folded into what we knew, and opening the next channel."""

from __future__ import annotations

from itertools import count

import pytest

from incident_engine.channels import Receipt
from incident_engine.domain.errors import NotPermitted
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.receive import Received, receive
from tests.cast import EVE, INCIDENT, OTTO, House

ADA_AND_BO = """\
id,name,email,phone,where,language
1,Ada Lovell,ada@people.example,+4915123456780,DE,en
2,Bo Berg,bo@people.example,,DE,en
"""
_keys = count()


def news(reference: str, outcome: Outcome | None, **more: object) -> Receipt:
    fields = {"key": f"news-{next(_keys)}", "kind": "failed", "said": "user unknown"} | more
    return Receipt(reference=reference, outcome=outcome, **fields)  # type: ignore[arg-type]


def reference_of(house: House, channel: ChannelName = ChannelName.EMAIL) -> str:
    return next(each.reference for each in house.deliveries() if each.channel == channel)


def test_a_bounce_opens_the_next_channel_even_of_a_finished_campaign(house: House) -> None:
    house.sent(ADA_AND_BO)
    finish(house.engine, OTTO, INCIDENT)
    assert house.campaign().state == CampaignState.FINISHED
    bounced = news(reference_of(house), Outcome.UNDELIVERABLE)
    assert receive(house.engine, OTTO, [bounced]) == Received(new=1, changed=1)
    assert house.campaign().state == CampaignState.SENDING
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"undeliverable": 1, "accepted": 2}
    assert len(house.sms.written) == 1


def test_the_same_news_twice_is_one(house: House) -> None:
    house.sent(ADA_AND_BO)
    bounced = news(reference_of(house), Outcome.UNDELIVERABLE)
    receive(house.engine, OTTO, [bounced])
    assert receive(house.engine, OTTO, [bounced]) == Received()
    assert len(house.acts("receipt-taken")) == 1


def test_what_is_forged_is_kept_and_changes_nothing(house: House) -> None:
    house.sent(ADA_AND_BO)
    forged = news(
        reference_of(house), Outcome.UNDELIVERABLE, believed=False, why="the MAC is not ours"
    )
    assert receive(house.engine, OTTO, [forged]) == Received(new=1, disbelieved=1)
    assert house.outcomes() == {"accepted": 2}
    assert house.rows()["receipt"] == 1


def test_news_about_nothing_of_ours_is_kept_without_its_words(house: House) -> None:
    house.sent(ADA_AND_BO)
    assert receive(house.engine, OTTO, [news("f" * 32, Outcome.UNDELIVERABLE)]).unknown == 1


def test_an_absent_reader_was_told_all_the_same(house: House) -> None:
    house.sent(ADA_AND_BO)
    away = news(reference_of(house), None, kind="auto-reply", said="I am away until Monday")
    assert receive(house.engine, OTTO, [away]) == Received(new=1)
    assert house.outcomes() == {"accepted": 2}


def test_news_in_any_order_ends_in_the_same_truth(house: House) -> None:
    house.sent(ADA_AND_BO)
    reference = reference_of(house)
    late = [news(reference, Outcome.DELIVERED), news(reference, Outcome.ACCEPTED)]
    receive(house.engine, OTTO, late)
    assert house.outcomes() == {"delivered": 1, "accepted": 1}


def test_a_receipt_ends_a_doubt(house: House) -> None:
    house.sent(ADA_AND_BO)
    with house.engine.database.transaction() as session:
        row = house.deliveries()[0]
        row.outcome = Outcome.IN_DOUBT
        session.merge(row)
    receive(house.engine, OTTO, [news(house.deliveries()[0].reference, Outcome.DELIVERED)])
    assert house.deliveries()[0].outcome == Outcome.DELIVERED


def test_an_auditor_receives_nothing(house: House) -> None:
    with pytest.raises(NotPermitted):
        receive(house.engine, EVE, [])
