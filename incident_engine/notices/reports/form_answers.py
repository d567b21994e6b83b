"""What kind of answer a question takes, and reading what a person typed as that kind.

Only a form made to a published schema declares kinds and has them kept: of a portal that was
not read in full, a closed list is shown beside the answer and refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from incident_engine.domain.errors import BadInput

_SPAN = re.compile(r"\d{1,3}:(?:[01]\d|2[0-3]):[0-5]\d")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[1-9]\d{1,14}(\s?\(\d+\))?([-\s.]?\d+)*")
_NUMBER = re.compile(r"\d[\d,]*")
_BAND = re.compile(r"\d[\d,]*(-\d[\d,]*)?")
_MINUTES_A_DAY = 24 * 60


class AnswerKind(StrEnum):
    """In which form a program takes the answer."""

    TEXT = "text"
    CHOICE = "choice"  # of the form's closed list
    CRITERIA = "criteria"  # the same, each with fields of its own
    YES_NO = "yes-no"
    WHOLE_NUMBER = "whole-number"
    PERCENT = "percent"  # 0 to 100
    AMOUNT = "amount"  # thousands of the reporting currency
    INSTANT = "instant"  # UTC to the second
    SPAN = "span"  # DDD:HH:MM
    EMAIL = "email"
    PHONE = "phone"


EXPECTED = {
    AnswerKind.YES_NO: "yes or no",
    AnswerKind.WHOLE_NUMBER: "a whole number without separators",
    AnswerKind.PERCENT: "a number from 0 to 100",
    AnswerKind.AMOUNT: "a number, in thousands of the reporting currency",
    AnswerKind.INSTANT: "a date and time with its offset, like 2026-03-06T12:00:00+01:00",
    AnswerKind.SPAN: "days, hours and minutes, like 001:05:30",
    AnswerKind.EMAIL: "one email address",
    AnswerKind.PHONE: "a telephone number, like +49 30 123456",
}


def read_answer(
    text: str, kind: AnswerKind, choices: Sequence[str] = (), *, several: bool = False
) -> Any:
    """What a person typed, as that kind; a choice gives a list. Raises ValueError where it is not.

    Several choices are separated by semicolons or commas.
    """
    if kind in (AnswerKind.CHOICE, AnswerKind.CRITERIA):
        return _chosen(text, choices, several=several)
    return _READERS.get(kind, str)(text.strip())


def must_be_answer(
    place: str, text: str, kind: AnswerKind, choices: Sequence[str], *, several: bool
) -> None:
    """Raise BadInput, naming what was expected, unless the text is an answer of that kind."""
    try:
        read_answer(text, kind, choices, several=several)
    except ValueError:
        listed = f"{'one or more' if several else 'one'} of {'; '.join(choices)}"
        raise BadInput(
            "wrong-answer",
            place,
            f"found {text[:60]!r}",
            expected=EXPECTED.get(kind, listed),
        ) from None


def utc_second(text: str) -> str:
    """An instant as given with its offset, in UTC to the second. Raises ValueError for a day."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not re.search(r"\d[T ]\d", text):
        raise ValueError(text)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_hours_minutes(minutes: int) -> str:
    """Minutes as DDD:HH:MM."""
    days, rest = divmod(minutes, _MINUTES_A_DAY)
    return f"{days:03}:{rest // 60:02}:{rest % 60:02}"


def band_of(number: int, choices: Iterable[str]) -> str:
    """The choice that is the band of a number: "101-1,000", "1", "more than 10,000,000"."""
    for each in choices:
        bounds = [int(part.replace(",", "")) for part in _NUMBER.findall(each)]
        if each.startswith("more than") and bounds:
            found = number > bounds[0]
        else:
            found = bool(_BAND.fullmatch(each)) and bounds[0] <= number <= bounds[-1]
        if found:
            return each
    return ""


def _chosen(text: str, choices: Iterable[str], *, several: bool) -> list[str]:
    known = {each.casefold(): each for each in choices}
    whole = known.get(text.strip().casefold())
    parts = [part.strip() for part in re.split(r"[;,]", text) if part.strip()]
    if whole or not several:
        parts = [text.strip()]
    found = [known[part.casefold()] for part in parts if part.casefold() in known]
    if not found or len(found) != len(parts):
        raise ValueError(text)
    return list(dict.fromkeys(found))


def _yes_no(text: str) -> bool:
    word = text.lower()
    if word not in ("yes", "true", "no", "false"):
        raise ValueError(text)
    return word in ("yes", "true")


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise ValueError(text)
    return int(text)


def _amount(text: str) -> float:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", text):
        raise ValueError(text)
    return float(text)


def _percent(text: str) -> float:
    found = _amount(text)
    if not 0 <= found <= 100:
        raise ValueError(text)
    return found


def _matching(pattern: re.Pattern[str]) -> Any:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return text

    return read


_READERS: dict[AnswerKind, Any] = {
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.WHOLE_NUMBER: _whole,
    AnswerKind.AMOUNT: _amount,
    AnswerKind.PERCENT: _percent,
    AnswerKind.INSTANT: utc_second,
    AnswerKind.SPAN: _matching(_SPAN),
    AnswerKind.EMAIL: _matching(_MAIL),
    AnswerKind.PHONE: _matching(_PHONE),
}
