"""What the law says of one duty: its status, the exceptions that hold, and what else is due then.

Of several exceptions that hold a ban comes first, since who owes nothing may still not speak; then
not required, then postponed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from incident_engine.domain.law.assessment import DueDate
from incident_engine.domain.law.calendars import working_days
from incident_engine.domain.law.case import Case
from incident_engine.domain.law.counting import count
from incident_engine.domain.law.deadlines import Deadline
from incident_engine.domain.law.playbook import Exempting, Obligation, Playbook
from incident_engine.domain.law.starts import started
from incident_engine.domain.law.truth import Truth, all_of, distinct
from incident_engine.domain.law.words import Effect, IfUnknown, Standing
from incident_engine.domain.words import DutyStatus


@dataclass(frozen=True)
class Verdict:
    """A status with its reasons and questions."""

    status: DutyStatus
    because: tuple[str, ...]
    asks: tuple[str, ...]
    hold: tuple[Exempting, ...] = ()  # the exceptions that hold
    others: tuple[Exempting, ...] = ()  # those that do not, or are not known to
    unsure: tuple[Exempting, ...] = ()  # those of the others that are not known to


_FREES = {
    Effect.PROHIBIT: DutyStatus.PROHIBITED,
    Effect.NOT_REQUIRED: DutyStatus.NOT_REQUIRED,
    Effect.POSTPONE: DutyStatus.POSTPONED,
}


_ADVISORY = (Standing.VOLUNTARY, Standing.GUIDELINE)


def verdict(
    law: Playbook,
    standing: Standing,
    concerns: Truth,
    exceptions: list[tuple[Exempting, Truth]],
    counted: Deadline,
) -> Verdict:
    """The status, why, and what to ask. Of exceptions a ban comes first, then what frees most."""
    hold = tuple(e for e, truth in exceptions if truth.value)
    others = tuple(e for e, truth in exceptions if not truth.value)
    unsure = tuple(e for e, truth in exceptions if truth.value is None)
    said = [_named(law, e, truth) for e, truth in exceptions if truth.value]
    said += [truth.because for e, truth in exceptions if _fails(e, truth)]
    because = (*concerns.because, *(text for texts in said for text in texts), *counted.because)
    if counted.due is None:
        return Verdict(DutyStatus.NOT_IN_FORCE, because, (), hold, others, unsure)
    for effect, status in _FREES.items():
        if any(e.effect is effect for e in hold):
            return Verdict(status, because, (), hold, others, unsure)
    opening = [truth for e, truth in exceptions if _opens(e, truth)]
    undecided = all_of([concerns, *(~truth for truth in opening)])
    asks = undecided.asks if undecided.value is None else ()
    asks += counted.asks
    asks += tuple(a for e, truth in exceptions if _only_asks(e, truth) for a in truth.asks)
    status, more = _running(undecided, counted)
    if standing in _ADVISORY:
        status, more = DutyStatus.VOLUNTARY, (f"{standing}: not a duty by law",)
    return Verdict(status, because + more, distinct(asks), hold, others, unsure)


def holds(law: Playbook, exempting: Exempting, case: Case) -> Truth:
    """Whether an exception holds now: its condition, and the time it has left."""
    truth = exempting.when.read(case)
    if truth.value is False:
        return truth
    zone = ZoneInfo(case.zone)
    if exempting.longest and (ended := _outlasted(exempting, case, zone)):
        return Truth(False, (ended,))
    if exempting.until:
        return all_of([truth, _window(law, exempting, case, zone)])
    return truth


def _outlasted(exempting: Exempting, case: Case, zone: ZoneInfo) -> str:
    """Why a hold of which nobody wrote an end is over by now, or nothing."""
    clocks = case.facts.clocks
    if not exempting.longest or clocks.hold_from is None or clocks.hold_until is not None:
        return ""
    end = count(exempting.longest, clocks.hold_from, zone).at
    if end >= case.now:
        return ""
    return f"{exempting.id}: no longer than {exempting.longest}, over since {end.isoformat()}"


def _window(law: Playbook, exempting: Exempting, case: Case, zone: ZoneInfo) -> Truth:
    assert exempting.until
    start = started(law, exempting.until.after, case.facts, zone)
    if start is None:
        return Truth(True, (f"{exempting.until.after}: not yet",))
    works = working_days(case.here)
    end = count(exempting.until.within, start, zone, works=works).at
    return Truth(case.now <= end, (f"until {end.isoformat()}",))


def exceptions(law: Playbook, chain: list[Obligation], case: Case) -> list[tuple[Exempting, Truth]]:
    """The exceptions of a duty, and those that free from the duties it follows."""
    own, *followed = chain
    inherited = [
        exempting
        for duty in followed
        for exempting in duty.exception
        if exempting.effect is Effect.NOT_REQUIRED and not exempting.alone
    ]
    return [(e, holds(law, e, case)) for e in (*own.exception, *inherited)]


def rivals(found: tuple[Exempting, ...]) -> list[tuple[Exempting, Exempting]]:
    """Exceptions of one rank that hold together, say different things, and neither goes first."""
    return [
        (one, other)
        for place, one in enumerate(found)
        for other in found[place + 1 :]
        if one.effect is other.effect
        and (one.then, one.by, one.forms) != (other.then, other.by, other.forms)
        and other.id not in one.over
        and one.id not in other.over
    ]


def _first(found: tuple[Exempting, ...], effect: Effect) -> Exempting:
    """Of exceptions with one effect the one that goes before the others."""
    those = [e for e in found if e.effect is effect]
    beaten = {name for e in those for name in e.over}
    return next((e for e in those if e.id not in beaten), those[0])


def _running(undecided: Truth, counted: Deadline) -> tuple[DutyStatus, tuple[str, ...]]:
    waiting = (f"its clock starts when {counted.start.says}: not yet",)
    more = waiting if counted.is_waiting else ()
    if undecided.value is None:
        return DutyStatus.OPEN, more
    return (DutyStatus.WAITING if counted.is_waiting else DutyStatus.REQUIRED), more


def _opens(exempting: Exempting, truth: Truth) -> bool:
    frees = exempting.effect is Effect.NOT_REQUIRED
    return frees and truth.value is None and exempting.if_unknown is IfUnknown.OPEN


def _fails(exempting: Exempting, truth: Truth) -> bool:
    """Whether it is a reason for the duty that this exception, which counts, does not hold."""
    weighed = exempting.effect is Effect.NOT_REQUIRED and exempting.if_unknown is IfUnknown.OPEN
    return weighed and truth.value is False


def _only_asks(exempting: Exempting, truth: Truth) -> bool:
    return truth.value is None and exempting.if_unknown is IfUnknown.ASK


def _named(law: Playbook, exempting: Exempting, truth: Truth) -> tuple[str, ...]:
    citation, _ = law.cite(exempting.source)
    return (f"{exempting.id}: {exempting.says} ({citation})", *truth.because)


def due_date(verdict: Verdict, counted: Deadline, case: Case) -> DueDate | None:
    """By when, under that verdict; None where nothing is due."""
    if verdict.status in (
        DutyStatus.NOT_REQUIRED, DutyStatus.PROHIBITED, DutyStatus.NOT_IN_FORCE,
    ):  # fmt: skip
        return None
    assert counted.due
    if verdict.status is DutyStatus.POSTPONED:
        then = _first(verdict.hold, Effect.POSTPONE).then
        return replace(counted.due, at=None, words=then, steps=_without_hold(counted.due))
    return _after_hold(verdict, counted.due, case)


def _without_hold(due: DueDate) -> tuple[str, ...]:
    return (
        *due.steps,
        *((f"without the hold it would be {due.at.isoformat()}",) if due.at else ()),
    )


def _after_hold(verdict: Verdict, due: DueDate, case: Case) -> DueDate:
    """Once a hold has outlasted the number, the law's own words for afterwards are due."""
    then = next((e.then for e in verdict.others if e.then), None)
    until = case.facts.clocks.hold_until
    if not then or until is None or not case.hold_is_over():
        return due
    if due.at is not None and due.at > until.latest:
        return due
    return replace(
        due, at=None, words=then, rule=then, start=str(until),
        steps=_without_hold(due),
    )  # fmt: skip


def would_change(law: Playbook, verdict: Verdict) -> tuple[str, ...]:
    """What would make the answer another one, a sentence each; first what nobody knows yet."""
    known = (e for e in verdict.others if e not in verdict.unsure)
    return (
        *(_if_so(law, e, "if (not known yet)") for e in verdict.unsure),
        *(_if_so(law, e, "if (not so as things stand)") for e in known),
    )


def _if_so(law: Playbook, exempting: Exempting, how: str) -> str:
    effect = exempting.effect.value.replace("-", " ")
    return f"{effect} {how}: {exempting.says} ({law.cite(exempting.source)[0]})"
