"""A later day for a duty: granted by somebody with the power to, or taken for a reason the law has.

The facts say until when, by whom and why; the law says whether that is possible and how far. What
the law does not know moves nothing, and is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from incident_engine.domain.facts.document import Extension
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.law.assessment import DueDate
from incident_engine.domain.law.case import Case
from incident_engine.domain.law.counting import LAST_SECOND, begins, count
from incident_engine.domain.law.playbook import Extending, Obligation, Playbook
from incident_engine.domain.law.starts import keys_of, started
from incident_engine.domain.law.words import Extender


@dataclass(frozen=True)
class Extended:
    """A due date after what the facts say of its extension, with the reasons and questions."""

    due: DueDate
    because: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def extended(
    law: Playbook, duty: Obligation, case: Case, due: DueDate, hour: time | None = None
) -> Extended:
    """The due date, later where the facts hold an extension that this law allows.

    Never sooner, and never beyond the longest that the law allows. `hour`: at which its last day
    ends, where that is not midnight.
    """
    key, found = _recorded(law, duty, case)
    if found is None or due.at is None:
        return Extended(due)
    ground = _ground(duty, found)
    if ground is None:
        return Extended(due, (_unknown_to(duty, found),))
    if lacks := [name for name in ("until", "why") if getattr(found, name) is None]:
        said = f"an extension is recorded without its {' and '.join(lacks)}: the day stays"
        return Extended(due, (said,), tuple(f'extended."{key}".{name}' for name in lacks))
    truth = ground.when.read(case)
    if not truth.value:
        said = f"{ground.id} moves the day only where it is so: {', '.join(truth.because)}"
        return Extended(due, (said,), truth.asks)
    return _Moving(law, ground, case, due, hour or LAST_SECOND).to(found)


def _recorded(law: Playbook, duty: Obligation, case: Case) -> tuple[str, Extension | None]:
    keys = keys_of(law, duty.id)
    found = ((key, case.facts.extended[key]) for key in keys if key in case.facts.extended)
    return next(found, (keys[0], None))


def _ground(duty: Obligation, found: Extension) -> Extending | None:
    """The ground of the law that an extension rests on; the only one need not be named."""
    if found.ground is None:
        return duty.extension[0] if len(duty.extension) == 1 else None
    return next((each for each in duty.extension if each.id == found.ground), None)


def _unknown_to(duty: Obligation, found: Extension) -> str:
    if not duty.extension:
        return "an extension is recorded, and this law knows none: the day stays"
    known = ", ".join(each.id for each in duty.extension)
    named = f"on the ground {found.ground}" if found.ground else "without its ground"
    return f"an extension is recorded {named}: the day stays (the law knows {known})"


@dataclass(frozen=True)
class _Moving:
    """One due date, about to be put off on one ground."""

    law: Playbook
    ground: Extending
    case: Case
    due: DueDate
    hour: time

    def to(self, found: Extension) -> Extended:
        """The due date at the end of an extension, with the arithmetic."""
        assert self.due.at
        assert found.until
        until, steps = self._end(found.until), [f"put off until {found.until}"]
        for limit, says in self._limits():
            if limit is None:
                return Extended(self.due, (f"{says} is not known: the day stays",), (says,))
            if until > limit:
                until = limit
                steps.append(f"no further than {says}: {limit.isoformat()}")
        if until <= self.due.at:
            said = f"an extension until {found.until} ends no later than the law's own day"
            return Extended(self.due, (said,))
        first = f"without the extension it would be {self.due.at.isoformat()}"
        rule = f"{self.due.rule}, put off until {until.isoformat()} ({self.ground.id})"
        moved = replace(self.due, at=until, rule=rule, steps=(*self.due.steps, first, *steps))
        return Extended(moved, tuple(self._said(found)))

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.due.zone)

    def _end(self, until: Moment) -> datetime:
        """An instant itself; a bare day ends where the days of this law end."""
        at = begins(until, self._zone)
        return at if until.day is None else datetime.combine(until.day, self.hour, self._zone)

    def _limits(self) -> Iterator[tuple[datetime | None, str]]:
        """The furthest ends, each in words; None: its clock, which is named instead, is unknown."""
        assert self.due.at
        if longest := self.ground.longest:
            at = self.due.at.astimezone(self._zone)
            whole = Moment(said=str(at.date()), day=at.date())
            first = Moment(said=at.isoformat(), at=at) if longest.elapsed else whole
            yield count(longest, first, self._zone).at, f"{longest} after that day"
        if window := self.ground.until:
            start = started(self.law, window.after, self.case.facts, self._zone)
            if start is None:
                yield None, f"clocks.{window.after}"
            else:
                end = count(window.within, start, self._zone).at
                yield end, f"{window.within} after {window.after}"

    def _said(self, found: Extension) -> Iterator[str]:
        assert self.due.at
        by = f" by {found.by}" if found.by else ""
        how = "granted" if self.ground.by is Extender.AUTHORITY else "taken"
        citation = self.law.cite(self.ground.source)[0]
        yield f"{self.ground.id}: an extension was {how}{by}: {found.why} ({citation})"
        if found.at and begins(found.at, self._zone) > self.due.at:
            yield f"it was {how} on {found.at}, after the first day had passed: a person checks"


def possible(law: Playbook, duty: Obligation) -> tuple[str, ...]:
    """What would put the day off, a sentence each."""
    return tuple(f"later: {each.says} ({law.cite(each.source)[0]})" for each in duty.extension)
