"""The form of a law file: what one law asks, of whom, by when, unless what, saying what.

`says` is always our paraphrase; `source` is a citation into [sources]. playbooks/README.md
explains every key to those who read and write the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, PrivateAttr

from incident_engine.domain.facts.data_types import BUILT_IN
from incident_engine.domain.law.conditions import ALWAYS, When
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.expectation import Expectation, read_expectation
from incident_engine.domain.law.statement import (
    Citation,
    Length,
    Link,
    Part,
    Place,
    Slug,
    Start,
    Statement,
    Words,
    Zone,
)
from incident_engine.domain.law.timing import Due as Due
from incident_engine.domain.law.timing import Meanwhile as Meanwhile
from incident_engine.domain.law.words import (
    Effect,
    Extender,
    FormKind,
    HowMany,
    IfUnknown,
    Must,
    Per,
    Reach,
    Reaches,
    Remedy,
    Standing,
)
from incident_engine.domain.words import Audience, ChannelName, Evidence, Phase


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
    url: Link


class Scope(Statement):
    """Whom and what the law protects."""

    territory: Annotated[tuple[Place, ...], Field(min_length=1)]
    reach: Reach = Reach.PEOPLE
    by_seat: bool = False
    when: When = ALWAYS


class Form(Part):
    """One form of substitute notice, and for how many days it must stay up."""

    kind: FormKind
    days: Annotated[int, Field(ge=1, le=3_660)] | None = None


def _form(found: object) -> object:
    return {"kind": found} if isinstance(found, str) else found


class Window(Part):
    """A time that ends a period after a clock, or never while that clock has not started."""

    within: Length
    after: Start


class Exempting(Statement):
    """A case in which the duty is not what it would be."""

    id: Slug
    when: When
    effect: Effect
    if_unknown: IfUnknown = IfUnknown.OPEN
    then: Words | None = None  # what is due once a hold has ended, in the law's words
    by: tuple[ChannelName, ...] = ()
    longest: Length | None = None  # a hold without an end is over after this
    until: Window | None = None  # it holds no longer once this time has passed
    alone: bool = False  # frees from this duty, and not from those that follow it
    over: tuple[Slug, ...] = ()  # exceptions of the same rank that this one goes before
    keep: Length | None = None  # how long the decision to rely on it is kept, in writing
    file: Words | None = None  # with whom that decision is filed, when
    forms: tuple[Annotated[Form, BeforeValidator(_form)], ...] = ()
    how_many: HowMany = HowMany.ALL
    reaches: Reaches = Reaches.EVERYONE


class Extending(Statement):
    """A ground on which a due date may be moved, by whom, and how far beyond it at most."""

    id: Slug
    by: Extender
    longest: Length | None = None  # beyond the law's own day; left out: the law says no number
    until: Window | None = None  # or no later than a time after a clock
    when: When = ALWAYS


class Benefit(Statement):
    """What people must be offered with the notice, for how many months."""

    id: Slug
    kind: Remedy
    months: Annotated[int, Field(ge=1, le=1_200)] | None = None
    when: When = ALWAYS


class Retention(Statement):
    """What must be kept, and for how long (no number: the law names none)."""

    id: Slug
    keep: Length | None = None
    when: When = ALWAYS


class Addressee(Part):
    """One of those a duty is owed to; `when`: only in some cases."""

    name: Words
    when: When = ALWAYS


def _addressee(found: object) -> object:
    return {"name": found} if isinstance(found, str) else found


class Filing(Part):
    """Where and in which form and language a report goes in."""

    url: Link | None = None
    form: Words | None = None
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = ()
    says: Words | None = None


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
    optional: Mapping[ContentItem, Citation] = {}
    conditional: tuple[Conditional, ...] = ()
    forbidden: Mapping[ContentItem, Citation] = {}
    title: Words | None = None
    headings: tuple[Words, ...] = ()
    type_size: Annotated[int, Field(ge=4, le=72)] | None = None  # points, no smaller
    evidence: Evidence = Evidence.UNVERIFIED


class Obligation(Statement):
    """One thing the law asks."""

    id: Slug
    title: Words
    audience: Audience
    phase: Phase = Phase.NOTIFY
    per: Per = Per.ONCE
    to: tuple[Annotated[Addressee, BeforeValidator(_addressee)], ...] = ()
    filing: Filing | None = None
    status: Standing | None = None  # where it differs from the whole file's
    when: When = ALWAYS
    follows: Slug | None = None  # owed only where that obligation of the same file is
    due: Annotated[tuple[Due, ...], Field(min_length=1)]
    exception: tuple[Exempting, ...] = ()
    extension: tuple[Extending, ...] = ()
    order: tuple[Order, ...] = ()
    benefit: tuple[Benefit, ...] = ()
    content: Content = Content()

    def statements(self) -> Iterator[Statement]:
        """Every statement in it, itself first."""
        yield self
        yield from self.exception
        yield from self.extension
        yield from self.order
        yield from self.benefit
        yield from (due.until_then for due in self.due if due.until_then)

    def starts(self) -> Iterator[str]:
        """Every clock it counts from."""
        for due in self.due:
            yield from (name for part in due.parts() for name in part.after)
            yield from due.until_then.after if due.until_then else ()
        yield from (each.until.after for each in self.exception if each.until)
        yield from (each.until.after for each in self.extension if each.until)


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
    """One law, as one file holds it, the pattern it names filled in. `sha256` covers all of it."""

    format: Annotated[int, Field(ge=1, le=1)]
    id: Slug
    title: Words
    version: Words
    place: Place
    zone: Zone
    status: Standing = Standing.IN_FORCE
    from_: Annotated[date, Field(alias="from")]
    base: Slug | None = None  # the pattern it was filled from
    review: Review
    sources: Annotated[Mapping[Slug, Source], Field(min_length=1)]
    elements: Mapping[Slug, tuple[str, ...]] = {}
    terms: Mapping[Slug, When] = {}
    scope: Scope
    obligation: Annotated[tuple[Obligation, ...], Field(min_length=1)]
    retention: tuple[Retention, ...] = ()
    example: tuple[Example, ...] = ()
    sha256: str = ""
    _text: str = PrivateAttr("")

    @property
    def text(self) -> str:
        """The text that `sha256` is of, as it was read; empty for one made in memory."""
        return self._text

    def with_text(self, text: str) -> Playbook:
        """This law, with the text it was read from."""
        self._text = text
        return self

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

    @cached_property
    def lists(self) -> Mapping[str, frozenset[str]]:
        """Every named list of data types, its own and those every file has."""
        found = dict(BUILT_IN)
        for name in self.elements:
            found[name] = self._spread(name, frozenset())
        return found

    def _spread(self, name: str, around: frozenset[str]) -> frozenset[str]:
        found: set[str] = set()
        for word in self.elements.get(name, ()):
            inner = word[1:]
            if not word.startswith("@"):
                found.add(word)
            elif inner in self.elements and inner not in around:
                found |= self._spread(inner, around | {name})
            else:
                found |= BUILT_IN.get(inner, frozenset())
        return frozenset(found)

    def unread(self) -> Iterator[str]:
        """What of it was written from memory: the ids, `duty/exception` for what is inside."""
        for duty in self.obligation:
            inside = [part for part in duty.statements() if part.evidence is Evidence.UNVERIFIED]
            yield from (
                duty.id if part is duty else f"{duty.id}/{getattr(part, 'id', 'order')}"
                for part in inside
            )
            if any(due.evidence is Evidence.UNVERIFIED for due in duty.due):
                yield f"{duty.id}/due"
            content = duty.content
            if content.required and content.evidence is Evidence.UNVERIFIED:
                yield f"{duty.id}/content"
        yield from (k.id for k in self.retention if k.evidence is Evidence.UNVERIFIED)
