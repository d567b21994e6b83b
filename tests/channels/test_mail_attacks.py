"""Attacks on the mail channel, each against a real server."""

from __future__ import annotations

import resource
from email import message_from_bytes, policy

import pytest

from incident_engine.channels import Envelope, Reply
from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.smtp_data import stuffed
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Authority, Ledger, letter_to, reference, relay_of
from tests.channels.fault_server import FaultServer


def send(server: FaultServer, letter: Envelope, **changed: object) -> Reply:
    [reply] = EmailChannel(relay_of(server, **changed)).send([letter], Ledger())
    return reply


@pytest.mark.attack("A28")
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028"])
def test_a28_a_line_end_in_a_subject_sends_nothing(server: FaultServer, end: str) -> None:
    reply = send(
        server, letter_to("ada@kestrel.example", subject=f"Hello{end}Bcc: eve@evil.example")
    )
    assert (reply.outcome, server.world) == (Outcome.BROKEN, [])


@pytest.mark.attack("A28")
def test_a28_a_line_end_in_the_senders_name_stops_the_program(server: FaultServer) -> None:
    with pytest.raises(BadInput, match="sender_name"):
        relay_of(server, sender_name="Kestrel\r\nBcc: eve@evil.example")


@pytest.mark.attack("A29")
@pytest.mark.parametrize(
    "subject",
    ["=?utf-8?q?a=0D=0ABcc=3A_e=40x?=", "Dear =?UTF-8?B?DQpCY2M6IGVAeA==?= you", "=?x?y?z"],
)
def test_a29_an_encoded_word_that_hides_a_line_end_sends_nothing(
    server: FaultServer, subject: str
) -> None:
    reply = send(server, letter_to("ada@kestrel.example", subject=subject))
    assert (reply.outcome, server.world) == (Outcome.BROKEN, [])


@pytest.mark.attack("A30")
def test_a30_a_folded_comma_in_a_name_adds_no_reader(server: FaultServer) -> None:
    name = "Kestrel Cloud, eve@evil.example, Ünal " + "x" * 60
    reply = send(server, letter_to("ada@kestrel.example"), sender_name=name)
    assert reply.outcome is Outcome.ACCEPTED
    mail = message_from_bytes(server.world[0].content, policy=policy.default)
    assert [a.addr_spec for a in mail["From"].addresses] == ["notices@kestrel.example"]
    assert [a.addr_spec for a in mail["To"].addresses] == ["ada@kestrel.example"]


NOT_ONE_MAILBOX = {
    "a28_a_line_end": "ada@kestrel.example\r\nDATA",
    "a29_an_encoded_word": "=?utf-8?q?ada=0D=0A?=@kestrel.example",
    "a31_two_recipients": "bo@y.example, eve@x.example",
    "a31_two_recipients_and_no_space": "bo@y.example,eve@x.example",
    "a32_a_closing_bracket": "alice@x.example)bob@evil.example",
    "a32_an_angle_bracket": "alice@x.example>bob@evil.example",
    "a33_nothing": "",
    "a33_only_a_space": " ",
    "a34_no_domain": "postmaster",
    "a34_a_domain_of_one_label": "postmaster@localhost",
    "a35_a_quoted_local_part": '"bo@y.example"@evil.example',
    "a36_a_trailing_dot": "ada@kestrel.example.",
    "a37_full_width_letters": "ａnn@example.com",
    "a37_a_full_width_domain": "ann@ｅxample.com",
    "an_address_literal": "ada@[127.0.0.1]",
    "a_number_for_a_domain": "ada@127.0.0.1",
    "a_display_name": "Ada <ada@kestrel.example>",
    "a_comment": "ada(hello)@kestrel.example",
    "an_option": "ada@kestrel.example> SIZE=1",
    "one_too_long": "a" * 65 + "@kestrel.example",
}


@pytest.mark.attack("A28", "A29", "A31", "A32", "A33", "A34", "A35", "A36", "A37")
@pytest.mark.parametrize("attack", NOT_ONE_MAILBOX)
def test_what_is_not_one_mailbox_is_undeliverable_and_never_named_to_the_server(
    server: FaultServer, attack: str
) -> None:
    reply = send(server, letter_to(NOT_ONE_MAILBOX[attack]))
    assert reply.outcome is Outcome.UNDELIVERABLE
    assert server.world == []
    assert not [line for line in server.heard if line.startswith(("MAIL", "RCPT", "DATA"))]
    assert "evil" not in reply.said


@pytest.mark.attack("A37")
def test_a37_a_cyrillic_letter_in_a_domain_goes_only_in_its_ascii_form(server: FaultServer) -> None:
    reply = send(server, letter_to("ann@exаmple.example"))
    assert reply.outcome is Outcome.ACCEPTED
    assert server.world[0].recipient == "ann@xn--exmple-4nf.example"
    assert b"To: ann@xn--exmple-4nf.example\r\n" in server.world[0].content


@pytest.mark.attack("A38")
def test_a38_a_local_part_abroad_needs_a_relay_that_can(server: FaultServer) -> None:
    letter = letter_to("пользователь@пример.рф")
    refused = send(server, letter)
    assert (refused.outcome, server.world) == (Outcome.UNDELIVERABLE, [])
    assert "SMTPUTF8" in refused.said
    server.offers.append("SMTPUTF8")
    assert send(server, letter).outcome is Outcome.ACCEPTED
    assert server.world[0].recipient == "пользователь@xn--e1afmkfd.xn--p1ai"
    assert any(line.startswith("MAIL") and "SMTPUTF8" in line for line in server.heard)


@pytest.mark.attack("A39")
@pytest.mark.parametrize(
    "text",
    [
        ".\r\nMAIL FROM:<eve@evil.example>\r\n",
        "before\n.\nafter\n",
        "before\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<bo@y.example>\r\nDATA\r\n",
        "before\r.\rafter\n",
        ".",
        "..\n...\n",
        "ü" * 25 + "." * 200 + "\n",  # soft breaks make lines that begin with a dot
    ],
)
def test_a39_no_body_ends_its_own_message(server: FaultServer, text: str) -> None:
    reply = send(server, letter_to("ada@kestrel.example", text=text, html=None))
    assert reply.outcome is Outcome.ACCEPTED
    assert len(server.world) == 1
    assert not [line for line in server.heard if "evil" in line]
    mail = message_from_bytes(server.world[0].content, policy=policy.default)
    assert mail.get_content().split() == text.split()


@pytest.mark.attack("A39")
@pytest.mark.parametrize(
    "smuggled", [b"a\n.\nb", b"a\r.\rb", b"a\n.\r\nb", b"a\r\n.\nb", b"a\r.\r\nb"]
)
def test_a39_a_bare_line_end_is_made_whole_before_dots_are_doubled(smuggled: bytes) -> None:
    assert stuffed(smuggled) == b"a\r\n..\r\nb"


@pytest.mark.attack("A40")
def test_a40_a_forged_reference_makes_no_message_id(server: FaultServer) -> None:
    for forged in ("x@evil.example>\r\nBcc: eve", "A" * 32, reference(1)[:-1], reference(1) + "0"):
        reply = send(server, letter_to("ada@kestrel.example", reference=forged))
        assert reply.outcome is Outcome.BROKEN
    assert server.world == []


@pytest.mark.attack("A41")
def test_a41_a_server_that_offers_no_starttls_gets_no_mail(server: FaultServer) -> None:
    book = Ledger()
    with pytest.raises(Unreachable, match="STARTTLS"):
        list(
            EmailChannel(relay_of(server, security="starttls")).send(
                [letter_to("ada@kestrel.example")], book
            )
        )
    assert (book.commits, server.world) == ([], [])


@pytest.mark.attack("A41")
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("case", ["signed by a stranger", "made out to another name"])
def test_a41_a_bad_certificate_gets_no_mail(authority: Authority, security: str, case: str) -> None:
    stranger = case == "signed by a stranger"
    context = authority.server if stranger else authority.other_name
    with FaultServer(security=security, tls=context) as server:
        ca_file = None if stranger else str(authority.ca_file)
        relay = relay_of(server, security=security, ca_file=ca_file, user="kestrel", password="x")
        with pytest.raises(Unreachable, match="not to be trusted"):
            list(EmailChannel(relay).send([letter_to("ada@kestrel.example")], Ledger()))
        assert (server.world, server.logins) == ([], [])


@pytest.mark.parametrize(
    "host", ["mx.example.com", "192.0.2.1", "0.0.0.0", "127.0.0.1.evil.example"]
)
def test_a41_plain_mail_goes_nowhere_but_to_this_machine(host: str) -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        Relay(host=host, port=25, security="none", sender="notices@kestrel.example")


@pytest.mark.attack("A42")
@pytest.mark.parametrize("fault", ["flood at MAIL", "flood after dot"])
def test_a42_a_reply_of_a_hundred_megabytes_eats_no_memory(server: FaultServer, fault: str) -> None:
    server.fault = fault
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply = send(server, letter_to("ada@kestrel.example"))
    assert len(reply.said) <= 2_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kilobytes
