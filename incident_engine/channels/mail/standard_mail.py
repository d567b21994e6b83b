"""One envelope as the bytes of one mail (RFC 5322): to one mailbox, and the same on every attempt.

Nothing is trusted on its way into a header. What comes from people is refused if it could end a
line or smuggle one in as an encoded word (CPython before 3.11.10 and 3.12.5 decodes
`=?utf-8?q?a=0D=0ABcc...?=` into a real header line, CVE-2024-6923), and what was serialised is
read back and compared with what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from incident_engine.channels import Envelope
from incident_engine.domain.errors import BadInput

NOT_ONE_MAILBOX = "not-one-mailbox"
UNSAFE_HEADER = "unsafe-header"

_LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3 less the angle brackets
LONGEST_LINE = 998  # RFC 5322 2.1.1
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LOCAL = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[A-Za-z0-9-]*[A-Za-z]){_LABEL}")
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[^?\s]*\?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_REFERENCE = re.compile(r"[0-9a-f]{32}")
_EXTRA_HEADER = re.compile(r"X-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", re.IGNORECASE)
_UNFOLD = re.compile(r"\r?\n(?=[ \t])")
_LANGUAGE_HEADER = "Content-Language"  # last: adding an alternative moves Content- headers inward
PLAIN_LINE = 76  # a line longer than this, or not ASCII, makes the part quoted-printable


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One mailbox as it goes on the wire: the domain in its ASCII form (IDNA 2008)."""

    local: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """A local part that is not ASCII has no other spelling (RFC 6531)."""
        return not self.local.isascii()


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes. `domain` is the right half of every Message-ID."""

    address: str
    name: str = ""
    domain: str = ""

    @property
    def mailbox(self) -> Mailbox:
        return one_mailbox(self.address)


@lru_cache(maxsize=1_024)  # one letter asks several times
def one_mailbox(address: str) -> Mailbox:
    """Exactly one mailbox, no more and no less, or BadInput `not-one-mailbox`.

    Narrower than RFC 5321 on purpose: no quoted local part, no address literal, no comment, no
    list, no trailing dot. The address itself is not repeated in the error.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(address.encode("utf-8", "replace")) > _LONGEST_ADDRESS:
        raise _not_one_mailbox()
    if not _is_local(local):
        raise _not_one_mailbox()
    ascii_domain = domain if domain.isascii() else _idna(domain)
    if len(ascii_domain) > 253 or not _DOMAIN.fullmatch(ascii_domain):
        raise _not_one_mailbox()
    return Mailbox(local=local, domain=ascii_domain)


def is_reference(words: str) -> bool:
    """Whether it is one of ours: 32 hexadecimal digits."""
    return bool(_REFERENCE.fullmatch(words))


def standard_bytes(envelope: Envelope, sender: Sender) -> bytes:
    """The mail as the standard library writes it: 7-bit body, the same bytes at every call.

    1. Refuse what may not stand in a header.
    2. Text, and HTML as its alternative, as they were rendered.
    3. Serialise, read back, and compare with what was meant.

    Raises BadInput: `not-one-mailbox` for the address, `unsafe-header` for anything else.
    """
    recipient = one_mailbox(envelope.address)
    headers = _headers(envelope, sender, recipient)
    message = EmailMessage(policy=_policy(recipient))
    try:
        _fill(message, envelope, headers)
        written = message.as_bytes()
    except (UnicodeError, ValueError, IndexError) as error:
        raise unsafe(
            "message", f"it cannot be written as a mail ({type(error).__name__})"
        ) from None
    must_say_what_was_meant(written, headers, recipient)
    return written


def must_be_plain(place: str, words: str) -> str:
    """The words unchanged, or BadInput `unsafe-header` if they could become more than one line."""
    if any(_breaks_lines(character) for character in words):
        raise unsafe(place, "it holds a control character or a line break")
    if _ENCODED_WORD.search(words):
        raise unsafe(place, "it holds an encoded word (=?...?=)")
    return words


def must_say_what_was_meant(written: bytes, headers: Mapping[str, str], recipient: Mailbox) -> None:
    """What another program will read in these bytes is what we meant, or BadInput.

    Compared are the names of the header lines in their order, the recipient to the letter, and
    what each header says once decoded.
    """
    found = message_from_bytes(written, policy=policy.default)
    lines = [(name, words) for name, words in _lines(written) if not _is_mime(name)]
    if [name for name, _ in lines] != list(headers) or found.defects:
        raise unsafe("message", "its headers, read back, are not the ones written")
    if max(map(len, written.split(b"\r\n"))) > LONGEST_LINE:
        raise unsafe("message", f"one of its lines is longer than {LONGEST_LINE} octets")
    if dict(lines)["To"] != recipient.address:
        raise unsafe("To", "read back, it is not exactly the one recipient")
    for name in headers.keys() - {"To"}:
        if str(found[name]).split() != headers[name].split():
            raise unsafe(name, "read back, it does not say what was written")


def _headers(envelope: Envelope, sender: Sender, recipient: Mailbox) -> dict[str, str]:
    if not is_reference(envelope.reference):
        raise unsafe("reference", "it is not 32 hexadecimal digits")
    if not _LANGUAGE.fullmatch(envelope.language):
        raise unsafe("Content-Language", "it is not a language tag")
    if envelope.dated is None or envelope.dated.tzinfo is None:
        raise unsafe("Date", "the envelope has no date with a zone")
    written_by = Address(must_be_plain("From", sender.name), addr_spec=sender.mailbox.address)
    return {
        "From": str(written_by),
        "To": recipient.address,
        "Subject": must_be_plain("Subject", envelope.subject),
        "Date": format_datetime(envelope.dated),
        "Message-ID": f"<{envelope.reference}@{sender.domain or sender.mailbox.domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no machine shall answer it
        **_extra_headers(envelope),
        _LANGUAGE_HEADER: envelope.language,
    }


def _extra_headers(envelope: Envelope) -> dict[str, str]:
    """Reply-To and X- headers only: never a second recipient, never an unsubscribe.

    A duty to tell somebody cannot be unsubscribed from.
    """
    extra = {}
    for name, words in envelope.headers.items():
        if name == "Reply-To":
            extra[name] = one_mailbox(words).address
        elif _EXTRA_HEADER.fullmatch(name):
            extra[name] = must_be_plain(name, words)
        else:
            raise unsafe("headers", "only Reply-To and X- headers may be added")
    return extra


def _fill(message: EmailMessage, envelope: Envelope, headers: dict[str, str]) -> None:
    for name, words in headers.items():
        if name != _LANGUAGE_HEADER:
            message[name] = words
    message.set_content(envelope.text, charset="utf-8", cte=transfer_encoding(envelope.text))
    if envelope.html is not None:
        message.add_alternative(
            envelope.html, subtype="html", charset="utf-8", cte=transfer_encoding(envelope.html)
        )
        # "=_" cannot stand in quoted-printable; and a boundary drawn by lot would make
        # the second attempt another message than the first.
        message.set_boundary(f"=_{envelope.reference}")
    _enclose(message, envelope)
    message[_LANGUAGE_HEADER] = headers[_LANGUAGE_HEADER]


def _enclose(message: EmailMessage, envelope: Envelope) -> None:
    for number, each in enumerate(envelope.enclosures):
        kind, _, subtype = each.mime.partition("/")
        name = must_be_plain("enclosure", each.name)
        message.add_attachment(each.content, maintype=kind, subtype=subtype, filename=name)
        if number == 0:
            message.set_boundary(f"=_e{envelope.reference}")


def _lines(written: bytes) -> list[tuple[str, str]]:
    """The header lines by name, unfolded and otherwise as they stand."""
    block = written.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    unfolded = _UNFOLD.sub("", block).split("\r\n")
    return [(name, words.strip()) for name, _, words in (line.partition(":") for line in unfolded)]


def _is_mime(name: str) -> bool:
    return name in ("MIME-Version", "Content-Type", "Content-Transfer-Encoding")


def _is_local(local: str) -> bool:
    if not local or len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL:
        return False
    if _ENCODED_WORD.search(local):
        return False
    if local.isascii():
        return bool(_LOCAL.fullmatch(local))
    stand_in = "".join("x" if _is_letter_abroad(character) else character for character in local)
    return bool(_LOCAL.fullmatch(stand_in)) and unicodedata.normalize("NFKC", local) == local


def _is_letter_abroad(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character)[0] in "LMN"


def _idna(domain: str) -> str:
    try:
        found = validate_email(f"x@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise _not_one_mailbox() from None
    if found.domain != domain.lower():  # full-width letters and the like: another spelling
        raise _not_one_mailbox()
    return str(found.ascii_domain)


def _policy(recipient: Mailbox) -> policy.EmailPolicy[EmailMessage]:
    chosen = policy.SMTPUTF8 if recipient.needs_smtputf8 else policy.SMTP
    return chosen.clone(cte_type="7bit")


def transfer_encoding(words: str) -> str:
    """7bit where every line is short and ASCII, else quoted-printable."""
    plain = words.isascii() and max(map(len, words.splitlines()), default=0) <= PLAIN_LINE
    return "7bit" if plain else "quoted-printable"


def _breaks_lines(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _not_one_mailbox() -> BadInput:
    return BadInput(
        NOT_ONE_MAILBOX,
        "address",
        "it is not exactly one mailbox",
        expected="name@domain, once, without quotes, comments or line breaks",
        next_step="Correct the person's address and prepare the notice again.",
    )


def unsafe(place: str, found: str) -> BadInput:
    """What may not stand in a mail, as an error that repeats none of it."""
    return BadInput(
        UNSAFE_HEADER,
        place,
        found,
        expected="one line of plain words",
        next_step="Correct the notice or the setting it comes from.",
    )
