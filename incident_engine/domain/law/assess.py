"""From facts to duties: every law read over one incident. Proposes; a person decides.

The order of reading is that of a statute: does the law reach this incident, does the duty concern
us, does an exception change it, is it in force, and by when is it due. Pure: the same facts, laws
and moment give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.assessment import (
    Assessment,
    Consulted,
    Kept,
    Obligation,
)
from incident_engine.domain.law.case import Case
from incident_engine.domain.law.comparison import read_comparison
from incident_engine.domain.law.conditions import Leaf
from incident_engine.domain.law.deadlines import Deadline, deadline
from incident_engine.domain.law.entailed import (
    addressees,
    decisions_kept,
    filing,
    offers,
    records_kept,
    substitutes,
    wording,
)
from incident_engine.domain.law.extensions import possible
from incident_engine.domain.law.playbook import Exempting, Playbook
from incident_engine.domain.law.playbook import Obligation as Duty
from incident_engine.domain.law.truth import HOLDS, Truth, all_of, distinct
from incident_engine.domain.law.verdict import Verdict, due_date, exceptions, verdict, would_change
from incident_engine.domain.law.words import Per, Reach, Standing
from incident_engine.domain.places import UNIONS, WORLD, is_region, member_state_of, zone_of
from incident_engine.domain.risk.proposal import RiskOpinion, judge
from incident_engine.domain.words import DutyStatus

Key = tuple[str, str, str]  # playbook, obligation, place

_ANYBODY = Leaf("people", compares=read_comparison("at least 1"))


def assess(
    facts: Facts,
    playbooks: Iterable[Playbook],
    *,
    now: datetime,
    born: Mapping[Key, datetime] | None = None,
) -> Assessment:
    """Everything the laws ask over the facts; `now` (aware) decides holds and undated clocks.

    `born`: when a later fact brought a duty, for those whose clock starts with that.
    """
    risk = judge(facts)
    duties: list[Obligation] = []
    kept: list[Kept] = []
    laws = sorted(playbooks, key=lambda playbook: playbook.id)
    for law in laws:
        found = _Asking(law, facts, risk, now, born or {}).answers()
        duties += found
        if found:
            kept += records_kept(law, _case(law, facts, risk, now))
    return Assessment(
        now=now,
        risk=risk,
        obligations=tuple(duties),
        playbooks=tuple(_consulted(law) for law in laws),
        kept=tuple(kept),
    )


def _consulted(law: Playbook) -> Consulted:
    reader = law.review.read_by or None
    return Consulted(id=law.id, version=law.version, sha256=law.sha256, reviewed_by=reader)


def _case(law: Playbook, facts: Facts, risk: RiskOpinion, now: datetime) -> Case:
    return Case(
        facts=facts, risk=risk, now=now, name=law.place, territory=law.scope.territory,
        by_seat=law.scope.by_seat, elements=law.lists, terms=law.terms, here=law.place,
        zone=law.zone,
    )  # fmt: skip


@dataclass(frozen=True)
class _Asking:
    """One law over one incident."""

    law: Playbook
    facts: Facts
    risk: RiskOpinion
    now: datetime
    born: Mapping[Key, datetime]

    def answers(self) -> list[Obligation]:
        """Every duty of the law that may concern the incident."""
        law = self.law
        if law.status is Standing.PROPOSAL:
            return []
        case = _case(law, self.facts, self.risk, self.now)
        reached = _reach(law, case)
        if reached.value is not False:
            reached = all_of([reached, law.scope.when.read(case)])
        if reached.value is False:
            return []
        return list(self._read(case, reached))

    def _read(self, case: Case, reached: Truth) -> Iterator[Obligation]:
        for duty in self.law.obligation:
            if duty.status is Standing.PROPOSAL:
                continue
            for where, asks in _places(self.law, duty, case):
                born = self.born.get((self.law.id, duty.id, where))
                looking = case.at(where, _zone(self.law, where), born)
                found = _Reading(self.law, duty, looking, reached, asks).answer()
                if found:
                    yield found


def _zone(law: Playbook, where: str) -> str:
    return law.zone if where == law.place else zone_of(where)


def _reach(law: Playbook, case: Case) -> Truth:
    """Whether the law speaks to us: by where people live, by where we sit, by both or neither."""
    ours = case.facts.organisation
    if WORLD in law.scope.territory:
        return HOLDS
    if law.scope.reach is Reach.ORGANISATION:
        return _established(case)
    seat = (f"organisation.country: {ours.country}",) if case.seated else ()
    if case.seated and not case.facts.people:
        return Truth(True, seat)
    found = _ANYBODY.read(case)
    return replace(found, because=(*found.because, *seat))


def _established(case: Case) -> Truth:
    ours = case.establishments()
    if not ours:
        return Truth(None, (), ("organisation.establishments",))
    inside = [place for place in ours if place not in UNIONS and not is_region(place)]
    hit = [place for place in inside if case.within(place)]
    return Truth(bool(hit), (f"established in {', '.join(hit or inside)}",))


# Into how many duties one obligation falls


def _places(law: Playbook, duty: Duty, case: Case) -> list[tuple[str, tuple[str, ...]]]:
    """The places one obligation is owed for, each with the facts that would settle that."""
    if duty.per is Per.ONCE:
        return [(law.place, ())]
    if duty.per is Per.PLACE:
        places = case.covered_places() or [law.place]
        return [(place, ()) for place in places]
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
        chain = list(self._chain())
        concerns = all_of([self.reached, *(one.when.read(self.case) for one in chain)])
        if concerns.value is False:
            return None
        counted = deadline(self.law, self.duty, self.case, self.case.zone)
        concerns = all_of([concerns, counted.concerns])
        if concerns.value is False:
            return None
        standing = self.duty.status or self.law.status
        free = exceptions(self.law, chain, self.case)
        found = verdict(self.law, standing, concerns, free, counted)
        case = replace(self.case, due=counted.due.at if counted.due else None)
        return self._obligation(found, counted, case, free)

    def _chain(self) -> Iterator[Duty]:
        """The duty itself and those it follows, nearest first."""
        duty: Duty | None = self.duty
        while duty:
            yield duty
            duty = self.law.named(duty.follows) if duty.follows else None

    def _obligation(
        self, found: Verdict, counted: Deadline, case: Case, free: list[tuple[Exempting, Truth]]
    ) -> Obligation:
        law, duty = self.law, self.duty
        citation, url = law.cite(_source(duty, counted))
        evidence = duty.evidence
        if counted.version and counted.version.evidence:
            evidence = counted.version.evidence
        return Obligation(
            playbook=law.id, id=duty.id, title=duty.title, audience=duty.audience,
            phase=duty.phase, where=case.here, to=addressees(duty, case), status=found.status,
            due=due_date(found, counted, case), asks=distinct(found.asks + self.place_asks),
            because=distinct(found.because), citation=citation, url=url, evidence=evidence,
            in_force=found.status is not DutyStatus.NOT_IN_FORCE, says=duty.says,
            exceptions=tuple(e.id for e in found.hold), wording=wording(law, duty, case),
            would_change=would_change(law, found) + _may_be_later(law, duty, found),
            order=tuple(_order(law, part.must, part.than) for part in duty.order),
            offers=offers(law, duty, case), substitutes=substitutes(law, free),
            kept=decisions_kept(law, duty, found.hold), filing=filing(duty),
        )  # fmt: skip


def _may_be_later(law: Playbook, duty: Duty, found: Verdict) -> tuple[str, ...]:
    owed = found.status in (DutyStatus.REQUIRED, DutyStatus.OPEN)
    return possible(law, duty) if owed else ()


def _source(duty: Duty, counted: Deadline) -> str:
    version = counted.version
    return version.source if version and version.source else duty.source


def _order(law: Playbook, must: str, than: str) -> str:
    other = than if "/" in than else f"{law.id}/{than}"
    return f"{must.replace('-', ' ')} {other}"
