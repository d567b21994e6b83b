"""Prepare a notice: word it for every group of readers, check it against the law, freeze it.

What is frozen is one campaign: the words, the people (by Merkle root), the facts' version, the
plan of channels and the sender, bound by one hash. Nothing is sent; a second person judges it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import rfc8785
from sqlmodel import Session

from incident_engine.domain.errors import BadFile, BadInput, Fault, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName
from incident_engine.notices.catalogue import Catalogue, catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.content_check import missing
from incident_engine.notices.slots import Occasion
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.tables import Campaign, FrozenWording, Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.reach import origin_of
from incident_engine.workflow.readers import occasion, readers, readers_root, telling

SENDABLE = (ChannelName.EMAIL, ChannelName.SMS)


def prepare(
    engine: Engine, actor: Actor, reference: str, channels: Sequence[ChannelName]
) -> Campaign:
    """Freeze a notice to everyone imported, by these channels in this order.

    Raises BadFile with every missing part of the notice, Refused when nobody was imported. A hold
    does not stop the preparing, only the launch. What was frozen before and not launched is void.
    """
    actor.may(Act.PREPARE_NOTICE)
    plan = _plan(channels)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        if not people.count(session, incident.id or 0):
            raise Refused(
                "nobody",
                incident.reference,
                "has no people to tell yet",
                next_step=f"Run `incident-engine people import {incident.reference} FILE`.",
            )
        campaigns.void_unlaunched(session, incident.id or 0)
        number = campaigns.next_number(session, incident.id or 0)
        wordings = _word(engine, transaction, incident, number)
        manifest = _manifest(engine, session, incident, number, plan, wordings)
        return _freeze(transaction, incident, number, plan, manifest, wordings)


def _plan(channels: Sequence[ChannelName]) -> list[ChannelName]:
    wrong = [each for each in channels if each not in SENDABLE]
    if wrong or not channels or len(set(channels)) != len(channels):
        raise BadInput(
            "bad-plan",
            "--channels",
            f"found {', '.join(channels) or 'nothing'}",
            expected="email, sms, or both in the order they are tried",
            next_step="For example --channels email,sms.",
        )
    return list(channels)


def lacks(engine: Engine, session: Session, incident: Incident) -> list[Fault]:
    """What the notice of this incident still lacks, over all groups of its readers, each once."""
    faults = [
        fault
        for occasion, catalogue in _occasions(engine, session, incident, number=1).values()
        for fault in missing(known_facts(session, incident), occasion, catalogue)
    ]
    return list({(each.place, each.code): each for each in faults}.values())


def _word(
    engine: Engine, transaction: Transaction, incident: Incident, number: int
) -> dict[str, Wording]:
    session = transaction.session
    if faults := lacks(engine, session, incident):
        raise BadFile(faults)
    facts = known_facts(session, incident)
    occasions = _occasions(engine, session, incident, number=number)
    return {key: compose(facts, *each) for key, each in sorted(occasions.items())}


def _occasions(
    engine: Engine, session: Session, incident: Incident, *, number: int
) -> dict[str, tuple[Occasion, Catalogue]]:
    """What is worded, by group; and the public page in every language of the readers."""
    facts, at = known_facts(session, incident), engine.now()
    told = telling(engine, session, incident, facts)
    templates = engine.settings.notices.templates
    groups = {group for _, group in readers(engine, session, incident, told)}
    languages = {group.language for group in groups} or {engine.settings.notices.default_language}
    found = {
        group.key: (
            occasion(
                engine, incident, number=number, at=at, group=group,
                content=told.content(group.laws),
            ),
            catalogue_of(group.language, templates),
        )
        for group in sorted(groups, key=lambda each: each.key)
    }  # fmt: skip
    everything = told.content(told.every_law)
    for language in sorted(languages):
        page = occasion(engine, incident, number=number, at=at, content=everything)
        found[f"public/{language}"] = (page, catalogue_of(language, templates))
    return found


def _manifest(
    engine: Engine,
    session: Session,
    incident: Incident,
    number: int,
    plan: Sequence[ChannelName],
    wordings: dict[str, Wording],
) -> dict[str, Any]:
    return {
        "incident": incident.reference,
        "notice": number,
        "facts_version": incidents.facts_version(session, incident.id or 0),
        "people": {
            "count": people.count(session, incident.id or 0),
            "root": people.root(session, incident.id or 0),
        },
        "plan": [str(each) for each in plan],
        "sender": origin_of(engine),
        "readers": readers_root(engine, session, incident, known_facts(session, incident)),
        "wordings": {key: wording.sha256 for key, wording in wordings.items()},
        "playbooks": {each.id: each.sha256 for each in engine.playbooks},
    }


def _freeze(
    transaction: Transaction,
    incident: Incident,
    number: int,
    plan: Sequence[ChannelName],
    manifest: dict[str, Any],
    wordings: dict[str, Wording],
) -> Campaign:
    text = rfc8785.dumps(manifest)
    campaign = Campaign(
        incident_id=incident.id or 0,
        number=number,
        sha256=sha256(text).hexdigest(),
        manifest=text.decode(),
        plan=json.dumps([str(each) for each in plan]),
        facts_version=manifest["facts_version"],
        people_count=manifest["people"]["count"],
        prepared_at=transaction.at,
        prepared_by=transaction.actor.name,
    )
    transaction.session.add(campaign)
    transaction.session.flush()
    for key, wording in wordings.items():
        transaction.session.add(
            FrozenWording(
                campaign_id=campaign.id or 0,
                group=key,
                language=wording.language,
                sha256=wording.sha256,
                body=rfc8785.dumps(wording.as_json()).decode(),
            )
        )
    transaction.record(
        "notice-prepared",
        incident=incident.reference,
        subject=campaign.sha256,
        people=campaign.people_count,
        plan=manifest["plan"],
        wordings=len(wordings),
    )
    return campaign
