"""By when one duty is due: which version of the law, from which moment, counted how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from incident_engine.domain.assessment import DueDate
from incident_engine.domain.case import Case
from incident_engine.domain.counting import count, day_of
from incident_engine.domain.facts import Facts
from incident_engine.domain.law_text import DONE, OUR_ACTS
from incident_engine.domain.moments import Moment
from incident_engine.domain.playbook import Due, Meanwhile, Obligation, Playbook


@dataclass(frozen=True, kw_only=True)
class Start:
    """The clock a duty counts from: its name, its moment if known, and what must be said of it."""

    name: str
    says: str  # the same for people: "aware", "us-ca/individuals/notify is done"
    moment: Moment | None
    because: tuple[str, ...] = ()

    @property
    def is_our_act(self) -> bool:
        """Whether it is something we do, rather than something that happened to us."""
        return self.name.startswith(DONE) or self.name in OUR_ACTS


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What came of counting. `due` None: no version of the law was in force on that day."""

    due: DueDate | None
    start: Start
    because: tuple[str, ...] = ()
    version: Due | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a number of the law cannot run before something is done."""
        numbered = self.version is not None and self.version.within is not None
        return numbered and self.start.moment is None and self.start.is_our_act

    @property
    def asks(self) -> tuple[str, ...]:
        """The moment that is missing, where it is a fact and the law has a number."""
        numbered = self.version is not None and self.version.within is not None
        missing = numbered and self.start.moment is None and not self.start.name.startswith(DONE)
        return (f"clocks.{self.start.name}",) if missing else ()


def deadline(playbook: Playbook, duty: Obligation, case: Case, zone: str) -> Deadline:
    """By when `duty` is due in `zone`, by the version in force on the day its clock started.

    A clock not started yet is read by the law of the day of `case.now`.
    """
    newest = duty.due[-1]
    start = _start(playbook, newest.after, case.facts)
    clock = ZoneInfo(zone)
    day = day_of(start.moment, clock) if start.moment else case.now.astimezone(clock).date()
    version = _in_force(playbook, duty.due, day)
    if version is None:
        return Deadline(due=None, start=start, because=(f"not in force on {day}",))
    start = _start(playbook, version.after, case.facts)
    said = () if version is newest else (f"the law as it stood on {day}",)
    due = _counted(version, start, clock)
    because = (*start.because, *said)
    if version.until_then and start.moment is None:
        due, more = _meanwhile(playbook, version.until_then, due, case, clock)
        because += more
    return Deadline(due=due, start=start, because=because, version=version)


def was_done(playbook: Playbook, name: str, facts: Facts) -> Moment | None:
    """When an obligation was met, under either of the keys the facts may give it.

    `name` is an id of this file, or `playbook/obligation` of another.
    """
    if "/" in name:
        return facts.done.get(name)
    duty = playbook.named(name)
    keys = (f"{playbook.id}/{duty.id}", f"{playbook.id}/{duty.audience}/{duty.phase}")
    found = [moment for key in keys if (moment := facts.done.get(key))]
    return min(found, key=lambda moment: moment.earliest, default=None)


def _start(playbook: Playbook, names: Sequence[str], facts: Facts) -> Start:
    """The first of the named clocks that is known; serving for another, it says so."""
    for name in names:
        if moment := _moment(playbook, name, facts):
            instead = name != names[0]
            said = (f"clocks.{names[0]} is not known: {name} serves instead",) if instead else ()
            return Start(name=name, says=_said(playbook, name), moment=moment, because=said)
    return Start(name=names[0], says=_said(playbook, names[0]), moment=None)


def _said(playbook: Playbook, name: str) -> str:
    """A clock for people; one that starts with an act of ours names it as a facts file does."""
    if not name.startswith(DONE):
        return name
    act = name[len(DONE) :]
    if "/" in act:
        return f"{act} is done"
    duty = playbook.named(act)
    return f"{playbook.id}/{duty.audience}/{duty.phase} is done"


def _moment(playbook: Playbook, name: str, facts: Facts) -> Moment | None:
    if name.startswith(DONE):
        return was_done(playbook, name[len(DONE) :], facts)
    found: Moment | None = getattr(facts.clocks, name)
    return found


def _in_force(playbook: Playbook, versions: Sequence[Due], day: date) -> Due | None:
    if day < playbook.from_:
        return None
    begun = [version for version in versions if version.from_ <= day]
    return max(begun, key=lambda version: version.from_, default=None)


def _counted(version: Due, start: Start, clock: ZoneInfo) -> DueDate:
    rule = f"{version.within} after {start.says}" if version.within else str(version.words)
    due = DueDate(
        at=None, words=version.words, rule=rule,
        start=str(start.moment) if start.moment else None,
        zone=clock.key, binding=version.binding,
    )  # fmt: skip
    if version.within is None or start.moment is None:
        return due
    counted = count(version.within, start.moment, clock)
    return replace(due, at=counted.at, words=None, steps=counted.steps)


def _meanwhile(
    playbook: Playbook, aim: Meanwhile, due: DueDate, case: Case, clock: ZoneInfo
) -> tuple[DueDate, tuple[str, ...]]:
    """The due date with an earlier aim as its target, and the reason to give for it."""
    start = _start(playbook, aim.after, case.facts)
    if start.moment is None:
        return due, ()
    target = count(aim.within, start.moment, clock)
    citation, _ = playbook.cite(aim.source)
    said = f"{aim.says} ({citation}, guideline): by {target.at.date()}, from {start.name}"
    return replace(due, target=target.at, steps=target.steps), (said,)
