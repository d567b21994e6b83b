"""Mail that comes back to our return path: what it says of one delivery, and whether to believe it.

Reports after RFC 3464 say it in fields. Odd servers say it in prose: flufl-bounce and a few words
read that. Answers of machines for absent people are no bounces (RFC 3834), complaints (RFC 5965)
prove arrival. Nothing is believed that does not carry a mark of ours (`return_path`): a stranger
who sends bounces for others changes nothing. Nothing here ever answers a mail, so two boxes
cannot talk to each other for ever.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from hashlib import sha256
from html import unescape

from flufl.bounce import all_failures

from incident_engine.channels import Receipt
from incident_engine.channels.mail.bounce_words import (
    AUTO_REPLY_HEADERS,
    AUTO_REPLY_SUBJECT,
    DAEMON,
    PHRASES,
    STILL_TRYING,
)
from incident_engine.channels.mail.return_path import ReturnPath
from incident_engine.channels.mail.smtp_codes import LONGEST_SAID, verdict_of_failure
from incident_engine.domain.words import Outcome

logging.getLogger("flufl.bounce").disabled = True  # it logs what it reads, addresses and all

_LONGEST = 1_000_000  # bytes read of one mail; a report stands at its beginning
_MOST_PARTS = 40  # nested deeper, a mail is made to break parsers
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError)
_TO_US = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To", "To")
_OLD_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@", re.IGNORECASE)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_CODE = re.compile(r"\b([45]\d\d)(?=[\s:-])")
_TAG = re.compile(r"<[^>]*>")
_NEWS = ("delivered", "failed", "relayed", "expanded", "delayed")  # the surest of several first


@dataclass(frozen=True)
class _Finding:
    """What one mail says, whomever it is about."""

    kind: str
    outcome: Outcome | None
    said: str
    code: str = ""


def read_bounce(raw: bytes, ours: ReturnPath) -> Receipt:
    """What a mail to the return path means. Never raises, whatever the bytes.

    `kind` is failed, delayed, delivered, relayed, expanded, complaint, auto-reply, read-receipt,
    other (a person wrote) or unreadable; the last four are no news of the delivery.
    """
    raw = raw[:_LONGEST]
    message = _parsed(raw)
    if message is None:
        finding = _Finding("unreadable", None, "this mail cannot be read as one")
    else:
        finding = _finding(message)
    reference, is_ours = _about(message, raw, ours)
    return Receipt(
        key=_key(message, raw, f"{reference}|{finding.kind}|{finding.code}|{is_ours}"),
        reference=reference,
        kind=finding.kind,
        outcome=finding.outcome,
        said=_clean(finding.said),
        code=finding.code,
        believed=is_ours,
        why="" if is_ours else _why_not(reference),
    )


def _why_not(reference: str) -> str:
    if reference:
        return "it names a delivery without our proof: anybody could have written it"
    return "it names no delivery of ours"


def _parsed(raw: bytes) -> Message | None:
    shape = raw.lower()
    if shape.count(b"multipart/") + shape.count(b"message/") > _MOST_PARTS:
        return None
    try:
        return email.message_from_bytes(raw, policy=policy.compat32)
    except _MALFORMED:
        return None


def _about(message: Message | None, raw: bytes, ours: ReturnPath) -> tuple[str, bool]:
    """The delivery it is about, and whether that is proven. Its own addressee counts first."""
    text = raw.replace(b"=\r\n", b"").replace(b"=\n", b"").decode("latin-1")
    heads = [_header(message, name) for name in _TO_US] if message else []
    found = [mark for words in (*heads, text) if (mark := ours.mark_in(words))]
    proven = next((mark for mark in found if mark[1]), None)
    if proven or found:
        return proven or found[0]
    if (old := _OLD_MESSAGE_ID.search(text)) is not None:
        return old[1].lower(), False
    return "", False


def _finding(message: Message) -> _Finding:
    for reader in (_report, _complaint, _read_receipt, _auto_reply, _in_prose):
        try:
            found = reader(message)
        except _MALFORMED:
            continue  # a malformed part: perhaps another reader makes something of it
        if found is not None:
            return found
    return _Finding("other", None, _text(message) or _header(message, "Subject") or "(empty)")


def _report(message: Message) -> _Finding | None:
    """RFC 3464, also where the outer type is not the one it asks for."""
    blocks = [
        block for part in _parts(message, "message/delivery-status") for block in _fields(part)
    ]
    told = [block for block in blocks if block.get("action")]
    if not told:
        return None
    block = min(told, key=lambda each: _rank(each["action"]))
    action = block["action"].lower()
    status = _first(_STATUS, block.get("status", ""))
    diagnosis = block.get("diagnostic-code", "").partition(";")[2].strip()
    said = diagnosis or _text(message) or f"{action} {status}"
    return _Finding(action, _outcome_of(action, status, diagnosis), said, status)


def _rank(action: str) -> int:
    return _NEWS.index(action.lower()) if action.lower() in _NEWS else len(_NEWS)


def _outcome_of(action: str, status: str, diagnosis: str) -> Outcome | None:
    known = {
        "delivered": Outcome.DELIVERED,
        "relayed": Outcome.ACCEPTED,  # beyond it nobody reports
        "expanded": Outcome.ACCEPTED,
        "delayed": Outcome.DEFERRED,
    }
    return verdict_of_failure(status, diagnosis) if action == "failed" else known.get(action)


def _complaint(message: Message) -> _Finding | None:
    """RFC 5965. Whoever complains has the mail in front of them: it arrived."""
    for part in _parts(message, "message/feedback-report"):
        for block in _fields(part):
            if kind := block.get("feedback-type"):
                said = f"feedback report: {kind}"
                if kind.lower() == "not-spam":
                    return _Finding("delivered", Outcome.DELIVERED, said)
                return _Finding("complaint", Outcome.DELIVERED, said)
    return None


def _read_receipt(message: Message) -> _Finding | None:
    if _parts(message, "message/disposition-notification"):
        return _Finding("read-receipt", None, _text(message) or "a read receipt, never asked for")
    return None


def _auto_reply(message: Message) -> _Finding | None:
    if _is_from_daemon(message):
        return None
    automatic = _header(message, "Auto-Submitted").lower().startswith("auto-replied")
    precedence = _header(message, "Precedence").lower() in ("auto_reply", "auto-reply")
    named = any(message.get(name) is not None for name in AUTO_REPLY_HEADERS)
    subject = AUTO_REPLY_SUBJECT.search(_header(message, "Subject"))
    if not (automatic or precedence or named or subject):
        return None
    return _Finding("auto-reply", None, _text(message) or _header(message, "Subject") or "(empty)")


def _in_prose(message: Message) -> _Finding | None:
    """A bounce that no standard describes: by its detectors, by its codes, by its words."""
    temporary, permanent = all_failures(message)
    if not (temporary or permanent or _is_from_daemon(message)):
        return None
    text = _text(message)
    where = _reason(text)
    status, code = _first(_STATUS, where), _first(_CODE, where)
    if (temporary and not permanent) or (STILL_TRYING.search(text) and not permanent):
        return _Finding("delayed", Outcome.DEFERRED, where or text, status or code)
    if status.startswith(("4", "5")):
        return _Finding("failed", verdict_of_failure(status, where), where, status)
    worded = next((outcome for words, outcome in PHRASES if words.search(text)), None)
    if worded is None and code:  # words say more than a bare 550 or 554
        worded = verdict_of_failure("", where)
    if worded or permanent:
        return _Finding("failed", worded or Outcome.UNDELIVERABLE, where or text, code)
    return _Finding("unreadable", None, text or "a mail server wrote, and said nothing we know")


def _reason(text: str) -> str:
    """From the line with a reply code on: the reason, without the courtesies before it."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if _CODE.search(f"{line} ") or _STATUS.search(line):
            return "\n".join(lines[number : number + 6])
    return ""


def _is_from_daemon(message: Message) -> bool:
    if _header(message, "Return-Path").strip() == "<>" and message.get("Return-Path") is not None:
        return not AUTO_REPLY_SUBJECT.search(_header(message, "Subject")) and not (
            _header(message, "Auto-Submitted").lower().startswith("auto-replied")
            and not DAEMON.search(_header(message, "From"))
        )
    return bool(DAEMON.search(_header(message, "From")))


def _parts(message: Message, kind: str) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() == kind]


def _fields(part: Message) -> Iterator[dict[str, str]]:
    """The blocks of fields of a report; the parser makes a message of each, or leaves text."""
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [email.message_from_string(str(payload))]
    for block in blocks:
        if isinstance(block, Message):
            yield {name.lower(): " ".join(str(words).split()) for name, words in block.items()}


def _header(message: Message | None, name: str) -> str:
    found = message.get(name) if message is not None else None
    if found is None:
        return ""
    try:
        return " ".join(str(make_header(decode_header(str(found)))).split())
    except (ValueError, LookupError, MessageError):
        return " ".join(str(found).split())


def _text(message: Message) -> str:
    """The first readable part, without marks of HTML; at most 64 KiB are looked at."""
    for kind in ("text/plain", "text/html"):
        for part in _parts(message, kind):
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes) or not payload.strip():
                continue
            words = _decoded(payload[:65_536], part.get_content_charset() or "utf-8")
            return (unescape(_TAG.sub(" ", words)) if kind == "text/html" else words).strip()
    return ""


def _decoded(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


def _first(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(f"{words} ")
    return found[found.lastindex or 0] if found else ""


def _key(message: Message | None, raw: bytes, about: str) -> str:
    own = _header(message, "Message-ID")
    told = f"{own}|{about}".encode() if own else raw + about.encode()
    return sha256(told).hexdigest()


def _clean(said: str) -> str:
    whole = said.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return whole.strip()[:LONGEST_SAID] or "(empty)"
