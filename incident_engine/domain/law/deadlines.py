"""By when one duty is due: which version of the law, from which moment, counted how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.law.assessment import DueDate
from incident_engine.domain.law.calendars import remarks, working_days
from incident_engine.domain.law.case import Case
from incident_engine.domain.law.counting import (
    LAST_SECOND,
    Counted,
    Unit,
    at_hour,
    begins,
    count,
    day_of,
    rolled,
)
from incident_engine.domain.law.extensions import extended
from incident_engine.domain.law.playbook import Obligation, Playbook
from incident_engine.domain.law.starts import Start, first_known
from incident_engine.domain.law.text import HERE
from incident_engine.domain.law.timing import Alternative, Counting, Due, Meanwhile
from incident_engine.domain.law.truth import HOLDS, Truth, distinct


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What came of counting. `due` None: no version of the law was in force on that day.

    `concerns`: whether any version speaks of this case at all.
    """

    due: DueDate | None
    start: Start
    because: tuple[str, ...] = ()
    version: Due | None = None
    concerns: Truth = HOLDS
    asks: tuple[str, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether a number of the law cannot run before something is done."""
        numbered = self.version is not None and self.version.within is not None
        counted = self.due is not None and self.due.at is not None
        unstarted = self.start.moment is None and self.start.is_our_act
        return numbered and not counted and unstarted


@dataclass(frozen=True)
class _Clock:
    """What every count of one duty shares."""

    playbook: Playbook
    duty: Obligation
    case: Case
    zone: ZoneInfo

    def start(self, names: Sequence[str]) -> Start:
        """The first of the named clocks that is known; serving for another, it says so."""
        return first_known(self.playbook, names, self.case.facts, self.zone)

    def begin(self, version: Due) -> Start:
        """The start of a version's clock, which a fact learned later may have set going."""
        start = self.start(version.after)
        learned = self.case.learned_at()
        if not (version.when_learned and learned and start.moment):
            return start
        if learned <= begins(start.moment, self.zone):
            return start
        at = learned.astimezone(self.zone)
        said = f"what brings this duty was learned {at.isoformat()}: its clock starts then"
        return replace(start, moment=Moment(said=at.isoformat(), at=at), because=(said,))

    def end(self, part: Counting, start: Moment) -> Counted:
        """Where a period ends that starts then. Without a length: with its start."""
        place = self.case.here if part.calendar == HERE else part.calendar
        works = working_days(place, part.shut)
        if part.within is None:
            counted = self._at_once(start)
        else:
            counted = count(part.within, start, self.zone, works=works)
        steps: tuple[str, ...] = ()
        if part.within is not None and part.within.unit is Unit.BUSINESS_DAYS:
            steps = (f"working days of {place}",)
        if part.roll and part.roll_when.read(self.case).value is True:
            # A case in which it is not known whether the end moves keeps the sooner end.
            counted = rolled(counted, part.roll, works)
            steps = (f"working days of {place}",)
        counted = at_hour(counted, part.hour) if part.hour else counted
        if steps:
            steps += remarks(place, day_of(start, self.zone), counted.at.date())
        return Counted(counted.at, (*counted.steps, *steps))

    def _at_once(self, start: Moment) -> Counted:
        at = begins(start, self.zone)
        if start.day is not None:
            at = at.replace(hour=LAST_SECOND.hour, minute=59, second=59)
        return Counted(at, (f"at once: {at.isoformat()}",))


def deadline(playbook: Playbook, duty: Obligation, case: Case, zone: str) -> Deadline:
    """By when `duty` is due in `zone`, by the version in force on the day its clock started.

    A clock not started yet is read by the law of the day of `case.now`. Where several versions of
    one day may concern the case, the one that ends soonest counts until it is known which does.
    """
    clock = _Clock(playbook, duty, case, ZoneInfo(zone))
    newest = max(duty.due, key=lambda version: version.from_)
    start = clock.start(newest.after)
    moment = start.moment
    day = day_of(moment, clock.zone) if moment else case.now.astimezone(clock.zone).date()
    in_force = _in_force(playbook, duty.due, day)
    if not in_force:
        ended = any(version.until and version.until <= day for version in duty.due)
        said = f"no longer law on {day}" if ended else f"not in force on {day}"
        concerns = Truth(False, (said,)) if ended else Truth(True)
        return Deadline(due=None, start=start, because=(said,), concerns=concerns)
    found = _candidates(clock, in_force)
    if not found:
        return Deadline(due=None, start=start, concerns=Truth(False))
    soonest = _put_off(clock, min(found, key=_by_end))
    said_of_day = () if newest in in_force else (f"the law as it stood on {day}",)
    unsure = not any(each.concerns.value for each in found)
    asks = (ask for each in (*found, soonest) for ask in (*each.asks, *each.concerns.asks))
    return replace(
        soonest,
        because=(*soonest.because, *said_of_day),
        concerns=Truth(None if unsure else True, soonest.concerns.because, ()),
        asks=distinct(asks),
    )


def _put_off(clock: _Clock, found: Deadline) -> Deadline:
    """The same, by the extension that the facts hold and the law allows."""
    if found.due is None:
        return found
    hour = found.version.hour if found.version else None
    later = extended(clock.playbook, clock.duty, clock.case, found.due, hour)
    because, asks = found.because + later.because, distinct(found.asks + later.asks)
    return replace(found, due=later.due, because=because, asks=asks)


def _candidates(clock: _Clock, versions: Sequence[Due]) -> list[Deadline]:
    """Each version that may concern the case, up to the first that surely does."""
    found = []
    for version in versions:
        concerns = version.when.read(clock.case)
        if concerns.value is False:
            continue
        found.append(_read(clock, version, concerns))
        if concerns.value:
            break
    return found


def _by_end(found: Deadline) -> tuple[bool, float]:
    at = found.due.at if found.due else None
    return (at is None, at.timestamp() if at else 0)


def _in_force(playbook: Playbook, versions: Sequence[Due], day: date) -> list[Due]:
    """The newest versions that have begun by a day and not ended; of one date there are several."""
    if day < playbook.from_:
        return []
    begun = [v for v in versions if v.from_ <= day and not (v.until and v.until <= day)]
    newest = max((version.from_ for version in begun), default=None)
    return [version for version in begun if version.from_ == newest]


def _read(clock: _Clock, version: Due, concerns: Truth) -> Deadline:
    start = clock.begin(version)
    rule, words = _rule(clock, version, start), version.words
    due = DueDate(
        at=None, words=words, rule=rule, start=str(start.moment) if start.moment else None,
        zone=clock.zone.key, binding=version.binding,
    )  # fmt: skip
    asks = start.asks if version.within else ()
    because = start.because
    counted = _counted(clock, version, start)
    if counted:
        steps = counted.steps + ((f"and all the same: {words}",) if words else ())
        due = replace(due, at=counted.at, words=None, steps=steps)
    elif start.moment is None:
        due, more = _meanwhile(clock, version, due)
        because += more
    return Deadline(
        due=due, start=start, because=because, version=version, concerns=concerns, asks=asks
    )


def _counted(clock: _Clock, version: Due, start: Start) -> Counted | None:
    """The end of a version's period, moved by the limits beside it; None where none runs yet."""
    own = clock.end(version, start.moment) if version.within and start.moment else None
    sooner = [end for part in version.or_sooner if (end := _beside(clock, part, start))]
    if own is None:
        # Whatever the first clock will say: no later than this.
        return min(sooner, key=lambda end: end.at, default=None)
    later = [end for part in version.or_later if (end := _beside(clock, part, start))]
    found = min([own, *sooner], key=lambda end: end.at)
    found = max([found, *later], key=lambda end: end.at)
    return found if found is own else Counted(found.at, (*own.steps, *found.steps))


def _beside(clock: _Clock, part: Alternative, start: Start) -> Counted | None:
    beside = clock.start(part.after).moment
    if beside is None:
        return None
    end = clock.end(part, beside)
    if not part.unless_passed:
        return end
    if start.moment is None or begins(start.moment, clock.zone) > end.at:
        return None
    return end


def _meanwhile(clock: _Clock, version: Due, due: DueDate) -> tuple[DueDate, tuple[str, ...]]:
    """The due date with an earlier aim as its target, and the reason to give for it."""
    aim = version.until_then
    start = clock.start(aim.after) if aim else None
    if aim is None or start is None or start.moment is None:
        return due, ()
    target = count(aim.within, start.moment, clock.zone)
    citation, _ = clock.playbook.cite(aim.source)
    said = f"{aim.says} ({citation}, {aim.binding}): by {_shown(aim, target)}, from {start.name}"
    return replace(due, target=target.at, steps=target.steps), (said,)


def _shown(aim: Meanwhile, target: Counted) -> str:
    return target.at.isoformat() if aim.within.elapsed else target.at.date().isoformat()


def _rule(clock: _Clock, version: Due, start: Start) -> str:
    if version.within is None:
        return str(version.words)
    rule = f"{version.within} after {start.says}"
    for name, parts in (("sooner", version.or_sooner), ("later", version.or_later)):
        for part in parts:
            says = clock.start(part.after).says
            length = f"{part.within} after {says}" if part.within else f"when {says}"
            rule += f", or {length} if {name}"
    return rule
