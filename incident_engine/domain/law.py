"""From facts to duties: every law read over one incident. Proposes; a person decides.

The order of reading is that of a statute: does the law reach this incident, does the duty concern
us, does an exception change it, is it in force, and by when is it due. Pure: the same facts, laws
and moment give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from incident_engine.domain.assessment import (
    Assessment,
    Consulted,
    DueDate,
    Obligation,
    Wording,
    by_weight,
)
from incident_engine.domain.case import Case
from incident_engine.domain.conditions import Comparison, Leaf
from incident_engine.domain.content import ContentItem
from incident_engine.domain.deadlines import Deadline, deadline
from incident_engine.domain.facts import Facts
from incident_engine.domain.places import UNIONS, is_region, member_state_of, zone_of
from incident_engine.domain.playbook import (
    Effect,
    Exempting,
    IfUnknown,
    Per,
    Playbook,
    Standing,
)
from incident_engine.domain.playbook import Obligation as Duty
from incident_engine.domain.risk import RiskOpinion, judge
from incident_engine.domain.truth import Truth, all_of, distinct
from incident_engine.domain.words import DutyStatus

_ANYBODY = Leaf("people", compares=Comparison("at least", 1))


def assess(facts: Facts, playbooks: Iterable[Playbook], *, now: datetime) -> Assessment:
    """Everything the laws ask over the facts; `now` (aware) decides holds and undated clocks."""
    laws = sorted(playbooks, key=lambda playbook: playbook.id)
    risk = judge(facts)
    return Assessment(
        now=now,
        risk=risk,
        obligations=tuple(duty for law in laws for duty in _asked_by(law, facts, risk, now)),
        playbooks=tuple(_consulted(law) for law in laws),
    )


def _consulted(law: Playbook) -> Consulted:
    reader = law.review.read_by or None
    return Consulted(id=law.id, version=law.version, sha256=law.sha256, reviewed_by=reader)


def _asked_by(
    law: Playbook, facts: Facts, risk: RiskOpinion, now: datetime
) -> Iterator[Obligation]:
    if law.status is Standing.PROPOSAL:
        return
    elements = {name: frozenset(t.value for t in types) for name, types in law.elements.items()}
    case = Case(
        facts=facts, risk=risk, now=now, name=law.place, territory=law.scope.territory,
        by_seat=law.scope.by_seat, elements=elements,
    )  # fmt: skip
    reached = all_of([_reach(case), law.scope.when.read(case)])
    if reached.value is False:
        return
    for duty in law.obligation:
        for where, asks in _places(law, duty, case):
            found = _Reading(law, duty, case.at(where), reached, asks).answer()
            if found:
                yield found


def _reach(case: Case) -> Truth:
    """Whether the law protects anybody here: by where they live, or by where we sit."""
    if case.seated and not case.facts.people:
        return Truth(True, (f"organisation.country: {case.facts.organisation.country}",))
    seat = (f"organisation.country: {case.facts.organisation.country}",) if case.seated else ()
    found = _ANYBODY.read(case)
    return replace(found, because=(*found.because, *seat))


# Into how many duties one obligation falls


def _places(law: Playbook, duty: Duty, case: Case) -> list[tuple[str, tuple[str, ...]]]:
    """The places one obligation is owed for, each with the facts that would settle that."""
    if duty.per is Per.ONCE or not is_region(law.scope.territory[0]):
        return [(law.place, ())]
    if duty.per is Per.PLACE:
        places = case.covered_places()
        return [(place, ()) for place in places or [law.place]]
    return _authorities(law, case)


def _authorities(law: Playbook, case: Case) -> list[tuple[str, tuple[str, ...]]]:
    """The lead authority, or every member state's where none leads (EDPB 9/2022, 67 and 73)."""
    ours = case.facts.organisation
    members = frozenset().union(*(_members(case, [place]) for place in case.establishments()))
    lead = _members(case, [ours.lead_authority]) or _members(case, [ours.country])
    if lead or len(members) == 1:
        return [(place, ()) for place in lead or members]
    affected = _members(case, case.covered_places()) or members or frozenset({law.place})
    unsettled = len(affected) > 1 and (len(members) > 1 or not case.establishments())
    asks = ("organisation.lead_authority",) if unsettled else ()
    return [(place, asks) for place in sorted(affected)]


def _members(case: Case, places: Iterable[str | None]) -> frozenset[str]:
    return frozenset(
        member_state_of(place)
        for place in places
        if place and place not in UNIONS and not is_region(place) and case.within(place)
    )


# One duty in one place


@dataclass(frozen=True)
class _Reading:
    law: Playbook
    duty: Duty
    case: Case
    reached: Truth
    place_asks: tuple[str, ...]

    def answer(self) -> Obligation | None:
        """The duty as it stands, or None where it plainly does not concern the incident."""
        concerns = all_of([self.reached, *(one.when.read(self.case) for one in self._chain())])
        if concerns.value is False:
            return None
        zone = self._zone()
        counted = deadline(self.law, self.duty, self.case, zone)
        case = replace(self.case, due=counted.due.at if counted.due else None)
        verdict = _verdict(self.law, concerns, self._exceptions(), counted)
        return self._obligation(verdict, counted, case)

    def _zone(self) -> str:
        here = self.case.here
        return self.law.zone if here == self.law.place else zone_of(here)

    def _chain(self) -> Iterator[Duty]:
        """The duty itself and those it follows, nearest first."""
        duty: Duty | None = self.duty
        while duty:
            yield duty
            duty = self.law.named(duty.follows) if duty.follows else None

    def _exceptions(self) -> list[tuple[Exempting, Truth]]:
        own, *followed = self._chain()
        inherited = [
            exempting
            for duty in followed
            for exempting in duty.exception
            if exempting.effect is Effect.NOT_REQUIRED
        ]
        return [(e, e.when.read(self.case)) for e in (*own.exception, *inherited)]

    def _obligation(self, verdict: _Verdict, counted: Deadline, case: Case) -> Obligation:
        law, duty = self.law, self.duty
        citation, url = law.cite(_source(duty, counted))
        evidence = duty.evidence
        if counted.version and counted.version.evidence:
            evidence = counted.version.evidence
        return Obligation(
            playbook=law.id, id=duty.id, title=duty.title, audience=duty.audience,
            phase=duty.phase, where=case.here, to=duty.to, status=verdict.status,
            due=_due(verdict, counted, case), asks=by_weight([verdict.asks + self.place_asks]),
            because=distinct(verdict.because), citation=citation, url=url, evidence=evidence,
            in_force=verdict.status is not DutyStatus.NOT_IN_FORCE, says=duty.says,
            exceptions=tuple(e.id for e in verdict.hold), wording=_wording(law, duty, case),
            would_change=_would_change(law, verdict),
            order=tuple(_order(law, part.must, part.than) for part in duty.order),
        )  # fmt: skip


def _source(duty: Duty, counted: Deadline) -> str:
    version = counted.version
    return version.source if version and version.source else duty.source


def _order(law: Playbook, must: str, than: str) -> str:
    other = than if "/" in than else f"{law.id}/{than}"
    return f"{must.replace('-', ' ')} {other}"


@dataclass(frozen=True)
class _Verdict:
    status: DutyStatus
    because: tuple[str, ...]
    asks: tuple[str, ...]
    hold: tuple[Exempting, ...] = ()  # the exceptions that hold
    others: tuple[Exempting, ...] = ()  # those that do not, or are not known to


_FREES = {
    Effect.NOT_REQUIRED: DutyStatus.NOT_REQUIRED,
    Effect.PROHIBIT: DutyStatus.PROHIBITED,
    Effect.POSTPONE: DutyStatus.POSTPONED,
}


def _verdict(
    law: Playbook,
    concerns: Truth,
    exceptions: list[tuple[Exempting, Truth]],
    counted: Deadline,
) -> _Verdict:
    """The status, why, and what to ask. Of exceptions the one that frees most comes first."""
    hold = tuple(e for e, truth in exceptions if truth.value)
    others = tuple(e for e, truth in exceptions if not truth.value)
    said = [_named(law, e, truth) for e, truth in exceptions if truth.value]
    said += [truth.because for e, truth in exceptions if _fails(e, truth)]
    because = (*concerns.because, *(text for texts in said for text in texts), *counted.because)
    if counted.due is None:
        return _Verdict(DutyStatus.NOT_IN_FORCE, because, (), hold, others)
    if law.status is Standing.VOLUNTARY:
        return _Verdict(DutyStatus.VOLUNTARY, because, (), hold, others)
    for effect, status in _FREES.items():
        if any(e.effect is effect for e in hold):
            return _Verdict(status, because, (), hold, others)
    opening = [truth for e, truth in exceptions if _opens(e, truth)]
    undecided = all_of([concerns, *(~truth for truth in opening)])
    asks = undecided.asks if undecided.value is None else ()
    asks += counted.asks
    asks += tuple(a for e, truth in exceptions if _only_asks(e, truth) for a in truth.asks)
    status, more = _running(undecided, counted)
    return _Verdict(status, because + more, distinct(asks), hold, others)


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


def _due(verdict: _Verdict, counted: Deadline, case: Case) -> DueDate | None:
    if verdict.status in (
        DutyStatus.NOT_REQUIRED, DutyStatus.PROHIBITED, DutyStatus.VOLUNTARY,
        DutyStatus.NOT_IN_FORCE,
    ):  # fmt: skip
        return None
    assert counted.due
    if verdict.status is DutyStatus.POSTPONED:
        then = next(e.then for e in verdict.hold if e.effect is Effect.POSTPONE)
        return replace(counted.due, at=None, words=then, steps=_without_hold(counted.due))
    return _after_hold(verdict, counted.due, case)


def _without_hold(due: DueDate) -> tuple[str, ...]:
    return (
        *due.steps,
        *((f"without the hold it would be {due.at.isoformat()}",) if due.at else ()),
    )


def _after_hold(verdict: _Verdict, due: DueDate, case: Case) -> DueDate:
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


def _would_change(law: Playbook, verdict: _Verdict) -> tuple[str, ...]:
    exceptions = [
        f"{e.effect.value.replace('-', ' ')}: {e.says} ({law.cite(e.source)[0]})"
        for e in verdict.others
    ]
    return (*exceptions, *(f"a fact not known: {ask}" for ask in verdict.asks))


def _wording(law: Playbook, duty: Duty, case: Case) -> Wording:
    content = duty.content
    required = [(item, law.cite(source)[0]) for item, source in content.required.items()]
    for conditional in content.conditional:
        # Not known is said all the same: one line too many frightens nobody.
        if conditional.when.read(case).value is not False:
            required += [(item, law.cite(conditional.source)[0]) for item in conditional.items]
    return Wording(
        required=_sorted(required),
        forbidden=_sorted([(i, law.cite(source)[0]) for i, source in content.forbidden.items()]),
        title=content.title, headings=content.headings, evidence=content.evidence,
    )  # fmt: skip


def _sorted(cited: list[tuple[ContentItem, str]]) -> tuple[tuple[ContentItem, str], ...]:
    places = {item: place for place, item in enumerate(ContentItem)}
    return tuple(sorted(dict.fromkeys(cited), key=lambda pair: (places[pair[0]], pair[1])))
