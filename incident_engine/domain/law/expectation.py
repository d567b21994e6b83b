"""The answer an example in a law file expects, in one line.

"required; due 2026-03-09T10:25:00+01:00"    "open; asks data.encrypted, data.key_taken"
"not-required: unreadable"                   "left out"
"required; due without undue delay"          "required; due 2026-12-31"
"""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.facts.faults import refuse
from incident_engine.domain.words import DutyStatus

LEFT_OUT = "left out"


@dataclass(frozen=True)
class Expectation:
    """A status (None: left out), and what of the rest is expected. Empty: not looked at."""

    status: DutyStatus | None
    exception: str = ""
    due: str = ""
    asks: tuple[str, ...] = ()


def read_expectation(found: object) -> Expectation:
    """An expectation from its line. Raises PydanticCustomError."""
    if isinstance(found, Expectation):
        return found
    if not isinstance(found, str):
        raise refuse("wrong-kind", found, "one line of text")
    status, *rest = (part.strip() for part in found.split(";"))
    word, _, exception = (part.strip() for part in status.partition(":"))
    if word == LEFT_OUT and not rest:
        return Expectation(None)
    if word not in set(DutyStatus):
        raise refuse("unknown-word", word, f"{LEFT_OUT}, {', '.join(DutyStatus)}")
    due, asks = "", ""
    for part in rest:
        kind, _, value = part.partition(" ")
        if kind not in ("due", "asks") or not value:
            raise refuse("bad-expectation", part, "due … or asks …")
        due, asks = (value, asks) if kind == "due" else (due, value)
    asked = tuple(ask.strip() for ask in asks.split(",") if ask.strip())
    return Expectation(DutyStatus(word), exception, due, asked)
