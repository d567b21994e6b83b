"""The form of a law file: what one law asks, of whom, by when, unless what, saying what.

`says` is always our paraphrase; `source` is a citation into [sources]. playbooks/README.md
explains every key to those who read and write the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from incident_engine.domain.conditions import ALWAYS, Condition, When
from incident_engine.domain.content import ContentItem
from incident_engine.domain.counting import Period
from incident_engine.domain.data_types import DataType
from incident_engine.domain.expectation import Expectation, read_expectation
from incident_engine.domain.law_text import check_period, check_place, check_start, check_zone
from incident_engine.domain.words import Audience, Binding, ChannelName, Evidence, Phase

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
Citation = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*( .+)?$", max_length=200)]
Zone = Annotated[str, AfterValidator(check_zone)]
Place = Annotated[str, AfterValidator(check_place)]
Length = Annotated[Period, BeforeValidator(check_period)]
Start = Annotated[str, AfterValidator(check_start)]


def _listed(found: object) -> object:
    return (found,) if isinstance(found, str) else found


Starts = Annotated[tuple[Start, ...], BeforeValidator(_listed), Field(min_length=1)]


class Standing(StrEnum):
    """Whether the law binds."""

    IN_FORCE = "in-force"  # it binds from its date
    ENACTED = "enacted"  # passed, and begins later
    PROPOSAL = "proposal"  # not a law
    VOLUNTARY = "voluntary"  # an authority wishes it


class Effect(StrEnum):
    """What an exception that holds does to a duty."""

    NOT_REQUIRED = "not-required"  # frees us
    PROHIBIT = "prohibit"  # forbids telling
    POSTPONE = "postpone"  # permits waiting
    ANOTHER_WAY = "another-way"  # the duty stays, by other channels
    NOTE = "note"  # changes nothing by itself; a person should know


class IfUnknown(StrEnum):
    """What a duty is while it is not known whether its exception holds."""

    OPEN = "open"  # the duty is open and the facts are asked for
    ASK = "ask"  # the duty binds; the facts are asked for all the same
    BINDS = "binds"  # the duty binds; who relies on the exception has to show it


class Per(StrEnum):
    """Into how many duties one obligation falls."""

    ONCE = "once"  # one, for the whole territory
    PLACE = "place"  # one for each place where protected people live
    AUTHORITY = "authority"  # one for each authority: the lead, else each member state's


class Must(StrEnum):
    """How one duty stands in time to another."""

    AFTER = "after"  # later than the other
    NOT_BEFORE = "not-before"  # at the same time or later
    BEFORE = "before"  # earlier than the other
    NOT_AFTER = "not-after"  # at the same time or earlier


class Part(BaseModel):
    """One table of a law file: frozen, and no key beyond those named."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class Statement(Part):
    """Something the law says: our paraphrase, where to read it, how well it was read."""

    says: Words
    source: Citation
    evidence: Evidence


class Review(Part):
    """Who read the file against the law. An empty `read_by` is shown wherever it is used."""

    read_by: str = ""
    read_on: date
    read_next: date
    watch: tuple[Words, ...] = ()


class Source(Part):
    """Where the law can be read. `short` is what citations begin with."""

    short: Words
    title: Words
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]


class Scope(Statement):
    """Whom and what the law protects."""

    territory: Annotated[tuple[Place, ...], Field(min_length=1)]
    by_seat: bool = False
    when: When = ALWAYS


class Meanwhile(Statement):
    """An earlier aim while the clock proper has not started."""

    within: Length
    after: Starts


class Due(Part):
    """By when. Of several the one in force on the day the clock started is taken."""

    from_: Annotated[date, Field(alias="from")]
    within: Length | None = None
    words: Words | None = None
    after: Starts
    binding: Binding = Binding.STATUTE
    source: Citation | None = None
    evidence: Evidence | None = None
    until_then: Meanwhile | None = None

    @model_validator(mode="after")
    def _something_said(self) -> Self:
        if self.within is None and self.words is None:
            raise ValueError("a due date needs within (a number) or words (the law's own)")
        return self


class Exempting(Statement):
    """A case in which the duty is not what it would be."""

    id: Slug
    when: When
    effect: Effect
    if_unknown: IfUnknown = IfUnknown.OPEN
    then: Words | None = None  # what is due once a hold has ended, in the law's words
    by: tuple[ChannelName, ...] = ()


class Order(Statement):
    """This duty in time to another of the same file, or `playbook/obligation` of another."""

    must: Must
    than: Annotated[str, Field(max_length=120)]


class Conditional(Part):
    """What must be said only in some cases. `late` may be asked."""

    items: tuple[ContentItem, ...]
    when: When
    source: Citation


class Content(Part):
    """What a notice or report for this duty must, may have to, and must not say."""

    required: Mapping[ContentItem, Citation] = {}
    conditional: tuple[Conditional, ...] = ()
    forbidden: Mapping[ContentItem, Citation] = {}
    title: Words | None = None
    headings: tuple[Words, ...] = ()
    evidence: Evidence = Evidence.UNVERIFIED


class Obligation(Statement):
    """One thing the law asks."""

    id: Slug
    title: Words
    audience: Audience
    phase: Phase = Phase.NOTIFY
    per: Per = Per.ONCE
    to: tuple[Words, ...] = ()
    when: When = ALWAYS
    follows: Slug | None = None  # owed only where that obligation of the same file is
    due: Annotated[tuple[Due, ...], Field(min_length=1)]
    exception: tuple[Exempting, ...] = ()
    order: tuple[Order, ...] = ()
    content: Content = Content()

    def conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        yield self.when
        yield from (exempting.when for exempting in self.exception)
        yield from (conditional.when for conditional in self.content.conditional)

    def citations(self) -> Iterator[str]:
        """Every citation in it."""
        yield self.source
        for due in self.due:
            yield from (text for text in (due.source,) if text)
            yield from (due.until_then.source,) if due.until_then else ()
        yield from (part.source for part in (*self.exception, *self.order))
        yield from (*self.content.required.values(), *self.content.forbidden.values())
        yield from (conditional.source for conditional in self.content.conditional)


class Example(Part):
    """A small case with the answer expected of the file; `at` is the hour it is read."""

    name: Words
    at: AwareDatetime | None = None
    facts: Mapping[str, object]
    expect: Annotated[
        Mapping[str, Annotated[Expectation, BeforeValidator(read_expectation)]],
        Field(min_length=1),
    ]


class Playbook(Part):
    """One law, as one file holds it. `sha256` is that of the file's bytes."""

    format: Annotated[int, Field(ge=1, le=1)]
    id: Slug
    title: Words
    version: Words
    place: Place
    zone: Zone
    status: Standing = Standing.IN_FORCE
    from_: Annotated[date, Field(alias="from")]
    review: Review
    sources: Annotated[Mapping[Slug, Source], Field(min_length=1)]
    elements: Mapping[Slug, tuple[DataType, ...]] = {}
    scope: Scope
    obligation: Annotated[tuple[Obligation, ...], Field(min_length=1)]
    example: tuple[Example, ...] = ()
    sha256: str = ""

    def named(self, name: str) -> Obligation:
        """The obligation of that id. Raises KeyError."""
        found = next((duty for duty in self.obligation if duty.id == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def cite(self, citation: str) -> tuple[str, str]:
        """What a citation reads like, and its link: `GDPR Art 33(1)`, `https://…`."""
        key, _, locator = citation.partition(" ")
        source = self.sources[key]
        return f"{source.short} {locator}".rstrip(), source.url
