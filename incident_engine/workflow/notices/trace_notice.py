"""Trace a notice: what each sentence comes from, and which sentences a changed fact takes away."""

from __future__ import annotations

from collections.abc import Iterator
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
        without = _without(session, incident)
        groups = {group for _, group in readers(engine, session, incident, told)}
        return [
            TracedGroup(
                group.key,
                tuple(trace(_told(engine, notice, told, group, facts, without), cage)),
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
    without: dict[str, Facts],
) -> Told:
    return Told(
        facts=facts,
        occasion=occasion(engine, notice, told, group.language, group),
        catalogue=catalogue_of(group.language, engine.settings.notices.templates),
        without=without,
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


def _without(session: Session, incident: Incident) -> dict[str, Facts]:
    """The facts without each of them; one that others cannot stand without goes with nobody."""
    pairs = incidents.fact_pairs(session, incident.id or 0)
    found = {}
    for key, _ in pairs:
        try:
            found[key] = parse_facts(assemble([pair for pair in pairs if pair[0] != key]))
        except BadFile:
            continue
    return found
