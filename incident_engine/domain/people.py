"""Who is affected: one person as read from a file, and when two rows are the same person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from incident_engine.domain.words import ChannelName


@dataclass(frozen=True, kw_only=True)
class Person:
    """One affected person, every value canonical; empty where the file says nothing."""

    row: int
    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    address: tuple[str, ...] = ()
    postal_code: str = ""
    country: str = ""
    push: str = ""
    language: str = ""
    where: str = ""
    data_types: tuple[str, ...] = ()
    birth_date: date | None = None
    minor: bool | None = None
    guardian_name: str = ""
    guardian_email: str = ""
    guardian_phone: str = ""
    guardian_address: str = ""
    deceased: bool = False
    do_not_contact: bool = False
    protected_address: bool = False
    variant: str = ""
    own_id: bool = True  # False: the file gave no id, and it was made from the row
    extra: Mapping[str, str] = field(default_factory=dict)

    def is_minor(self, on: date) -> bool:
        """Under 18 on that day, by birth date, else as the file says."""
        if self.birth_date:
            return age(self.birth_date, on) < 18
        return bool(self.minor)

    def is_under_14(self, on: date) -> bool:
        """Under 14 on that day. A minor without a birth date may be: the safe side."""
        if self.birth_date:
            return age(self.birth_date, on) < 14
        return bool(self.minor)

    def channels(self) -> tuple[ChannelName, ...]:
        """By what means this person, or the guardian, can be written to."""
        if self.deceased or self.do_not_contact:
            return ()
        postal = (self.address or self.guardian_address) and not self.protected_address
        ways = (
            (ChannelName.EMAIL, self.email or self.guardian_email),
            (ChannelName.SMS, self.phone or self.guardian_phone),
            (ChannelName.LETTER, postal),
            (ChannelName.PUSH, self.push),
        )
        return tuple(channel for channel, known in ways if known)

    def particulars(self) -> dict[str, Any]:
        """What is sealed: everything that names or reaches the person, JSON-safe."""
        kept = asdict(self) | {
            "address": list(self.address),
            "birth_date": self.birth_date.isoformat() if self.birth_date else "",
            "extra": dict(self.extra),
        }
        for open_field in ("row", "language", "where", "data_types", "minor", "own_id"):
            del kept[open_field]
        return {key: value for key, value in kept.items() if value}


def age(born: date, on: date) -> int:
    """Full years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class Merge:
    """Two rows that are one person, and the rule that joined them."""

    row: int
    into: int
    rule: str


def same_person(person: Person, other: Person) -> str:
    """The rule by which two rows are one person, or nothing. Never a guess.

    Different own ids or birth dates are different people, whatever else agrees; a shared address
    alone joins nobody (a household, info@).
    """
    if person.own_id and other.own_id and person.id != other.id:
        return ""
    if person.birth_date and other.birth_date and person.birth_date != other.birth_date:
        return ""
    if person.own_id and other.own_id:
        return "same id, same name" if _said_alike(person.name, other.name) else ""
    if not person.name or not _said_alike(person.name, other.name):
        return ""
    if person.email and person.email == other.email:
        return "same email, same name"
    if person.phone and person.phone == other.phone:
        return "same phone, same name"
    return ""


def _said_alike(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True)
class Census:
    """Who is in a file, counted: by place, language and channel, and whom nobody can reach."""

    places: dict[str, int]
    languages: dict[str, int]
    channels: dict[str, int]
    unreachable: int
    without_place: int


def census(people: Iterable[Person]) -> Census:
    """Count people without keeping them."""
    places: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    unreachable = 0
    for person in people:
        places[person.where or "unknown"] += 1
        languages[person.language or "by place"] += 1
        by = person.channels()
        channels.update(str(each) for each in by)
        unreachable += not by
    return Census(
        dict(sorted(places.items())),
        dict(sorted(languages.items())),
        dict(sorted(channels.items())),
        unreachable,
        places.get("unknown", 0),
    )
