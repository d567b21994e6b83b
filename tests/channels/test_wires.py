"""The wires as settings describe them: what is not set up says which setting is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.phone.sms import SmsChannel
from incident_engine.channels.wires import Wires
from incident_engine.domain.errors import BadInput
from incident_engine.settings import settings_from

ACCOUNT = {"account_sid": "AC" + "1" * 32, "auth_token": "ah-so-secret", "sender": "+14155550199"}
TABLE: dict[str, object] = {
    "organisation": {"name": "Kestrel Cloud", "contact_email": "privacy@kestrel.example"},
    "email": {
        "host": "mx.kestrel.example",
        "return_path": "bounces@kestrel.example",
        "per_domain_limit": 60,
    },
    "email_fallback": {"host": "mx2.kestrel.example", "security": "tls", "user": "kestrel"},
    "bounces": {"host": "imap.kestrel.example", "user": "bounces", "password": "ah-so-secret"},
    "sms": ACCOUNT,
    "voice": {"sender": "+14155550100"},
    "push": {"url": "https://push.kestrel.example", "secret": "whsec_" + "QUFB" * 8},
    "web": {"base_url": "https://notices.kestrel.example"},
}


def wires(tmp_path: Path, **changed: object) -> Wires:
    (tmp_path / "hot").mkdir(exist_ok=True)
    table = TABLE | {"letters": {"folder": str(tmp_path / "hot")}} | changed
    settings = settings_from(table, place="config.toml", environment={})
    return Wires(settings, b"k" * 32, lambda: datetime.now(UTC), tmp_path / "record")


@pytest.mark.parametrize("name", ["email", "sms", "voice", "push", "letter"])
def test_each_wire_is_made_from_the_settings_and_kept(tmp_path: Path, name: str) -> None:
    made = wires(tmp_path)
    assert made.of(name).name == name
    assert made.of(name) is made.of(name)


def test_mail_has_both_relays_one_sender_and_a_marked_return_path(tmp_path: Path) -> None:
    email = wires(tmp_path).of("email")
    assert isinstance(email, EmailChannel)
    assert [r.host for r in email.relays] == ["mx.kestrel.example", "mx2.kestrel.example"]
    assert {r.sender for r in email.relays} == {"privacy@kestrel.example"}
    assert {r.return_path for r in email.relays} == {wires(tmp_path).return_path()}


def test_texts_come_back_to_our_own_address(tmp_path: Path) -> None:
    sms = wires(tmp_path).of("sms")
    assert isinstance(sms, SmsChannel)
    assert sms.provider.callbacks == wires(tmp_path).callbacks()
    assert wires(tmp_path, web={}).callbacks() is None


def test_bounces_are_fetched_from_the_mailbox_that_is_set(tmp_path: Path) -> None:
    account = wires(tmp_path).imap()
    assert (account.host, account.port, account.security) == ("imap.kestrel.example", 993, "tls")
    with pytest.raises(BadInput, match=r"bounces\.host"):
        wires(tmp_path, bounces={}).imap()


MISSING = {
    "email": ({"email": {}}, r"email\.host"),
    "sms": ({"sms": {}}, r"sms\.account_sid"),
    "voice": ({"voice": {}}, r"voice\.sender"),
    "push": ({"push": {}}, r"push\.url"),
    "letter": ({"letters": {}}, r"letters\.folder"),
    "announcement": ({}, "not a channel"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_wire_not_set_up_names_the_setting(tmp_path: Path, name: str) -> None:
    changed, said = MISSING[name]
    with pytest.raises(BadInput, match=said):
        wires(tmp_path, **changed).of(name)


def test_no_secret_is_in_the_picture_of_the_wires(tmp_path: Path) -> None:
    assert "ah-so-secret" not in repr(wires(tmp_path))
    assert "kkkk" not in repr(wires(tmp_path))
