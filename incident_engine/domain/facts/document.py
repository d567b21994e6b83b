"""What is known of an incident. Attribute names are the keys of a facts file.

Every fact may be missing: `None`, or an empty list or table where the fact is several, means not
known, and never no or zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
    model_validator,
)

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.count import MOST, HowMany, Number, Table, When
from incident_engine.domain.facts.count import Count as Count
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.faults import Clash, clashes, faults_of, refuse, shown
from incident_engine.domain.facts.moments import Moment as Moment
from incident_engine.domain.facts.text import (
    CountryCode,
    Currency,
    DoneKey,
    LanguageTag,
    Line,
    PlaceCode,
    Text,
    check_line,
)
from incident_engine.domain.facts.words import (
    Action,
    Actor,
    Category,
    ConsequenceKind,
    Degree,
    Exfiltration,
    Intent,
    Kind,
    MeasureCode,
    MeasureKind,
    OurRole,
    Recipient,
    RemedyCode,
    Risk,
    Scenario,
    Sector,
    ServiceImpact,
)

MOST_PLACES = 10_000


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


Amount = Annotated[StrictFloat, Field(ge=0, le=MOST, allow_inf_nan=False)]
Kinds = Annotated[tuple[Kind, ...], AfterValidator(_distinct)]
Sectors = Annotated[tuple[Sector, ...], AfterValidator(_distinct)]
DataTypes = Annotated[tuple[DataType, ...], AfterValidator(_distinct)]
Countries = Annotated[tuple[CountryCode, ...], AfterValidator(_distinct)]


def _size(found: object) -> str | int:
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MOST:
        return found
    return check_line(found, expected="a class (small) or a head count")


class Organisation(Table):
    """Who we are."""

    name: Line | None = None
    trading_name: Line | None = None
    address: Text | None = None
    parent: Line | None = None
    size: Annotated[str | int | None, BeforeValidator(_size)] = None
    ids: Mapping[Line, Line] = {}
    registrations: Mapping[Line, Line] = {}
    country: CountryCode | None = None
    establishments: Countries = ()
    lead_authority: PlaceCode | None = None
    sectors: Sectors = ()


# Orders that no reading of the words allows: the first cannot lie after the second.
# Others stay possible: a thing can be contained before anybody knew what it was.
_ORDERS = (
    ("occurred_from", "occurred_until"),
    ("occurred_from", "suspected"),
    ("occurred_from", "detected"),
    ("occurred_from", "told_by_processor"),
    ("occurred_from", "aware"),
    ("occurred_from", "discovered"),
    ("occurred_from", "determined"),
    ("occurred_from", "classified"),
    ("occurred_from", "assessed"),
    ("occurred_from", "contained"),
    ("occurred_from", "ended"),
    ("suspected", "ended"),
    ("detected", "ended"),
    ("aware", "ended"),
    ("hold_from", "hold_until"),
)


class Clocks(Table):
    """The moments from which laws count. None of them stands in for another here."""

    occurred_from: When | None = None
    occurred_until: When | None = None
    suspected: When | None = None
    detected: When | None = None
    told_by_processor: When | None = None
    aware: When | None = None
    discovered: When | None = None
    determined: When | None = None
    classified: When | None = None
    assessed: When | None = None
    contained: When | None = None
    ended: When | None = None
    fix_available: When | None = None
    ransom_paid: When | None = None
    ordered: When | None = None
    hold_from: When | None = None
    hold_until: When | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        return clashes(self, (self._order(*order) for order in _ORDERS))

    def _order(self, first: str, then: str) -> Clash | None:
        earlier, later = getattr(self, first), getattr(self, then)
        if earlier is None or later is None or not earlier.surely_after(later):
            return None
        return Clash(
            then,
            f"{later} lies before {first} ({earlier})",
            f"a moment not before {first}",
            "impossible-order",
        )


class Cause(Table):
    """How it came about and who has the data now."""

    action: Action | None = None
    scenario: Scenario | None = None
    actor: Actor | None = None
    intent: Intent | None = None
    exfiltrated: StrictBool | None = None
    exfiltration_evidence: Exfiltration | None = None
    accessed: StrictBool | None = None
    published: StrictBool | None = None
    public_before: StrictBool | None = None
    repeated: StrictBool | None = None
    recipient: Recipient | None = None
    recipient_deleted: StrictBool | None = None
    fraud_seen: StrictBool | None = None
    safety_risk: StrictBool | None = None


def _encrypted(found: object) -> object:
    if found is True or found is False or found is None or found == "partly":
        return found
    raise refuse("wrong-kind", shown(found), 'true, false or "partly"')


class Data(Table):
    """What data it was and how it was protected."""

    types: DataTypes = ()
    not_involved: DataTypes = ()  # kinds that somebody made sure of: readers are told so
    records: HowMany | None = None
    encrypted: Annotated[bool | Literal["partly"] | None, BeforeValidator(_encrypted)] = None
    hashed: StrictBool | None = None
    key_taken: StrictBool | None = None
    identifiable: StrictBool | None = None
    remote_wiped: StrictBool | None = None
    backup: StrictBool | None = None
    restored_hours: Amount | None = None
    service_impact: ServiceImpact | None = None

    @model_validator(mode="after")
    def _involved_or_not(self) -> Self:
        both = [code for code in self.not_involved if code in self.types]
        found = f"{', '.join(both)}, and data.types says the opposite"
        denied = Clash("not_involved", found, "only what was not involved", "contradicted")
        return clashes(self, [denied if both else None])


class PeopleBlock(Table):
    """The people who live in one place. `where` is a country, or a part of one."""

    where: PlaceCode
    count: HowMany | None = None
    estimate: StrictBool | None = None
    categories: Mapping[Category, Number] = {}
    minors: Number | None = None
    under_14: Number | None = None
    vulnerable: Number | None = None
    sensitive: Number | None = None  # those whose sensitive data it was
    contactable: Number | None = None
    served: Number | None = None  # all whom we serve there, concerned or not
    grade: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _estimated(cls, found: object) -> object:
        if not isinstance(found, Mapping) or found.get("estimate") is not True:
            return found
        count = found.get("count")
        if isinstance(count, int) and not isinstance(count, bool):
            return {**found, "count": {"value": count, "basis": "estimate"}}
        if isinstance(count, Mapping) and "basis" not in count:
            return {**found, "count": {**count, "basis": "estimate"}}
        return found

    @model_validator(mode="after")
    def _sums(self) -> Self:
        most = self.count.most if self.count else None
        parts = [("minors", self.minors), ("under_14", self.under_14)]
        parts += [("vulnerable", self.vulnerable), ("contactable", self.contactable)]
        parts.append(("sensitive", self.sensitive))
        parts += [(f"categories.{name}", number) for name, number in self.categories.items()]
        found = [_beyond(key, number, "count", most) for key, number in parts]
        found.append(_beyond("under_14", self.under_14, "minors", self.minors))
        return clashes(self, found)


def _beyond(key: str, part: int | None, of: str, whole: int | None) -> Clash | None:
    if part is None or whole is None or part <= whole:
        return None
    return Clash(key, f"{part}, more than {of} ({whole})", f"at most {whole}", "impossible-sum")


class Finding(Table):
    """What a named person has decided. It wins over what the engine proposes."""

    risk: Risk | None = None
    significant_harm: StrictBool | None = None
    material: StrictBool | None = None
    major: StrictBool | None = None
    notice_cost: Mapping[Currency, Amount] = {}
    by: Line | None = None
    at: When | None = None
    why: Text | None = None


class Extension(Table):
    """A later day for one duty: by whom it was granted or taken, on which ground of the law."""

    until: When | None = None
    ground: Line | None = None
    by: Line | None = None
    at: When | None = None
    why: Text | None = None


class Contact(Table):
    """Somebody who answers for us."""

    name: Line | None = None
    role: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    address: Text | None = None
    language: LanguageTag | None = None
    registration: Line | None = None


class Contacts(Table):
    """Whom authorities and people may ask."""

    reporter: Contact | None = None
    dpo: Contact | None = None
    main: Contact | None = None
    second: Contact | None = None
    public: Contact | None = None


class Story(Table):
    """The incident in words, in one language."""

    summary: Text | None = None
    narrative: Text | None = None
    how_discovered: Text | None = None
    cause: Text | None = None
    consequences: Text | None = None
    measures: Text | None = None
    advice: Text | None = None
    remedies: Text | None = None
    public: Text | None = None


class Measure(Table):
    """Something done (`at`) or planned (`due`): in words by language, or by a code that our own
    words tell in every language where nobody wrote any."""

    kind: MeasureKind | None = None
    code: MeasureCode | None = None
    text: Mapping[LanguageTag, Text] = {}
    at: When | None = None
    due: When | None = None


class Consequences(Table):
    """What it may mean for the people, and how badly."""

    kinds: Annotated[tuple[ConsequenceKind, ...], AfterValidator(_distinct)] = ()
    severity: Degree | None = None
    likelihood: Degree | None = None


class Told(Table):
    """Somebody we told already, with the reference they gave."""

    who: Line | None = None
    where: PlaceCode | None = None
    at: When | None = None
    reference: Line | None = None


class Facts(Table):
    """All that is known of one incident at one moment."""

    format: StrictInt = Field(default=1, ge=1, le=1)
    title: Line | None = None
    role: OurRole | None = None
    kinds: Kinds = ()
    confirmed: StrictBool | None = None
    internal_only: StrictBool | None = None
    organisation: Organisation = Organisation()
    clocks: Clocks = Clocks()
    done: Mapping[DoneKey, When] = {}
    extended: Mapping[DoneKey, Extension] = {}
    cause: Cause = Cause()
    data: Data = Data()
    people: Annotated[tuple[PeopleBlock, ...], Field(max_length=MOST_PLACES)] = ()
    finding: Finding = Finding()
    contacts: Contacts = Contacts()
    story: Mapping[LanguageTag, Story] = {}
    measures: Annotated[tuple[Measure, ...], Field(max_length=MOST_PLACES)] = ()
    remedies: Annotated[tuple[RemedyCode, ...], AfterValidator(_distinct)] = ()
    consequences: Consequences = Consequences()
    told: Annotated[tuple[Told, ...], Field(max_length=MOST_PLACES)] = ()

    @model_validator(mode="after")
    def _one_block_a_place(self) -> Self:
        seen: dict[str, int] = {}
        return clashes(self, [_again(seen, i, block.where) for i, block in enumerate(self.people)])


def _again(seen: dict[str, int], index: int, where: str) -> Clash | None:
    first = seen.setdefault(where, index)
    if first == index:
        return None
    return Clash(
        f"people.{index}.where",
        f"{where} a second time (first in people[{first}])",
        "one block a place",
        "place-twice",
    )


def parse_facts(document: Mapping[str, object], *, place: str = "facts") -> Facts:
    """Facts from what a TOML or JSON document held.

    `place` names the file in faults; left out, a fault's place is the key's path alone.
    Raises BadFile with every fault: the path, what was found, what was expected.
    """
    try:
        return Facts.model_validate(document)
    except ValidationError as error:
        raise BadFile(faults_of(error, Facts, place=place)) from None
