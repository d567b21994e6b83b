"""One envelope as one mail: what is in it, and what never gets in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_engine.channels.mail.message import bytes_for, data_for
from incident_engine.channels.mail.smtp_data import stuffed
from incident_engine.channels.mail.standard_mail import (
    Sender,
    must_say_what_was_meant,
    one_mailbox,
    standard_bytes,
)
from incident_engine.domain.errors import BadInput
from tests.channels.conftest import DATED, letter_to, reference

KESTREL = Sender(address="notices@kestrel.example", name="Kestrel Cloud", domain="kestrel.example")


def read(written: bytes) -> EmailMessage:
    return message_from_bytes(written, policy=policy.default)  # type: ignore[return-value]


def content(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_says_from_whom_to_whom_when_and_that_a_machine_wrote_it() -> None:
    mail = read(bytes_for(letter_to("ada@kestrel.example", 7), KESTREL))
    assert mail["From"] == "Kestrel Cloud <notices@kestrel.example>"
    assert mail["To"] == "ada@kestrel.example"
    assert mail["Date"] == "Mon, 09 Mar 2026 02:14:00 +0000"
    assert mail["Message-ID"] == f"<{reference(7)}@kestrel.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert {"Cc", "Bcc", "List-Unsubscribe"}.isdisjoint(mail.keys())


def test_every_attempt_sends_the_same_bytes() -> None:
    letter = letter_to("ada@kestrel.example", subject="关于您的个人信息", text="您好。\n" * 40)
    assert bytes_for(letter, KESTREL) == bytes_for(letter, KESTREL)


def test_text_and_html_are_alternatives_and_survive_as_written() -> None:
    text, html = "Liebe Ada,\n\nGrüße – 您好\n.\n..\n", "<p>您好 " + "ö" * 3_000 + "</p>\n"
    mail = read(bytes_for(letter_to("ada@kestrel.example", text=text, html=html), KESTREL))
    assert mail.get_content_type() == "multipart/alternative"
    assert [content(part) for part in mail.iter_parts()] == [text, html]


def test_a_mail_is_seven_bit_with_short_lines_whatever_the_language() -> None:
    letter = letter_to(
        "ada@kestrel.example", subject="关于" * 60, text="ö" * 5_000, html="您" * 5_000
    )
    written = bytes_for(letter, KESTREL)
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 78
    assert b"\n" not in written.replace(b"\r\n", b"")


def test_a_mail_without_html_is_plain_text() -> None:
    mail = read(bytes_for(letter_to("ada@kestrel.example", html=None), KESTREL))
    assert mail.get_content_type() == "text/plain"


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="Date"):
        bytes_for(letter_to("ada@kestrel.example", dated=datetime(2026, 1, 1)), KESTREL)  # noqa: DTZ001


def test_a_domain_abroad_goes_in_its_ascii_form() -> None:
    mail = read(bytes_for(letter_to("ada@straße.example"), KESTREL))
    assert mail["To"] == "ada@xn--strae-oqa.example"  # IDNA 2008: not strasse, which is another


@pytest.mark.parametrize(
    "address", ["ada@kestrel.example", "a+b@x.org", "o'neil@x.co.uk", "1@x-y.example", "_@a.io"]
)
def test_an_ordinary_address_is_one_mailbox_as_stored(address: str) -> None:
    assert one_mailbox(address).address == address


@pytest.mark.parametrize(
    "name", ["Cc", "Bcc", "List-Unsubscribe", "To", "From", "X Y", "X-A:\nBcc"]
)
def test_no_header_can_be_added_that_adds_a_reader_or_an_unsubscribe(name: str) -> None:
    with pytest.raises(BadInput, match="headers"):
        bytes_for(letter_to("ada@kestrel.example", headers={name: "x@y.example"}), KESTREL)


def test_a_reply_to_is_one_mailbox_and_an_x_header_one_line() -> None:
    headers = {"Reply-To": "privacy@kestrel.example", "X-Notice": "INC-2026-0001"}
    mail = read(bytes_for(letter_to("ada@kestrel.example", headers=headers), KESTREL))
    assert (mail["Reply-To"], mail["X-Notice"]) == tuple(headers.values())
    for wrong in ({"Reply-To": "a@x.org, b@x.org"}, {"X-Notice": "a\r\nBcc: b@x.org"}):
        with pytest.raises(BadInput):
            bytes_for(letter_to("ada@kestrel.example", headers=wrong), KESTREL)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"To: ada@kestrel.example\r\nBcc: e@x\r\n\r\nhello\r\n", "headers"),
        (b"To: ada@kestrel.example\r\nTo: e@x.example\r\n\r\nhello\r\n", "headers"),
        (b"To: ada@kestrel.example, e@x.example\r\n\r\nhello\r\n", "To"),
        (b"To: ada@kestrel.example\r\n\r\n" + b"x" * 999, "998"),
    ],
)
def test_bytes_that_say_another_thing_than_was_meant_never_leave(
    written: bytes, meant: str
) -> None:
    """What CVE-2024-6923 made of a subject, found whatever made it."""
    to_ada = {"To": "ada@kestrel.example"}
    with pytest.raises(BadInput, match=meant):
        must_say_what_was_meant(written, to_ada, one_mailbox(to_ada["To"]))


@settings(max_examples=150, deadline=None)
@given(subject=st.text(max_size=120), name=st.text(max_size=60))
def test_whatever_stands_in_a_subject_or_name_the_headers_are_the_ones_meant(
    subject: str, name: str
) -> None:
    sender = Sender(address="notices@kestrel.example", name=name, domain="kestrel.example")
    try:
        written = bytes_for(letter_to("ada@kestrel.example", subject=subject), sender)
    except BadInput:
        return
    mail = read(written)
    assert [key for key in mail if not key.startswith(("MIME", "Content-T"))] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
    ]
    assert str(mail["Subject"]).split() == subject.split()
    assert [a.addr_spec for a in mail["To"].addresses] == ["ada@kestrel.example"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=400))
def test_whatever_stands_in_a_text_arrives(text: str) -> None:
    mail = read(bytes_for(letter_to("ada@kestrel.example", text=text, html=None), KESTREL))
    assert content(mail).rstrip("\n") == text.rstrip("\n")


LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=. \t\n"), max_size=300
)


@settings(max_examples=200, deadline=None)
@given(
    subject=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=90),
    text=LINES,
    html=st.none() | LINES,
    number=st.integers(0, 9),
)
def test_the_quick_mail_says_what_the_standard_librarys_own_would(
    subject: str, text: str, html: str | None, number: int
) -> None:
    letter = letter_to(
        f"ada{number}@kestrel.example", number, subject=subject, text=text, html=html
    )
    try:
        slow = standard_bytes(letter, KESTREL)
    except BadInput:
        with pytest.raises(BadInput):
            bytes_for(letter, KESTREL)
        return
    quick = bytes_for(letter, KESTREL)
    must_say_what_was_meant(
        quick, {name: str(read(slow)[name]) for name in OURS}, one_mailbox(letter.address)
    )
    assert quick.isascii()
    body = quick.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"\n" not in quick.replace(b"\r\n", b"")
    assert said(quick) == said(slow)


OURS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
)


def said(written: bytes) -> list[object]:
    """Everything a reader's program makes of a mail: headers, kinds of parts, decoded words."""
    mail = read(written)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    return [
        sorted((name, str(words)) for name, words in mail.items()),
        [(part.get_content_type(), content(part)) for part in parts],
    ]


def test_two_zones_of_one_moment_are_each_written_as_they_are() -> None:
    there = DATED.astimezone(timezone(timedelta(hours=8)))
    for dated, shown in ((DATED, "02:14:00 +0000"), (there, "10:14:00 +0800")):
        mail = read(bytes_for(letter_to("ada@kestrel.example", dated=dated), KESTREL))
        assert str(mail["Date"]).endswith(shown)


def test_a_subject_that_holds_a_stand_in_stays_as_it_is() -> None:
    subject = f"reader@example.org {'0' * 32}"
    mail = read(bytes_for(letter_to("ada@kestrel.example", 7, subject=subject), KESTREL))
    assert (mail["Subject"], mail["To"]) == (subject, "ada@kestrel.example")
    assert mail["Message-ID"] == f"<{reference(7)}@kestrel.example>"


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=120)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS | st.sampled_from([".", ".\n.", "\n", "", "x" * 80]), min_size=1, max_size=7))
def test_a_text_in_pieces_makes_the_mail_that_it_makes_in_one(pieces: list[str]) -> None:
    whole = "".join(pieces)
    in_one = letter_to("ada@kestrel.example", text=whole, html=whole)
    in_pieces = replace(in_one, text_pieces=tuple(pieces), html_pieces=tuple(pieces))
    assert bytes_for(in_pieces, KESTREL) == bytes_for(in_one, KESTREL)


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS | st.sampled_from([".", "\n..", "ö" * 30 + "." * 90]), max_size=5))
def test_no_line_of_a_mail_begins_with_a_dot_so_none_needs_doubling(pieces: list[str]) -> None:
    letter = letter_to("ada@kestrel.example", text="".join(pieces), html=None)
    ready = data_for(letter, KESTREL)
    assert ready == stuffed(bytes_for(letter, KESTREL))
    assert not any(line.startswith(b".") for line in ready.split(b"\r\n"))
    assert ready.count(b"\n") == ready.count(b"\r") == ready.count(b"\r\n")
