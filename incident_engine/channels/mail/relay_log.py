"""What a relay's own log knows of mails in doubt: Postfix's, found by Message-ID.

A mail that its queue manager took on was taken from us, whatever we heard; a cleanup line alone was
not: it is written while the body still comes. (Postfix: cleanup(8), qmgr(8), smtp(8).)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from incident_engine.channels import Receipt
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome

_LINE = re.compile(r"postfix[\w/-]*/(\w+)\[\d+\]: ([0-9A-Za-z]{6,24}): (.*)")
_MESSAGE_ID = re.compile(r"message-id=<([0-9a-f]{32})@")
_STATUS = re.compile(r"status=(sent|bounced|expired)\b *(.*)")
_DSN = re.compile(r"\bdsn=([245]\.\d{1,3}\.\d{1,3})")
_LONGEST_SAID = 2_000
_BECAME = {
    "queued": Outcome.ACCEPTED,
    "sent": Outcome.ACCEPTED,
    "bounced": Outcome.UNDELIVERABLE,
    "expired": Outcome.UNDELIVERABLE,
}


@dataclass(frozen=True)
class _Entry:
    """One line: which of Postfix's programs wrote it, under which number, and what it says."""

    program: str
    queue: str
    said: str


def news_of(log: Path, references: Collection[str]) -> list[Receipt]:
    """A receipt for each thing the log says of these, oldest first; the rotated log before it too.

    Raises BadInput where the log cannot be read.
    """
    wanted, under, found = set(references), dict[str, str](), list[Receipt]()
    for entry in _entries(log):
        if entry.program == "cleanup":
            named = _MESSAGE_ID.search(entry.said)
            under.pop(entry.queue, None)  # a short number is given again
            if named and named[1] in wanted:
                under[entry.queue] = named[1]
        elif entry.queue in under:
            found += _news(entry, under[entry.queue])
    return found


def _entries(log: Path) -> Iterator[_Entry]:
    rotated = log.with_name(f"{log.name}.1")
    for path in (rotated, log) if rotated.exists() else (log,):
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    if parts := _LINE.search(line):
                        yield _Entry(*parts.groups())
        except OSError as error:
            raise BadInput(
                "bad-relay-log",
                "email.relay_log",
                f"{path} cannot be read ({error.strerror})",
                expected="the log of the relay on this machine",
                next_step="Let this user read it, or empty the setting.",
            ) from None


def _news(entry: _Entry, reference: str) -> Iterator[Receipt]:
    if entry.program == "qmgr" and "queue active" in entry.said:
        yield _receipt(entry.queue, reference, "queued", "taken on by the queue manager")
    elif status := _STATUS.search(entry.said):
        dsn = _DSN.search(entry.said)
        yield _receipt(entry.queue, reference, status[1], status[2], dsn[1] if dsn else "")


def _receipt(queue: str, reference: str, kind: str, said: str, code: str = "") -> Receipt:
    return Receipt(
        key=f"relay-log|{queue}|{kind}|{code}",
        reference=reference,
        kind=kind,
        outcome=_BECAME[kind],
        said=f"the relay's log: {kind} {said}".strip()[:_LONGEST_SAID],
        code=code,
        provider_reference=queue,
    )
