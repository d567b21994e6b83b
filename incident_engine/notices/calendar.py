"""Deadlines as a calendar file (RFC 5545), for those who live in their calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol


class Dated(Protocol):
    """What a calendar needs to know of a duty."""

    id: int | None
    rule: str

    @property
    def watched_at(self) -> datetime | None:
        """The law's deadline, else our aim."""


def calendar(duties: Iterable[tuple[str, Dated]], *, now: datetime) -> bytes:
    """One event a duty with an alarm a day before; instants in UTC. UTF-8, CRLF, folded at 75."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Incident Engine//EN"]
    for summary, duty in duties:
        if (ends := duty.watched_at) is None:
            continue
        lines += [
            "BEGIN:VEVENT",
            f"UID:obligation-{duty.id}@incident-engine.invalid",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(ends)}",
            f"SUMMARY:{_text(summary)}",
            f"DESCRIPTION:{_text(duty.rule)}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(summary)}",
            "TRIGGER:-P1D",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        value = value.replace(plain, escaped)
    return "\\n".join(value.splitlines())  # of any kind: a bare one would begin a line of its own


def _folded(line: str) -> bytes:
    # RFC 5545, 3.1: octets, not characters, and never inside one.
    parts, current = [], b""
    for character in line:
        octets = character.encode()
        if len(current) + len(octets) > 74:
            parts.append(current)
            current = b" "
        current += octets
    return b"\r\n".join([*parts, current]) + b"\r\n"
