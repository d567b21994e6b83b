"""One incident as one law looks at it: its facts, its people by territory, the risk, the hour.

A law asks by key. The keys are those of a facts file, and these, which are worked out here:

  risk              the risk to people, as proposed or as decided
  shown risk        the same, where the facts show it already: what is not known counts as no
  decided risk      the same, only where a named person decided it
  establishment     every country in which we are established, and the regions these lie in
  hold              law enforcement asks us to wait, now
  late              the duty's own deadline has passed
  grade             the grade an authority gave, where these people live
  people            how many, in this law's territory; also people.minors, people.under_14 …
  people.customers  how many of a category; people.uncontactable: without a working address
  people.served     how many we serve in all, concerned or not: what a share is a share of
  people here       how many in the one place this duty is for
  people everywhere how many in all
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from incident_engine.domain.facts.document import Facts, PeopleBlock
from incident_engine.domain.facts.words import Category
from incident_engine.domain.law.counting import begins
from incident_engine.domain.law.truth import Truth
from incident_engine.domain.places import REGIONS, lies_in
from incident_engine.domain.risk.proposal import RiskOpinion

COUNTED = (
    "count", "minors", "under_14", "vulnerable", "sensitive", "contactable",
    "uncontactable", "served",
)  # fmt: skip
CATEGORIES = tuple(category.value for category in Category)


class Tally(NamedTuple):
    """A sum over people blocks: at least, at most (None: no bound), and what would sharpen it."""

    least: int
    most: int | None
    asks: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"{self.least} or more" if self.most is None else f"{self.least} to {self.most}"

    def plus(self, other: Tally) -> Tally:
        """The sum of two."""
        most = None if self.most is None or other.most is None else self.most + other.most
        return Tally(self.least + other.least, most, self.asks + other.asks)


class Readable(Protocol):
    """Something that holds of a case, or does not, or is not known to."""

    def read(self, case: Case) -> Truth:
        """Whether it holds."""
        ...


@dataclass(frozen=True, kw_only=True)
class Case:
    """What conditions are read over. `here` and `due` are those of the duty being looked at."""

    facts: Facts
    risk: RiskOpinion
    now: datetime
    name: str  # the place the playbook is for, as reasons name it
    territory: tuple[str, ...] = ()
    by_seat: bool = False  # the law follows an organisation seated in its territory everywhere
    elements: Mapping[str, frozenset[str]]  # the playbook's named lists of data types
    terms: Mapping[str, Readable]  # the playbook's own terms
    here: str = ""
    zone: str = "UTC"  # in which the days of `here` begin and end
    due: datetime | None = None
    born: datetime | None = None  # when a later fact brought the duty being looked at
    # What was worked out of this law and these facts already: every duty asks the same again.
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def at(self, here: str, zone: str, born: datetime | None = None) -> Case:
        """The same, looking at the duty for one place."""
        return replace(self, here=here, zone=zone, born=born)

    @property
    def seated(self) -> bool:
        """Whether the organisation's own country lies in the territory, and the law cares."""
        country = self.facts.organisation.country
        return bool(self.by_seat and country and self.within(country))

    def within(self, place: str) -> bool | None:
        """Whether a place lies in the territory; None: partly, or it cannot be said."""
        answers = [lies_in(place, territory) for territory in self.territory]
        if True in answers:
            return True
        return None if None in answers else False

    def covers(self, place: str) -> bool | None:
        """Whether this law protects people who live in a place; None: some of them."""
        key = ("covers", place)
        if key not in self._known:
            self._known[key] = True if self.seated else self.within(place)
        covered: bool | None = self._known[key]
        return covered

    def covered_places(self) -> list[str]:
        """Every place named in the facts whose people this law protects, sorted."""
        counted = [b for b in self.facts.people if not (b.count and b.count.most == 0)]
        return sorted(b.where for b in counted if self.covers(b.where))

    def tally(self, part: str = "count", over: str = "") -> Tally:
        """How many people; `over` is empty for the territory, else here or everywhere."""
        key = ("tally", part, over, self.here if over == "here" else "")
        if key not in self._known:
            self._known[key] = self._tally(part, over)
        found: Tally = self._known[key]
        return found

    def _tally(self, part: str, over: str) -> Tally:
        if not self.facts.people:
            return Tally(0, None, ("people.where",))
        total = Tally(0, 0)
        for block in sorted(self.facts.people, key=lambda block: block.where):
            total = total.plus(self._part_of(block, part, over))
        return total

    def _part_of(self, block: PeopleBlock, part: str, over: str) -> Tally:
        inside = self._counts(block.where, over)
        if inside is False:
            return Tally(0, 0)
        found = _number(block, part)
        if inside is None:  # the block is larger than the place asked for
            return Tally(0, found.most, (f"people.{self.territory[0]}.{part}",))
        return found

    def _counts(self, place: str, over: str) -> bool | None:
        if over == "everywhere":
            return True
        return lies_in(place, self.here) if over == "here" else self.covers(place)

    def grades(self) -> tuple[str, ...]:
        """The grades an authority gave for places whose people this law protects, sorted."""
        covered = (b for b in self.facts.people if self.covers(b.where) is not False)
        return tuple(sorted({block.grade for block in covered if block.grade}))

    def learned_at(self) -> datetime | None:
        """When the facts that bring a duty were learned: booked by us, or dated in the facts.

        Of a number of people its `as_of`; None where nobody wrote it down.
        """
        if self.born:
            return self.born
        covered = [b.count for b in self.facts.people if self.covers(b.where) is not False]
        known = [count.as_of.earliest for count in covered if count and count.as_of]
        return max(known, default=None)

    def establishments(self) -> tuple[str, ...]:
        """Every country in which we are established, sorted, and the regions they lie in."""
        ours = self.facts.organisation
        countries = {*ours.establishments, *((ours.country,) if ours.country else ())}
        regions = {name for name, members in REGIONS.items() if members & countries}
        return (*sorted(countries), *sorted(regions))

    def hold(self) -> bool | None:
        """Whether law enforcement asks us to wait, now; None when nobody said either way."""
        clocks = self.facts.clocks
        if clocks.hold_from is None and clocks.hold_until is None:
            return None
        began = clocks.hold_from is None or begins(clocks.hold_from, self._clock()) <= self.now
        return began and not self.hold_is_over()

    def hold_is_over(self) -> bool:
        """Whether a hold was on and has ended. A bare date ends with its day."""
        until = self.facts.clocks.hold_until
        if until is None:
            return False
        return self.now > until.latest if until.day else self.now >= until.earliest

    def _clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def fact(self, key: str) -> object:
        """The value of a fact by its key, or None where it is not known."""
        value: object = self.facts
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else getattr(value, part, None)
        return None if _empty(value) else value


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, (Sequence, Mapping)) and not len(value))


def _number(block: PeopleBlock, part: str) -> Tally:
    if part == "count":
        return _people_in(block)
    if part == "uncontactable":
        return _uncontactable(block)
    known = block.categories.get(Category(part)) if part in CATEGORIES else getattr(block, part)
    if known is not None:
        return Tally(known, known)
    least = block.under_14 or 0 if part == "minors" else 0
    if part == "served":
        return Tally(least, None, (f"people.{block.where}.served",))
    return Tally(least, _people_in(block).most, (f"people.{block.where}.{part}",))


def _people_in(block: PeopleBlock) -> Tally:
    """A block without a number still says that somebody lives there."""
    asks = (f"people.{block.where}.count",)
    if block.count is None or block.count.best is None:
        return Tally(1, None, asks)
    least = 1 if block.count.least is None else block.count.least
    sharp = least == block.count.most
    return Tally(least, block.count.most, () if sharp else asks)


def _uncontactable(block: PeopleBlock) -> Tally:
    people, held = _people_in(block), block.contactable
    if held is None:
        return Tally(0, people.most, (f"people.{block.where}.contactable",))
    most = None if people.most is None else max(people.most - held, 0)
    return Tally(max(people.least - held, 0), most, people.asks)
