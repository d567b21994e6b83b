"""The two lines of an SMTP envelope: from whom, and to the one reader.

Delivery reports are asked for where they are offered (RFC 3461): failures and delays always,
successes only where a mailbox of ours waits for them, or a million would come to a person's own.
A report never carries the notice itself (RET=HDRS): it would travel through third hosts.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.standard_mail import Mailbox, one_mailbox

_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")  # printable ASCII but + and = (RFC 3461 4)
_SAFE = re.compile(r"[^\x00-\x20\x7f]+(?: [^\x00-\x20\x7f]+)*")


@dataclass(frozen=True)
class Commands:
    """MAIL and RCPT, without their line ends."""

    mail: str
    rcpt: str


def commands_for(
    reference: str, recipient: Mailbox, relay: Relay, offers: Collection[str]
) -> Commands:
    """The envelope of one message to exactly one mailbox.

    ValueError if the recipient is not, at this last look, the one mailbox it was (a list here
    would tell one person about another).
    """
    if one_mailbox(recipient.address) != recipient:
        raise ValueError("the recipient is not the one mailbox it was")
    sender, envelope_id = relay.written_by.mailbox.address, reference
    if relay.return_path is not None:
        sender = relay.return_path.address_for(reference)
        envelope_id = relay.return_path.envelope_id(reference)
    mail, rcpt = f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient.address}>"
    if "dsn" in offers:
        wanted = "FAILURE,DELAY" if relay.return_path is None else "SUCCESS,FAILURE,DELAY"
        mail += f" RET=HDRS ENVID={envelope_id}"
        rcpt += f" NOTIFY={wanted} ORCPT={_original(recipient)}"
    if recipient.needs_smtputf8:
        mail += " SMTPUTF8"
    for line in (mail, rcpt):
        if not _SAFE.fullmatch(line) or line.count("<") != 1:
            raise ValueError("an envelope line holds what could be read as another command")
    return Commands(mail, rcpt)


def _original(recipient: Mailbox) -> str:
    """ORCPT: RFC 3461 4.2, and RFC 6533 3 for a local part that is not ASCII."""
    if recipient.needs_smtputf8:
        plain = _NOT_XTEXT.sub(lambda found: f"\\x{{{ord(found[0]):X}}}", recipient.address)
        return f"utf-8;{plain}"
    return "rfc822;" + _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", recipient.address)
