"""Deadlines in a calendar (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from incident_engine.notices.calendar import calendar

NOW = datetime.fromisoformat("2026-03-06T10:25:00+08:00")
DUE = datetime.fromisoformat("2026-03-09T10:25:00+08:00")


@dataclass
class Duty:
    id: int | None = 7
    watched_at: datetime | None = DUE
    rule: str = "72 hours after aware"


def lines(file: bytes) -> list[str]:
    """The content lines with folding undone (3.1)."""
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def test_a_duty_is_an_event_at_its_instant_with_an_alarm_a_day_before() -> None:
    assert lines(calendar([("Tell the authority", Duty())], now=NOW)) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Incident Engine//EN",
        "BEGIN:VEVENT", "UID:obligation-7@incident-engine.invalid", "DTSTAMP:20260306T022500Z",
        "DTSTART:20260309T022500Z", "SUMMARY:Tell the authority",
        "DESCRIPTION:72 hours after aware",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Tell the authority", "TRIGGER:-P1D",
        "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_a_duty_without_a_day_is_left_out() -> None:
    file = calendar(
        [("soon", Duty(watched_at=None)), ("later", Duty(id=8))], now=NOW.astimezone(UTC)
    )
    assert [line for line in lines(file) if line.startswith("UID")] == [
        "UID:obligation-8@incident-engine.invalid"
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_no_title_begins_a_line_of_its_own(end: str) -> None:
    found = lines(calendar([(f"Tell{end}BEGIN:VEVENT", Duty())], now=NOW))
    assert found.count("BEGIN:VEVENT") == 1
    assert r"SUMMARY:Tell\nBEGIN:VEVENT" in found


def test_marks_of_the_format_are_escaped() -> None:
    found = lines(calendar([(r"a;b,c\d", Duty())], now=NOW))
    assert r"SUMMARY:a\;b\,c\\d" in found


@pytest.mark.parametrize("title", ["x" * 300, "须告知监管机构" * 30, "𠮷" * 99])
def test_long_lines_are_folded_between_characters_at_75_octets(title: str) -> None:
    file = calendar([(title, Duty())], now=NOW)
    physical = file.split(b"\r\n")
    assert max(map(len, physical)) <= 75
    for line in physical:
        line.decode()  # no character is cut apart
    assert f"SUMMARY:{title}" in lines(file)
