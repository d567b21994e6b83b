"""Readers: who is written to, and which of them get the same words.

The words depend on the language, the reader's own kinds of data, whether a guardian reads, and
the laws that bind for where the person lives. Each such group is worded once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from incident_engine.domain import merkle
from incident_engine.domain.audience import is_owed, is_spoken_to
from incident_engine.domain.content import PROMISED, ContentItem
from incident_engine.domain.facts import Facts
from incident_engine.domain.playbook import Playbook
from incident_engine.domain.words import Audience
from incident_engine.notices.languages import available_languages, choose_language
from incident_engine.notices.slots import Occasion, Sender
from incident_engine.store import people
from incident_engine.store.obligations import BINDING_STATUSES, of_incident
from incident_engine.store.tables import Incident, Obligation, PersonRow
from incident_engine.workflow.engine import Engine

TO_PEOPLE = (Audience.INDIVIDUALS, Audience.GUARDIANS)


@dataclass(frozen=True)
class Group:
    """Readers who get the same words. `laws` are ids of playbooks, sorted."""

    language: str
    data_types: tuple[str, ...]
    guardian: bool
    laws: tuple[str, ...]

    @property
    def key(self) -> str:
        """Language, addressee, laws and kinds of data in one line."""
        to = "guardian" if self.guardian else "person"
        return f"{self.language}/{to}/{','.join(self.laws)}/{','.join(self.data_types)}"


@dataclass(frozen=True)
class Telling:
    """The duties to tell people, and the laws they stand in."""

    duties: Sequence[Obligation]
    laws: Mapping[str, Playbook]
    facts: Facts

    def laws_for(self, place: str) -> tuple[str, ...]:
        """The laws under which somebody who lives there is owed a notice."""
        found = {
            duty.playbook
            for duty in self.duties
            if is_owed(
                place,
                law=self.laws.get(duty.playbook),
                facts=self.facts,
                duty_place=duty.place,
            )
        }
        return tuple(sorted(found))

    def content(self, laws: Iterable[str]) -> frozenset[ContentItem]:
        """What a notice under these laws must say: our own promise and each law's list."""
        wanted = set(laws)
        asked = {
            ContentItem(item)
            for duty in self.duties
            if duty.playbook in wanted
            for item in json.loads(duty.content)
        }
        return frozenset(asked | set(PROMISED))

    @property
    def every_law(self) -> tuple[str, ...]:
        """The laws of all these duties."""
        return tuple(sorted({duty.playbook for duty in self.duties}))


def telling(engine: Engine, session: Session, incident: Incident, facts: Facts) -> Telling:
    """The duties of an incident to tell people that the law may still make us do."""
    duties = [
        row
        for row in of_incident(session, incident.id or 0)
        if row.audience in TO_PEOPLE and row.status in BINDING_STATUSES
    ]
    return Telling(duties, {law.id: law for law in engine.playbooks}, facts)


def readers(
    engine: Engine, session: Session, incident: Incident, told: Telling
) -> Iterator[tuple[PersonRow, Group]]:
    """Every addressee of the incident with the group of words that is theirs."""
    notices = engine.settings.notices
    languages = available_languages(notices.templates)
    for row in people.of_incident(session, incident.id or 0):
        language = choose_language(
            row.language or None, row.place or None, languages, notices.default_language
        )
        data_types = tuple(json.loads(row.data_types))
        laws = told.laws_for(row.place)
        for guardian in (True, False):
            if is_spoken_to(minor=row.minor, under_14=row.under_14, as_guardian=guardian):
                yield row, Group(language, data_types, guardian, laws)


def readers_root(engine: Engine, session: Session, incident: Incident, facts: Facts) -> str:
    """The Merkle root over who gets which words: approval binds it, launching checks it."""
    told = telling(engine, session, incident, facts)
    return merkle.root(
        merkle.leaf(f"{row.public_id} {group.key}".encode())
        for row, group in readers(engine, session, incident, told)
    )


def occasion(
    engine: Engine,
    incident: Incident,
    *,
    number: int,
    at: datetime,
    content: frozenset[ContentItem],
    group: Group | None = None,
) -> Occasion:
    """Which notice is worded, for one group of readers; without a group, the public page's."""
    return Occasion(
        sender=sender_of(engine),
        reference=incident.reference,
        number=number,
        data_types=group.data_types if group else (),
        guardian=bool(group and group.guardian),
        public=group is None,
        content=content,
        at=at,
    )


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
