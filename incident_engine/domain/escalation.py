"""Who on the staff is told when a deadline comes near and nobody has acted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from incident_engine.domain.facts.moments import read_moment
from incident_engine.domain.law.assessment import Obligation
from incident_engine.domain.words import DutyStatus

_PRESSING = (DutyStatus.REQUIRED, DutyStatus.OPEN)


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the ladder: how long before the deadline (negative: after), and whom."""

    before: timedelta
    whom: str  # a name of the settings' [alerts] table, with spaces


class Step(NamedTuple):
    """The rung to climb now: its number from 1, itself, and the numbers passed over."""

    number: int
    rung: Rung
    passed: tuple[int, ...]


LADDER: tuple[Rung, ...] = (
    Rung(before=timedelta(hours=48), whom="on call"),
    Rung(before=timedelta(hours=24), whom="on call"),
    Rung(before=timedelta(hours=12), whom="data protection officer"),
    Rung(before=timedelta(hours=3), whom="counsel"),
    Rung(before=timedelta(0), whom="counsel"),
    Rung(before=timedelta(hours=-12), whom="data protection officer"),
)


def own_target(duty: Obligation, *, within: timedelta, learned: datetime | None) -> datetime | None:
    """By when we mean to do what the law asks in words alone; None where it needs no aim.

    A guideline's aim, where the law file has one; else `within` after the moment the law counts
    from, or after `learned`, when a later fact brought the duty. It is ours, never the law's: a
    word like "immediately" does not become a number. `within` of zero: no aim of our own.
    """
    due = duty.due
    if due is None or due.at or due.words is None or duty.status not in _PRESSING:
        return None
    if due.target or not (due.start and within):
        return due.target
    begun = read_moment(due.start).earliest
    return max(begun, learned or begun) + within


def next_rung(
    ladder: Sequence[Rung], *, due_at: datetime, now: datetime, climbed: int
) -> Step | None:
    """The highest rung whose moment has come and that was not climbed yet.

    After a long silence this climbs straight to the top one due and names those it passed.
    """
    come = [n for n, rung in enumerate(ladder, start=1) if now >= due_at - rung.before]
    if not come or come[-1] <= climbed:
        return None
    number = come[-1]
    return Step(number, ladder[number - 1], tuple(range(climbed + 1, number)))
