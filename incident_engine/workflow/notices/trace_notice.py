"""Trace a notice: what each sentence comes from, and which sentences a changed fact takes away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlmodel import Session

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.facts.keys import assemble
from incident_engine.notices.cage import open_cage
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.compose import outline_of
from incident_engine.notices.trace import Told, Traced, lost, trace
from incident_engine.store import campaigns, incidents
from incident_engine.store.tables import Campaign, Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.readers import (
    Group,
    Notice,
    Telling,
    occasion,
    readers,
    telling,
)


@dataclass(frozen=True)
class TracedGroup:
    """One variant of the notice, sentence by sentence."""

    group: str
    sentences: tuple[Traced, ...]


@dataclass(frozen=True)
class Touched:
    """A prepared notice that used a fact which changed: which of its sentences no longer stand."""

    notice: int
    sha256: str
    sentences: tuple[str, ...]


def trace_notice(
    engine: Engine, actor: Actor, reference: str, language: str = ""
) -> list[TracedGroup]:
    """Every variant of the notice as it would be now, or those of one language."""
    with engine.reading() as session, open_cage() as cage:
        incident = incidents.by_reference(session, reference)
        facts = known_facts(session, incident)
        told = telling(engine, session, incident, facts)
        notice = Notice(reference=incident.reference, number=1, at=engine.now())
        known = _FactsKnown(session, incident)
        groups = {group for _, group in readers(engine, session, incident, told)}
        return [
            TracedGroup(
                group.key,
                tuple(trace(_told(engine, notice, told, group, facts, known), cage)),
            )
            for group in sorted(groups, key=lambda each: each.key)
            if not language or group.language == language
        ]


def _told(
    engine: Engine,
    notice: Notice,
    told: Telling,
    group: Group,
    facts: Facts,
    known: _FactsKnown,
) -> Told:
    return Told(
        facts=facts,
        occasion=occasion(engine, notice, told, group.language, group),
        catalogue=catalogue_of(group.language, engine.settings.notices.templates),
        known=known.keys,
        without=known.without,
        laws=told.required(group.laws) | told.forbidden(group.laws),
    )


def touched(
    engine: Engine, session: Session, incident: Incident, before: Facts, after: Facts
) -> list[Touched]:
    """The notices prepared and not yet sent that say something else now, each with what it said."""
    return [
        Touched(draft.number, draft.sha256, said)
        for draft in campaigns.of_incident(session, incident.id or 0)
        if draft.state in campaigns.UNLAUNCHED
        and (said := tuple(_lost(engine, session, incident, draft, (before, after))))
    ]


def _lost(
    engine: Engine,
    session: Session,
    incident: Incident,
    draft: Campaign,
    facts: tuple[Facts, Facts],
) -> Iterator[str]:
    """Each sentence once, though many variants have it."""
    told = telling(engine, session, incident, facts[0])
    notice = Notice(reference=incident.reference, number=draft.number, at=draft.prepared_at)
    seen: set[str] = set()
    with open_cage() as cage:
        for frozen in campaigns.wordings(session, draft.id or 0):
            group = Group.from_key(frozen.group)
            here = occasion(engine, notice, told, frozen.language, group)
            catalogue = catalogue_of(frozen.language, engine.settings.notices.templates)
            was, now = (outline_of(each, here, catalogue, cage) for each in facts)
            for sentence in lost(was, now):
                if sentence not in seen:
                    seen.add(sentence)
                    yield sentence


class _FactsKnown:
    """An incident's facts, whole or without some; each reading of them is made once."""

    def __init__(self, session: Session, incident: Incident) -> None:
        self._pairs = incidents.fact_pairs(session, incident.id or 0)
        self._made: dict[frozenset[str], Facts | None] = {}

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self._pairs]

    def without(self, away: Collection[str]) -> Facts | None:
        """The facts without these; None where what is left cannot stand without one of them."""
        asked = frozenset(away)
        if asked not in self._made:
            try:
                left = [pair for pair in self._pairs if pair[0] not in asked]
                self._made[asked] = parse_facts(assemble(left))
            except BadFile:
                self._made[asked] = None
        return self._made[asked]
