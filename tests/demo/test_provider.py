"""The stand-in answers our client as the provider would."""

import json
from pathlib import Path

import pytest

from incident_engine.channels.phone.sms import Provider, SmsChannel
from incident_engine.demo.provider import ACCOUNT_SID, AUTH_TOKEN, SmsProvider
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to


def account(provider: SmsProvider, **changed: str) -> Provider:
    given = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": "+14155550199"}
    return Provider(**(given | changed), base_url=provider.base_url)


def test_texts_become_files_and_scripted_numbers_are_refused(tmp_path: Path) -> None:
    refusals = {"+14155550101": 21211, "+14155550102": 21610, "+14155550103": 20429}
    with SmsProvider(tmp_path, refusals=refusals) as provider:
        numbers = ["+14155550100", *refusals]
        batch = [letter_to(number, n, text="Hello, Bo.") for n, number in enumerate(numbers)]
        replies = list(SmsChannel(account(provider)).send(batch, Ledger()))
        [again] = SmsChannel(account(provider)).send(batch[3:], Ledger())
    assert [r.outcome for r in replies] == [
        Outcome.ACCEPTED,
        Outcome.UNDELIVERABLE,
        Outcome.REFUSED,
        Outcome.DEFERRED,
    ]
    assert replies[3].retry_after == 1
    assert again.outcome is Outcome.ACCEPTED
    written = [json.loads(path.read_text()) for path in sorted((tmp_path / "sms").iterdir())]
    assert [text["to"] for text in written] == ["+14155550100", "+14155550103"]
    assert written[0]["body"] == "Hello, Bo."
    assert replies[0].provider_reference == written[0]["sid"]


def test_another_accounts_login_is_refused(tmp_path: Path) -> None:
    batch = [letter_to("+14155550100", text="x")]
    with SmsProvider(tmp_path) as provider:
        sending = SmsChannel(account(provider, auth_token="wrong")).send(batch, Ledger())
        with pytest.raises(BadInput, match="login"):
            next(sending)
