"""What a mail server's answer means for one message: RFC 5321 4.2, RFC 3463. Pure."""

from __future__ import annotations

import re

from incident_engine.domain.words import Outcome

LONGEST_SAID = 2_000

_ENHANCED = re.compile(r"(?P<class>[245])\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})(?=\s|$)")
_ANYWHERE = re.compile(r"\b(?P<class>[45])\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})\b")
_BARE_CODE = re.compile(r"\b([45]\d\d)\b")
_QUEUE_ID = re.compile(r"(?:queued as |\bid=)<?(?P<id>[^\s<>;,]{4,120})", re.IGNORECASE)

_OUR_LOGIN = {530, 534, 535, 538}
_OUR_GRAMMAR = {500, 502, 503, 504, 555}
_NO_SUCH_MAILBOX = {501, 550, 551, 552, 553}

# RFC 3463 subjects and details whose plain reading would blame the wrong side.
_EXCEPTIONS = {
    "1.7": Outcome.BROKEN,  # bad sender's mailbox address
    "1.8": Outcome.BROKEN,  # bad sender's system address
    "1.9": Outcome.BROKEN,  # bad sender's mailbox address syntax
    "5.4": Outcome.BROKEN,  # invalid command arguments
    "6.7": Outcome.UNDELIVERABLE,  # that address needs SMTPUTF8 and does not get it (RFC 6531)
    "7.8": Outcome.BROKEN,  # our login
    "7.9": Outcome.BROKEN,  # our way of logging in
}
_SUBJECTS = {
    "1": Outcome.UNDELIVERABLE,  # the address
    "2": Outcome.UNDELIVERABLE,  # the mailbox: gone, full, disabled
    "3": Outcome.REFUSED,  # their system: too big for it, does not take mail
    "4": Outcome.UNDELIVERABLE,  # no way to that domain
    "5": Outcome.BROKEN,  # we did not speak the protocol
    "6": Outcome.BROKEN,  # our message's form
    "7": Outcome.REFUSED,  # policy
}


def is_answer(code: int) -> bool:
    """Whether this is a reply code at all; anything else is garbage on the wire."""
    return 200 <= code <= 599


def verdict(phase: str, code: int, text: str) -> Outcome:
    """The outcome a reply code means, heard in this phase: mail, rcpt, data or answer.

    2yz counts only as the answer to the final dot; before it, nothing has been taken. A 5yz is
    told apart by its enhanced code where there is one: the address will never work
    (undeliverable), they will not take it from us (refused), or the fault is ours (broken).
    """
    if code < 400:
        return Outcome.ACCEPTED if phase == "answer" and code < 300 else Outcome.DEFERRED
    if code < 500:
        return Outcome.DEFERRED
    if code in _OUR_LOGIN:
        return Outcome.BROKEN
    return _by_enhanced(text) or _by_code(phase, code)


def verdict_of_failure(status: str, diagnosis: str) -> Outcome:
    """Why a server that had taken it gave it up for good: RFC 3463 status, and the last reply.

    A status of no detail (5.0.0) says less than the reply it wraps. Giving up after trying for
    days has a 4: the address does not work today, and that is all the next channel needs.
    """
    for words in (status, diagnosis):
        for found in _ANYWHERE.finditer(words):
            exact = f"{found['subject']}.{found['detail']}"
            if found["class"] == "4":
                return Outcome.REFUSED if found["subject"] == "7" else Outcome.UNDELIVERABLE
            if outcome := _EXCEPTIONS.get(exact) or _SUBJECTS.get(found["subject"]):
                return outcome
    code = _BARE_CODE.search(diagnosis)
    known = code is None or code[1][0] == "4" or int(code[1]) in _NO_SUCH_MAILBOX
    return Outcome.UNDELIVERABLE if known else Outcome.REFUSED


def words_of(code: int, text: str) -> str:
    """The reply word for word as one text, cut at 2,000 characters, safe to store as UTF-8."""
    said = f"{code} {text}".rstrip() if is_answer(code) else text
    whole = said.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")[:LONGEST_SAID]


def queue_id(text: str) -> str:
    """The other side's own number for the message, where it gave one; else empty."""
    found = _QUEUE_ID.search(text)
    return found["id"] if found else ""


def _by_enhanced(text: str) -> Outcome | None:
    found = _ENHANCED.match(text)
    if not found or found["class"] != "5":
        return None
    exact = f"{found['subject']}.{found['detail']}"
    return _EXCEPTIONS.get(exact) or _SUBJECTS.get(found["subject"])


def _by_code(phase: str, code: int) -> Outcome:
    if code in _OUR_GRAMMAR:
        return Outcome.BROKEN
    if phase == "rcpt" and code in _NO_SUCH_MAILBOX:
        return Outcome.UNDELIVERABLE
    return Outcome.REFUSED
