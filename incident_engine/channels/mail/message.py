"""The mail of one reader, cast: what all readers of a notice share is written and checked once.

The standard library needs a millisecond and a half to write a mail and as much to read it back.
So it writes and reads back one mail with these words in its header (`standard_mail`), and
its lines become the mould. What differs from reader to reader is an address and a reference, each
of a grammar too narrow to become a second line, and a few lines of the bodies (`mail_body`). What
arrives says, decoded, what the library's own mail would say; a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from incident_engine.channels import Envelope
from incident_engine.channels.mail.mail_body import body_part
from incident_engine.channels.mail.smtp_data import stuffed
from incident_engine.channels.mail.standard_mail import (
    Mailbox,
    is_reference,
    one_mailbox,
    standard_bytes,
    unsafe,
)
from incident_engine.channels.mail.standard_mail import (
    Sender as Sender,
)

_STAND_IN = "reader@example.org"
_NO_REFERENCE = "0" * 32
_FIELD = re.compile(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*")
_MIME = (b"mime-version:", b"content-type:", b"content-transfer-encoding:")


@dataclass(frozen=True)
class _Mould:
    """The header of a mail in three pieces: around the address, and around the reference."""

    before_address: bytes
    between: bytes
    after_reference: bytes
    language: bytes

    def head(self, address: str, reference: str) -> bytes:
        return b"%b%b%b%b%b" % (
            self.before_address,
            address.encode("ascii"),
            self.between,
            reference.encode("ascii"),
            self.after_reference,
        )


def bytes_for(envelope: Envelope, sender: Sender) -> bytes:
    """The mail, CRLF line ends and 7-bit body; the same bytes whenever it is asked for.

    Raises BadInput: `not-one-mailbox` for the address, `unsafe-header` for anything else.
    """
    recipient = one_mailbox(envelope.address)
    if _fits_no_mould(envelope, recipient):
        return standard_bytes(envelope, sender)
    return _moulded(envelope, sender, recipient) + b"\r\n"


def data_for(envelope: Envelope, sender: Sender) -> bytes:
    """The same as DATA wants it (RFC 5321 4.5.2): dots doubled, and without its last line end."""
    recipient = one_mailbox(envelope.address)
    if _fits_no_mould(envelope, recipient):
        return stuffed(standard_bytes(envelope, sender))
    return _moulded(envelope, sender, recipient)  # no line of which begins with a dot


def _fits_no_mould(envelope: Envelope, recipient: Mailbox) -> bool:
    """Rare ones, for which no mould pays for itself."""
    return recipient.needs_smtputf8 or bool(envelope.enclosures)


def _moulded(envelope: Envelope, sender: Sender, recipient: Mailbox) -> bytes:
    """The mail without its last line end."""
    if not is_reference(envelope.reference):
        raise unsafe("reference", "it is not 32 hexadecimal digits")
    dated = envelope.dated
    mould = _mould(
        sender,
        envelope.subject,
        dated,
        dated.utcoffset() if dated else None,  # equal moments of two zones are written otherwise
        envelope.language,
        tuple(envelope.headers.items()),
    )
    try:
        body = _body(envelope, mould.language)
    except UnicodeError as error:
        raise unsafe(
            "message", f"it cannot be written as a mail ({type(error).__name__})"
        ) from None
    return mould.head(recipient.address, envelope.reference) + body


@lru_cache(maxsize=64)
def _mould(
    sender: Sender,
    subject: str,
    dated: datetime | None,
    offset: timedelta | None,
    language: str,
    headers: tuple[tuple[str, str], ...],
) -> _Mould:
    """Raises BadInput for what may not stand in a header, as the library's own mail would."""
    pattern = Envelope(
        reference=_NO_REFERENCE,
        address=_STAND_IN,
        language=language,
        subject=subject,
        text="x",
        dated=dated,
        headers=dict(headers),
    )
    block = standard_bytes(pattern, sender).partition(b"\r\n\r\n")[0] + b"\r\n"
    fields = [each for each in _FIELD.findall(block) if not each.lower().startswith(_MIME)]
    named = fields.pop()  # Content-Language stands last, behind the fields of MIME
    return _Mould(*_cut_at_slots(fields), language=named)


def _cut_at_slots(fields: Iterable[bytes]) -> tuple[bytes, bytes, bytes]:
    """The fields as one text, cut at the stand-ins in To and Message-ID and nowhere else."""
    told = [
        field.replace(_STAND_IN.encode(), b"\x00")
        if field.startswith(b"To: ")
        else field.replace(_NO_REFERENCE.encode(), b"\x00")
        if field.startswith(b"Message-ID: ")
        else field
        for field in fields
    ]
    before, between, after = b"".join(told).split(b"\x00")
    return before, between, after


def _body(envelope: Envelope, language: bytes) -> bytes:
    text = envelope.text_pieces or (envelope.text,)
    if envelope.html is None:
        return b"MIME-Version: 1.0\r\n" + body_part("plain", text, language)
    # "=_" cannot stand in quoted-printable; and a boundary drawn by lot would make the second
    # attempt another message than the first.
    boundary = b"=_" + envelope.reference.encode("ascii")
    return b"".join(
        (
            b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n'
            % boundary,
            language,
            b"\r\n--%b\r\n" % boundary,
            body_part("plain", text),
            b"\r\n\r\n--%b\r\n" % boundary,
            body_part("html", envelope.html_pieces or (envelope.html,)),
            b"\r\n\r\n--%b--" % boundary,
        )
    )
