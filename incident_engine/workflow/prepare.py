"""Prepare a notice: word it for every group of readers, check it against the law, freeze it.

What is frozen is one campaign: the words, the people (by Merkle root), the facts' version, the
plan of channels and the sender, bound by one hash. Nothing is sent; a second person judges it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from sqlmodel import Session

from incident_engine.domain.content import PROMISED, ContentItem
from incident_engine.domain.errors import BadFile, BadInput, Fault, Refused
from incident_engine.domain.facts import Facts
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Audience, ChannelName
from incident_engine.notices.compose import Sender, Wording, compose, public_wording
from incident_engine.notices.content_check import missing
from incident_engine.notices.languages import available_languages, choose_language
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.obligations import BINDING_STATUSES, of_incident
from incident_engine.store.tables import Campaign, FrozenWording, Incident, PersonRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction

SENDABLE = (ChannelName.EMAIL, ChannelName.SMS)


@dataclass(frozen=True)
class Group:
    """Readers who get the same words: language, their own data types, themselves or a guardian."""

    language: str
    data_types: tuple[str, ...]
    guardian: bool

    @property
    def key(self) -> str:
        to = "guardian" if self.guardian else "person"
        return f"{self.language}/{to}/{','.join(self.data_types)}"


def prepare(
    engine: Engine, actor: Actor, reference: str, channels: Sequence[ChannelName]
) -> Campaign:
    """Freeze a notice to everyone imported, by these channels in this order.

    Raises BadFile with every missing part of the notice, Refused when nobody was imported or a
    hold forbids telling people. A campaign frozen before and not launched becomes void.
    """
    actor.may(Act.PREPARE_NOTICE)
    plan = _plan(channels)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        facts = known_facts(session, incident)
        if not people.count(session, incident.id or 0):
            raise Refused(
                "nobody",
                incident.reference,
                "has no people to tell yet",
                next_step=f"Run `incident-engine people import {incident.reference} FILE`.",
            )
        campaigns.void_unlaunched(session, incident.id or 0)
        number = campaigns.next_number(session, incident.id or 0)
        wordings = _word(engine, transaction, incident, facts, number)
        manifest = _manifest(engine, session, incident, number, plan, wordings)
        return _freeze(transaction, incident, number, plan, manifest, wordings)


def readers(
    session: Session, engine: Engine, incident: Incident
) -> Iterator[tuple[PersonRow, Group]]:
    """Every addressee of the incident with the group of words that is theirs.

    A child under 14 is spoken to through the guardian; an older minor gets their own notice and
    the guardian another (Regulation on the Protection of Minors in Cyberspace, art. 35).
    """
    languages = available_languages(engine.settings.notices.templates)
    default = engine.settings.notices.default_language
    for row in people.of_incident(session, incident.id or 0):
        language = choose_language(row.language or None, row.place or None, languages, default)
        data_types = tuple(json.loads(row.data_types))
        if row.minor:
            yield row, Group(language, data_types, True)
        if not row.under_14:
            yield row, Group(language, data_types, False)


def required_content(session: Session, incident: Incident) -> frozenset[ContentItem]:
    """What this incident's notice must say: the promise of the policy and every law's list."""
    asked = {
        ContentItem(item)
        for row in of_incident(session, incident.id or 0)
        if row.audience in (Audience.INDIVIDUALS, Audience.GUARDIANS)
        and row.status in BINDING_STATUSES
        for item in json.loads(row.content)
    }
    return frozenset(asked | set(PROMISED))


def sender_of(engine: Engine) -> Sender:
    """Who writes, from the settings."""
    organisation = engine.settings.organisation
    return Sender(
        organisation=organisation.name,
        address=organisation.address,
        website=organisation.website,
        contact_name=organisation.contact_name,
        contact_email=organisation.contact_email,
        contact_phone=organisation.contact_phone,
    )


def word_group(
    engine: Engine,
    incident: Incident,
    facts: Facts,
    group: Group,
    *,
    number: int,
    content: frozenset[ContentItem],
) -> Wording:
    """The words for one group of readers, personal slots still empty."""
    return compose(
        facts,
        sender=sender_of(engine),
        reference=incident.reference,
        number=number,
        language=group.language,
        data_types=group.data_types,
        guardian=group.guardian,
        content=content,
        at=engine.now(),
    )


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


def _word(
    engine: Engine, transaction: Transaction, incident: Incident, facts: Facts, number: int
) -> dict[str, Wording]:
    content = required_content(transaction.session, incident)
    groups = {group for _, group in readers(transaction.session, engine, incident)}
    languages = sorted({group.language for group in groups})
    _must_be_complete(incident, facts, sender_of(engine), languages, content)
    wordings = {
        group.key: word_group(engine, incident, facts, group, number=number, content=content)
        for group in groups
    }
    for language in languages:
        wordings[f"public/{language}"] = public_wording(
            facts,
            sender=sender_of(engine),
            reference=incident.reference,
            number=number,
            language=language,
            content=content,
            at=transaction.at,
        )
    return dict(sorted(wordings.items()))


def _must_be_complete(
    incident: Incident,
    facts: Facts,
    sender: Sender,
    languages: Iterable[str],
    content: frozenset[ContentItem],
) -> None:
    faults: list[Fault] = []
    for language in languages:
        faults += missing(
            facts, content, sender=sender, language=language, reference=incident.reference
        )
    if faults:
        raise BadFile(faults)


def _manifest(
    engine: Engine,
    session: Session,
    incident: Incident,
    number: int,
    plan: Sequence[ChannelName],
    wordings: dict[str, Wording],
) -> dict[str, Any]:
    settings = engine.settings
    return {
        "incident": incident.reference,
        "notice": number,
        "facts_version": incidents.facts_version(session, incident.id or 0),
        "people": {
            "count": people.count(session, incident.id or 0),
            "root": people.root(session, incident.id or 0),
        },
        "plan": [str(each) for each in plan],
        "sender": {
            "email": settings.email.sender_address(settings.organisation),
            "name": settings.email.sender_name or settings.organisation.name,
            "sms": settings.sms.sender,
        },
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
