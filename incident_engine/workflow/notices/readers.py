"""Readers: who is written to, and which of them get the same words.

The words depend on the language, the reader's own kinds of data, whether a guardian reads, and
the laws that bind for where the person lives. Each such group is worded once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property

from sqlmodel import Session

from incident_engine.domain import merkle
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.audience import is_owed, is_spoken_to
from incident_engine.domain.law.content import PROMISED, ContentItem
from incident_engine.domain.law.playbook import Playbook
from incident_engine.domain.places import country_of, lies_in
from incident_engine.domain.words import Audience
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.content_check import missing
from incident_engine.notices.slots import Occasion, Sender
from incident_engine.store import people
from incident_engine.store.obligations import BINDING_STATUSES, of_incident
from incident_engine.store.tables import Incident, Obligation, PersonRow
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.notices.reading_language import ReadingLanguage

TO_PEOPLE = (Audience.INDIVIDUALS, Audience.GUARDIANS)


@dataclass(frozen=True)
class Group:
    """Readers who get the same words. `laws` are ids of playbooks, sorted; `country` is where
    they live, ISO 3166-1."""

    language: str
    data_types: tuple[str, ...]
    guardian: bool
    laws: tuple[str, ...]
    country: str

    @cached_property
    def key(self) -> str:
        """Language, addressee, country, laws and kinds of data in one line."""
        to = "guardian" if self.guardian else "person"
        return "/".join(
            (self.language, to, self.country, ",".join(self.laws), ",".join(self.data_types))
        )

    @classmethod
    def from_key(cls, key: str) -> Group | None:
        """The group that has this key; none for the public page, which is for no group."""
        if key.startswith("public/"):
            return None
        language, to, country, laws, data_types = key.split("/")
        return cls(
            language, _split(data_types), guardian=to == "guardian", laws=_split(laws),
            country=country,
        )  # fmt: skip


def _split(listed: str) -> tuple[str, ...]:
    return tuple(listed.split(",")) if listed else ()


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

    def required(self, laws: Iterable[str]) -> dict[ContentItem, tuple[str, ...]]:
        """What these laws want said, each thing with the laws that want it."""
        return self._items(laws, "required")

    def forbidden(self, laws: Iterable[str]) -> dict[ContentItem, tuple[str, ...]]:
        """What these laws do not let a notice say, each thing with the laws that forbid it."""
        return self._items(laws, "forbidden")

    def is_local(self, law: str, country: str) -> bool:
        """Whether a law protects a reader by where they live, not only by where we sit."""
        known = self.laws.get(law)
        if known is None or not country:
            return True
        return any(lies_in(country, each) is not False for each in known.scope.territory)

    def headings(self, laws: Iterable[str]) -> tuple[str, ...]:
        """The title and headings that these laws fix word for word, each once."""
        wanted = set(laws)
        found = [
            heading
            for duty in self.duties
            if duty.playbook in wanted
            for heading in json.loads(duty.content).get("headings", ())
        ]
        return tuple(dict.fromkeys(found))

    def _items(self, laws: Iterable[str], part: str) -> dict[ContentItem, tuple[str, ...]]:
        wanted, found = set(laws), dict[ContentItem, set[str]]()
        for duty in self.duties:
            if duty.playbook in wanted:
                for item in json.loads(duty.content).get(part, ()):
                    found.setdefault(ContentItem(item), set()).add(duty.playbook)
        return {item: tuple(sorted(names)) for item, names in found.items()}

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
    languages = reading_language(engine, incident, told)

    @cache  # a million people live in a few places and read a few languages
    def groups(language: str, place: str, data_types: str) -> dict[bool, Group]:
        words, kinds = languages.choose(language, place), tuple(json.loads(data_types))
        laws, country = told.laws_for(place), country_of(place) if place else ""
        return {each: Group(words, kinds, each, laws, country) for each in (True, False)}

    for row in people.of_incident(session, incident.id or 0):
        for guardian, group in groups(row.language, row.place, row.data_types).items():
            if is_spoken_to(minor=row.minor, under_14=row.under_14, as_guardian=guardian):
                yield row, group


def reading_language(engine: Engine, incident: Incident, told: Telling) -> ReadingLanguage:
    """The chooser of languages for this incident's notice as its facts now stand."""
    notice = Notice(reference=incident.reference, number=1, at=engine.now())
    templates = engine.settings.notices.templates

    def is_whole(language: str) -> bool:
        page = occasion(engine, notice, told, language, None)
        asked = page.content - {ContentItem.DELAY_REASONS}  # given when it is prepared
        return not missing(
            told.facts, replace(page, content=asked), catalogue_of(language, templates)
        )

    return ReadingLanguage(engine, dict(told.facts.story), is_whole)


def readers_root(engine: Engine, session: Session, incident: Incident, facts: Facts) -> str:
    """The Merkle root over who gets which words: approval binds it, launching checks it."""
    told = telling(engine, session, incident, facts)
    return merkle.root(
        merkle.leaf(f"{row.public_id} {group.key}".encode())
        for row, group in readers(engine, session, incident, told)
    )


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Which notice of an incident is worded, and what it says beside the facts. `delay` is by
    language: why it comes later than the law asks."""

    reference: str
    number: int
    at: datetime
    changes: tuple[str, ...] = ()
    delay: Mapping[str, str] = field(default_factory=dict)


def occasion(
    engine: Engine, notice: Notice, told: Telling, language: str, group: Group | None
) -> Occasion:
    """What is worded for one group of readers; without a group, for the public page.

    The page is for everyone: it says what any law wants said, and no law silences it.
    """
    laws = group.laws if group else told.every_law
    return Occasion(
        sender=sender_of(engine),
        reference=notice.reference,
        number=notice.number,
        data_types=group.data_types if group else (),
        guardian=bool(group and group.guardian),
        public=group is None,
        content=frozenset({*told.required(laws), *PROMISED}),
        at=notice.at,
        forbidden=frozenset(told.forbidden(laws)) if group else frozenset(),
        country=group.country if group else "",
        check=engine.settings.notices.check_url,
        changes=notice.changes,
        delay=notice.delay.get(language, ""),
        headings=told.headings(laws),
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
