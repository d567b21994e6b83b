"""A text or call in doubt is looked for in the provider's own list, and never on a guess."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs

import pytest

from incident_engine.channels.phone.evidence import Evidence, calls_like, texts_like
from incident_engine.channels.phone.provider import Provider, ProviderLine
from incident_engine.domain.errors import Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import letter_to, reference
from tests.channels.fault_provider import FaultProvider
from tests.channels.test_voice import SPEC

BO, US = "+14155550123", "+14155550199"
SINCE = datetime(2026, 3, 9, 2, 14, tzinfo=UTC)
WORDS = "Your data was copied."


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def text(n: int, **changed: object) -> dict[str, object]:
    made = format_datetime(SINCE + timedelta(seconds=5))
    given = {"sid": f"SM{n:032d}", "status": "sent", "body": WORDS, "from": US, "to": BO}
    return given | {"date_created": made, "error_code": None} | changed


def look(provider: FaultProvider, *listed: dict[str, object], calls: bool = False) -> Evidence:
    provider.listed = json.dumps({"calls" if calls else "messages": listed}).encode()
    account = Provider(
        account_sid="AC" + "1" * 32,
        auth_token="ah-so-secret",
        sender=US,
        base_url=provider.base_url,
        timeout=1,
    )
    with ProviderLine(account) as line:
        return (calls_like if calls else texts_like)(line, letter_to(BO, 7, text=WORDS), SINCE)


def test_one_that_is_found_has_left(provider: FaultProvider) -> None:
    [receipt] = look(provider, text(1)).found
    assert (receipt.outcome, receipt.reference) == (Outcome.ACCEPTED, reference(7))
    assert receipt.provider_reference == f"SM{1:032d}"
    assert BO not in receipt.said


def test_two_that_are_found_are_a_duplicate_and_both_are_told(provider: FaultProvider) -> None:
    found = look(provider, text(1), text(2, status="delivered")).found
    assert [r.outcome for r in found] == [Outcome.ACCEPTED, Outcome.DELIVERED]


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Another notice."},
        {"from": "+14155550000"},
        {"date_created": format_datetime(SINCE - timedelta(hours=1))},
        {"date_created": None},
    ],
)
def test_what_is_not_this_one_proves_nothing(
    provider: FaultProvider, other: dict[str, object]
) -> None:
    evidence = look(provider, text(1, **other))
    assert (evidence.found, evidence.looked_at) == ((), 1)


def test_one_that_failed_there_is_known_to_have_failed(provider: FaultProvider) -> None:
    [receipt] = look(provider, text(1, status="undelivered", error_code=30005)).found
    assert receipt.outcome is Outcome.UNDELIVERABLE


def test_a_call_is_looked_for_likewise(provider: FaultProvider) -> None:
    [receipt] = look(provider, text(1, status="completed"), calls=True).found
    assert receipt.outcome is Outcome.UNANSWERED


@pytest.mark.parametrize("status", [500, 401, 429])
def test_a_list_that_cannot_be_had_leaves_all_as_it_was(
    provider: FaultProvider, status: int
) -> None:
    provider.list_status = status
    with pytest.raises(Unreachable) as told:
        look(provider, text(1))
    assert BO not in str(told.value)


@pytest.mark.parametrize("calls", [False, True])
def test_what_we_ask_is_in_the_providers_own_description(
    provider: FaultProvider, calls: bool
) -> None:
    look(provider, calls=calls)
    [(resource, query)] = provider.asked
    described = SPEC["paths"][f"/2010-04-01/Accounts/{{AccountSid}}/{resource}"]["get"][
        "parameters"
    ]
    assert set(parse_qs(query)) <= {each["name"] for each in described}
    assert parse_qs(query)["To"] == [BO]
