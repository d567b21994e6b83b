"""Rows of a people file that are one person, may be one, or share an address with another.

Joined only by a named rule; whoever is merely alike is shown to a person and joined by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from unicodedata import normalize

from incident_engine.domain.people.addresses import mask
from incident_engine.domain.people.person import Identity, Merge, Person, folded, same_person
from incident_engine.domain.words import ChannelName

_ALIKE = 0.8
_SHOWN = 10
_MOST_NOTED = 10_000
# Where a subscriber's number has four or five digits: Saint Helena, Ascension, the Falklands,
# Niue, Tokelau.
_SHORT_NUMBERS = ("290", "247", "500", "683", "690")
_NOT_DIGITS = re.compile(r"[^0-9]")
# RFC 2142 and the like: read by whoever holds the role, so a notice there tells others too.
_ROLES = {
    "abuse", "accounting", "accounts", "admin", "billing", "contact", "enquiries", "enquiry",
    "hello", "help", "helpdesk", "hr", "info", "kontakt", "mail", "marketing", "office", "orders",
    "postmaster", "reception", "sales", "service", "support", "team", "webmaster",
}  # fmt: skip


@dataclass(frozen=True)
class Near:
    """Two rows that may be one person: a person has to look. Nothing was joined."""

    row: int
    other: int
    because: str


@dataclass(frozen=True)
class Shared:
    """One address of several people, or of a role (info@). Masked; `rows` are the first ten."""

    channel: str
    address: str
    people: int
    rows: tuple[int, ...]
    kind: str  # "several people", "a role" or "our own domain"


@dataclass
class _Behind:
    """Who stands behind one address."""

    address: str
    people: list[Identity] = field(default_factory=list)
    count: int = 0


KEYS = 4


def keys_of_row(number: str, name: str, email: str, phone: str) -> tuple[int, int, int, int]:
    """Hashes of what may make this row another's double, from the cells as they stand; 0: nothing.

    Never too few: cells that come out the same when read have the same key here.
    """
    number, email, phone = number.strip(), email.strip(), phone.strip()
    plain = phone.removeprefix("+")
    digits = plain if plain.isdigit() else _NOT_DIGITS.sub("", phone)
    return (
        hash(("id", number)) if number else 0,
        hash(("email", _loosely(email))) if email else 0,
        # A national and an international form share their last digits and the reader's name.
        hash(("phone", digits[-_tail(phone, digits) :], folded(name))) if digits else 0,
        hash(("phone", digits[-7:])) if digits else 0,
    )


def _tail(phone: str, digits: str) -> int:
    """How many last digits both forms of a number have for certain.

    Four for everybody made doubles of strangers who share a name, and each of those has to be
    remembered (measured: 2 GB for a file of a million rows, 177 MB with six).
    """
    abroad = phone.startswith(("+", "00"))
    short = digits.lstrip("0").startswith(_SHORT_NUMBERS) if abroad else len(digits) < 6
    return 4 if short else 6


def may_be_doubles(keys: Sequence[int]) -> bytearray:
    """For each row whether one of its keys stands in another row too; `keys` has KEYS a row."""
    found = bytearray(len(keys) // KEYS)
    for column in range(KEYS):
        own = keys[column::KEYS]
        twice = _twice(own)
        if twice:
            for row, key in enumerate(own):
                if key in twice:
                    found[row] = 1
    return found


def _twice(keys: Sequence[int]) -> set[int]:
    ordered = sorted(keys)
    return {one for one, after in pairwise(ordered) if one == after} - {0}


def _loosely(email: str) -> str:
    """An address without what reading it may change: case, and an international domain's form."""
    plain = normalize("NFC", email.casefold())
    return plain if plain.isascii() and "xn--" not in plain else plain.partition("@")[0]


class Doubles:
    """Rows met before, of those that may be doubles: the others need not be remembered.

    `ours` are the organisation's own mail domains: staff among the people may be right, and may be
    a test list or a decoy, so a person is shown them.
    """

    def __init__(self, ours: frozenset[str] = frozenset()) -> None:
        self._ours = ours
        self._known: dict[tuple[str, str, str], Identity] = {}
        self._behind: dict[tuple[ChannelName, str], _Behind] = {}
        self._roles: list[Shared] = []
        self.near: list[Near] = []

    def meet(self, person: Person) -> tuple[Merge | None, int | None]:
        """A merge, the row that has the same own number for somebody else, or neither."""
        own, name = person.id if person.own_id else "", folded(person.name)
        keys = [("id", own, ""), ("email", person.email, name), ("phone", person.phone, name)]
        for key in keys:
            other = self._known.get(key) if key[1] else None
            if other and (rule := same_person(person, other)):
                return Merge(person.row, other.row, rule), None
        if own and (other := self._known.get(keys[0])):
            return None, other.row
        mine = person.identity
        for key in keys:
            if key[1]:
                self._known.setdefault(key, mine)
        self._note_neighbours(mine)
        return None, None

    def shared(self) -> list[Shared]:
        """Every address behind which several people stand, and every role's, in rising order."""
        several = [
            Shared(
                str(channel), mask(channel, behind.address), behind.count,
                tuple(each.row for each in behind.people), "several people",
            )
            for (channel, _), behind in self._behind.items()
            if behind.count > 1
        ]  # fmt: skip
        alone = {each.rows[0] for each in several}
        roles = [each for each in self._roles if each.rows[0] not in alone]
        return sorted([*several, *roles], key=lambda each: each.rows)

    def note_mailbox(self, person: Person) -> None:
        """Remember a mailbox of a role, which whoever holds the role reads, and one of our own."""
        local, _, domain = person.email.lower().rpartition("@")
        kind = "our own domain" if domain in self._ours else "a role" if local in _ROLES else ""
        if kind and len(self._roles) < _MOST_NOTED:
            shown = mask(ChannelName.EMAIL, person.email)
            self._roles.append(Shared("email", shown, 1, (person.row,), kind))

    def _note_neighbours(self, person: Identity) -> None:
        ways = ((ChannelName.EMAIL, person.email), (ChannelName.SMS, person.phone))
        for channel, address in ways:
            if not address:
                continue
            behind = self._behind.setdefault((channel, address), _Behind(address))
            for other in behind.people:
                if _may_be_one(person, other):
                    self.near.append(Near(person.row, other.row, f"same {channel}, names alike"))
                    break
            behind.count += 1
            if len(behind.people) < _SHOWN:
                behind.people.append(person)


def _may_be_one(person: Identity, other: Identity) -> bool:
    """Names alike at one address, and nothing that tells them apart for certain."""
    if person.birth_date and other.birth_date and person.birth_date != other.birth_date:
        return False
    one, two = folded(person.name), folded(other.name)
    if not one or not two:
        return True
    if sorted(one.split()) == sorted(two.split()):
        return True
    return SequenceMatcher(None, one, two).ratio() >= _ALIKE
