"""What comes back: every server's own way of saying it, machines for absent people, forgers."""

from __future__ import annotations

import logging
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_engine.channels import Receipt
from incident_engine.channels.mail.bounces import read_bounce
from incident_engine.channels.mail.mailbox import FolderSource
from incident_engine.channels.mail.return_path import ReturnPath
from incident_engine.channels.mail.standard_mail import Sender, standard_bytes
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.words import Outcome as O  # noqa: N817  # the table reads better
from tests.channels.conftest import letter_to, reference

FOLDER = Path(__file__).parent / "bounces"
OURS = ReturnPath("bounces@kestrel.example", Tokens(b"k" * 32, "return path"))
ADA = reference(7)

# file: (kind, outcome, code)
CORPUS: dict[str, tuple[str, O | None, str]] = {
    "postfix-user-unknown": ("failed", O.UNDELIVERABLE, "5.1.1"),
    "postfix-mailbox-full": ("failed", O.UNDELIVERABLE, "5.2.2"),
    "postfix-policy": ("failed", O.REFUSED, "5.7.1"),
    "postfix-expired": ("failed", O.UNDELIVERABLE, "4.4.1"),
    "postfix-delayed": ("delayed", O.DEFERRED, "4.4.1"),
    "postfix-delivered": ("delivered", O.DELIVERED, "2.0.0"),
    "postfix-relayed": ("relayed", O.ACCEPTED, "2.0.0"),
    "postfix-expanded": ("expanded", O.ACCEPTED, "2.0.0"),
    "exim-dsn": ("failed", O.UNDELIVERABLE, "5.0.0"),
    "exim-plain": ("failed", O.UNDELIVERABLE, "5.1.1"),
    "exim-delayed": ("delayed", O.DEFERRED, ""),
    "exchange-no-such-user": ("failed", O.UNDELIVERABLE, "5.1.10"),
    "exchange-access-denied": ("failed", O.REFUSED, "5.7.1"),
    "exchange-too-large": ("failed", O.REFUSED, "5.3.4"),
    "gmail-no-such-user": ("failed", O.UNDELIVERABLE, "5.1.1"),
    "gmail-delayed": ("delayed", O.DEFERRED, "4.4.1"),
    "gmail-policy": ("failed", O.REFUSED, "5.7.26"),
    "gmail-quota": ("failed", O.UNDELIVERABLE, "5.2.2"),
    "qmail": ("failed", O.UNDELIVERABLE, "5.1.1"),
    "qmail-expired": ("failed", O.UNDELIVERABLE, "4.4.1"),
    "yahoo": ("failed", O.UNDELIVERABLE, "554"),
    "qq": ("failed", O.UNDELIVERABLE, "550"),
    "163": ("failed", O.UNDELIVERABLE, ""),
    "163-full": ("failed", O.UNDELIVERABLE, ""),
    "lotus-no-report": ("failed", O.UNDELIVERABLE, "5.1.1"),
    "complaint": ("complaint", O.DELIVERED, ""),
    "away-exchange": ("auto-reply", None, ""),
    "away-sieve": ("auto-reply", None, ""),
    "away-german": ("auto-reply", None, ""),
    "away-chinese": ("auto-reply", None, ""),
    "challenge": ("auto-reply", None, ""),
    "read-receipt": ("read-receipt", None, ""),
    "person-writes": ("other", None, ""),
    "daemon-of-few-words": ("unreadable", None, ""),
}
FORGED = ("forged-wrong-token", "forged-no-token")


def mail(name: str) -> bytes:
    raw = (FOLDER / f"{name}.eml").read_bytes()
    return raw.replace(b"@MARK@", OURS.envelope_id(ADA).encode()).replace(b"@REF@", ADA.encode())


def read(name: str) -> Receipt:
    return read_bounce(mail(name), OURS)


@pytest.mark.parametrize("name", CORPUS)
def test_each_servers_own_way_is_understood_and_comes_to_its_delivery(name: str) -> None:
    found = read(name)
    assert (found.kind, found.outcome, found.code) == CORPUS[name], found
    assert (found.reference, found.believed, found.why) == (ADA, True, "")
    assert 0 < len(found.said) <= 2_000


def test_every_mail_of_the_corpus_is_in_a_table() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == {*CORPUS, *FORGED}


@pytest.mark.attack("A44")
@pytest.mark.parametrize("name", FORGED)
def test_a44_a_forged_report_is_kept_and_not_believed(name: str) -> None:
    found = read(name)
    assert (found.reference, found.believed) == (ADA, False)
    assert found.outcome is O.UNDELIVERABLE  # what it says; whether it counts is `believed`
    assert "proof" in found.why


@pytest.mark.attack("A45")
@pytest.mark.parametrize("name", [name for name in CORPUS if name.startswith("away")])
def test_a45_an_absent_persons_machine_is_no_bounce_and_no_delivery(name: str) -> None:
    assert read(name).outcome is None


@pytest.mark.attack("A43")
def test_a43_a_bounce_of_half_a_megabyte_with_a_bomb_inside_costs_nothing() -> None:
    bomb = b"\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw = mail("postfix-user-unknown") + bomb + b"UEsDB" * 100_000
    before = process_time()
    assert read_bounce(raw, OURS).outcome is O.UNDELIVERABLE
    assert process_time() - before < 2


@pytest.mark.parametrize("part", ["multipart/mixed; boundary=b{n}", "message/rfc822"])
def test_a_mail_made_of_a_thousand_mails_breaks_no_parser(part: str) -> None:
    nested = "".join(f"Content-Type: {part.format(n=n)}\n\n--b{n}\n" for n in range(5_000))
    before = process_time()
    found = read_bounce(f"To: {OURS.address_for(ADA)}\n{nested}".encode(), OURS)
    assert found.kind == "unreadable"
    assert process_time() - before < 2


def test_the_same_bounce_told_twice_has_one_key_and_another_has_another() -> None:
    again = mail("qmail").replace(b"Delivered-To", b"Received: from x\r\nDelivered-To", 1)
    assert read("postfix-delayed").key == read("postfix-delayed").key
    assert read("postfix-delayed").key != read("postfix-user-unknown").key
    assert read_bounce(again, OURS).outcome is read("qmail").outcome


def test_the_proof_in_our_own_envelope_id_is_enough_without_sub_addresses() -> None:
    raw = mail("postfix-user-unknown").replace(
        OURS.address_for(ADA).encode(), b"notices@kestrel.example"
    )
    assert read_bounce(raw, OURS).believed


def test_two_deliveries_in_one_mail_are_told_by_whom_it_came_to() -> None:
    raw = mail("postfix-user-unknown") + OURS.envelope_id(reference(8)).encode()
    assert read_bounce(raw, OURS).reference == ADA


def test_the_words_of_the_other_server_are_kept() -> None:
    assert "User unknown in virtual mailbox table" in read("postfix-user-unknown").said
    assert "不存在" in read("163").said


def test_nothing_of_a_mail_gets_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in CORPUS:
        read(name)
    assert caplog.text == ""


def test_a_subject_in_a_character_set_of_no_name_is_no_trouble() -> None:
    raw = mail("qq").replace(b"=?gb18030?", b"=?\x80gb18030?")
    assert read_bounce(raw, OURS).outcome is O.UNDELIVERABLE


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000), st.sampled_from(sorted(CORPUS)), st.integers(0, 3_000))
def test_whatever_the_bytes_there_is_an_answer(junk: bytes, name: str, at: int) -> None:
    whole = mail(name)
    for raw in (junk, whole[:at], whole[:at] + junk + whole[at:]):
        found = read_bounce(raw, OURS)
        assert found.said
        assert not found.believed or found.reference == ADA


@pytest.mark.attack("A46")
def test_our_own_notice_back_in_our_mailbox_is_no_news_however_often(tmp_path: Path) -> None:
    """It answers nothing and is answered by nobody: one piece of news, of nothing."""
    sender = Sender(address="notice@kestrel.example", name="Kestrel", domain="kestrel.example")
    ours = standard_bytes(letter_to("ada@people.example", 1), sender)
    (tmp_path / "1").write_bytes(ours)
    (tmp_path / "2").write_bytes(b"Received: from mx.kestrel.example\r\n" * 30 + ours)
    found = [read_bounce(raw, OURS) for _, raw in FolderSource(tmp_path).mails()]
    assert [each.outcome for each in found] == [None, None]
