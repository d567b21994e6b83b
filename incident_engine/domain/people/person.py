"""Who is affected: one person as read from a file, and when two rows are the same person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from incident_engine.domain.words import ChannelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Of a person's row, what tells whether another row is the same person: all that need be
    remembered of it."""

    row: int
    id: str
    own_id: bool
    name: str
    email: str
    phone: str
    birth_date: date | None


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

    @property
    def identity(self) -> Identity:
        """What another row is compared with."""
        return Identity(
            row=self.row, id=self.id, own_id=self.own_id, name=self.name, email=self.email,
            phone=self.phone, birth_date=self.birth_date,
        )  # fmt: skip

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
        kept: dict[str, Any] = {name: value for name in _SEALED if (value := getattr(self, name))}
        if self.address:
            kept["address"] = list(self.address)
        if self.birth_date:
            kept["birth_date"] = self.birth_date.isoformat()
        if self.extra:
            kept["extra"] = dict(self.extra)
        return kept


_OPEN = {"row", "language", "where", "data_types", "minor", "own_id"}
_APART = {"address", "birth_date", "extra"}
_SEALED = tuple(each.name for each in fields(Person) if each.name not in _OPEN | _APART)


def age(born: date, on: date) -> int:
    """Full years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True)
class Merge:
    """Two rows that are one person, and the rule that joined them."""

    row: int
    into: int
    rule: str


def same_person(person: Person | Identity, other: Person | Identity) -> str:
    """The rule by which two rows are one person, or nothing. Never a guess.

    Different own ids or birth dates are different people, whatever else agrees; a shared address
    alone joins nobody (a household, info@).
    """
    if person.own_id and other.own_id and person.id != other.id:
        return ""
    if person.birth_date and other.birth_date and person.birth_date != other.birth_date:
        return ""
    if person.own_id and other.own_id:
        return "same id, same name" if folded(person.name) == folded(other.name) else ""
    if not person.name or folded(person.name) != folded(other.name):
        return ""
    if person.email and person.email == other.email:
        return "same email, same name"
    if person.phone and person.phone == other.phone:
        return "same phone, same name"
    return ""


def folded(name: str) -> str:
    """A name as it is compared: one space between its parts, and no capitals."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True)
class Census:
    """Who is in a file, counted: by place, language and channel, and whom nobody can reach."""

    places: dict[str, int]
    languages: dict[str, int]
    channels: dict[str, int]
    unreachable: int
    without_place: int


class Counting:
    """People counted as they go by, without keeping them."""

    def __init__(self) -> None:
        self._places: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._channels: Counter[ChannelName] = Counter()
        self._unreachable = 0

    def add(self, person: Person) -> None:
        """Count one more."""
        self._places[person.where or "unknown"] += 1
        self._languages[person.language or "by place"] += 1
        by = person.channels()
        self._channels.update(by)
        self._unreachable += not by

    def census(self) -> Census:
        """The sums so far."""
        return Census(
            dict(sorted(self._places.items())),
            dict(sorted(self._languages.items())),
            {str(name): count for name, count in sorted(self._channels.items())},
            self._unreachable,
            self._places.get("unknown", 0),
        )
