"""A text in doubt is looked for at the provider; what is found ends the doubt, nothing does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import format_datetime

import pytest

from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.dispatch.seek_evidence import Sought, seek_evidence
from tests.cast import INCIDENT, OTTO, House
from tests.channels.fault_provider import FaultProvider

BO = "2,Bo Ek,,+8613912345678,CN,en\n"


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def in_doubt(house: House, provider: FaultProvider) -> None:
    """Bo's text was taken, and the answer never came."""
    house.set(sms_base_url=provider.base_url, web_base_url="https://kestrel.example")
    house.launched(f"id,name,email,phone,where,language\n{BO}", [ChannelName.SMS])
    provider.fault = "500 after taking"
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"in_doubt": 1}


def listed(house: House, provider: FaultProvider, *statuses: str) -> None:
    [form] = provider.forms
    made = format_datetime(house.clock.at)
    provider.listed = json.dumps(
        {
            "messages": [
                {
                    "sid": f"SM{n:032d}", "status": status, "body": form["Body"],
                    "from": form["From"], "to": form["To"], "date_created": made,
                    "error_code": None,
                }
                for n, status in enumerate(statuses)
            ]
        }
    ).encode()  # fmt: skip


def test_one_that_is_found_there_is_no_longer_in_doubt(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider, "delivered")
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1, found=1)
    assert house.outcomes() == {"delivered": 1}
    [entry] = house.acts("receipt-taken")
    assert '"was":"in_doubt"' in entry.body
    assert len(provider.forms) == 1, "nothing was asked for a second time"


def test_two_that_are_found_are_a_duplicate_that_is_named(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider, "sent", "delivered")
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1, found=1, doubled=1)
    assert house.outcomes() == {"delivered": 1}
    assert len(house.acts("receipt-taken")) == 2


def test_nothing_found_proves_nothing_and_a_person_decides(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider)
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1)
    assert house.outcomes() == {"in_doubt": 1}
    [row] = house.deliveries()
    resolve(house.engine, OTTO, row.reference, "accepted", why="Bo answered it")
    assert house.outcomes() == {Outcome.ACCEPTED: 1}


def test_a_list_that_may_lag_is_not_asked_yet(house: House, provider: FaultProvider) -> None:
    in_doubt(house, provider)
    house.clock.passes(minutes=9)
    assert seek_evidence(house.engine, OTTO) == Sought()
    assert provider.asked == []
