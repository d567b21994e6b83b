"""What a notice does not say yet: found before anybody approves it, never at sending.

Each thing a notice can be required to say stands in one or more slots of its template, and each
slot is filled from a fact or a setting; so what is missing is named together with what supplies
it. A template of the organisation's own that leaves a required slot out is found the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incident_engine.domain.errors import Fault
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.catalogue import Catalogue
from incident_engine.notices.parts import PARTS, Part
from incident_engine.notices.phrase import phrase
from incident_engine.notices.render import slots_used
from incident_engine.notices.slots import SLOTS, Occasion, Slots, slots_of

# True of every shipped notice by its own words: no fact can be missing for them.
BY_TEMPLATE = frozenset({ContentItem.COMPLAINT_RIGHT, ContentItem.STATUTORY_TITLE})


FILLABLE = frozenset(PARTS) | BY_TEMPLATE
"""What a notice can say at all: a law that wants more said to people has no template."""


def missing(facts: Facts, occasion: Occasion, catalogue: Catalogue) -> list[Fault]:
    """A fault for each required thing (`occasion.content`) that this notice would not say.

    In the order of `ContentItem`; the next step is the command that supplies it.
    """
    slots = slots_of(facts, occasion, catalogue)
    used = slots_used(catalogue.notice, name=f"{catalogue.language}/notice.txt", slots=SLOTS)
    return [
        fault
        for item in ContentItem
        if item in occasion.content - occasion.forbidden and item not in BY_TEMPLATE
        for fault in _faults(item, slots, used, facts, catalogue)
    ] + [*_unmet_headings(occasion, catalogue), *_contradicted(facts, occasion, catalogue)]


def _contradicted(facts: Facts, occasion: Occasion, catalogue: Catalogue) -> Iterator[Fault]:
    """What the people file says of a reader's own data, and the facts deny for everybody."""
    denied = {str(code) for code in facts.data.not_involved}
    for code in sorted(denied & set(occasion.data_types)):
        yield Fault(
            place=f"notice in {catalogue.language}, data.not_involved",
            code="contradicted",
            found=f"names {code}, which the people file gives for readers of this notice",
            expected="only what was involved for nobody",
            next_step="Correct the fact, or the people file, and check again.",
        )


def _unmet_headings(occasion: Occasion, catalogue: Catalogue) -> Iterator[Fault]:
    """Titles and headings that a law fixes word for word. They are English; a notice in another
    language translates them."""
    if catalogue.language.partition("-")[0] != "en":
        return
    ours = {
        line.lstrip("=# ").strip()
        for line in catalogue.notice.splitlines()
        if line.startswith(("= ", "# ", "## "))
    }
    for heading in occasion.headings:
        if heading not in ours:
            yield Fault(
                place=f"{catalogue.language}/notice.txt",
                code="no-heading",
                found=f"has no heading {heading!r}",
                expected="the title and headings that the law fixes",
                next_step="Add it to the template, word for word.",
            )


def _faults(
    item: ContentItem, slots: Slots, used: frozenset[str], facts: Facts, catalogue: Catalogue
) -> Iterator[Fault]:
    language, part = catalogue.language, PARTS.get(item)
    place = f"notice in {language}, {item}"
    if part is None or not used.intersection(part.slots):
        yield Fault(
            place=place,
            code="no-slot",
            found="the law asks for it, and the template has no place that says it",
            expected=f"one of the slots {', '.join(part.slots)}" if part else "a slot for it",
            next_step=f"Add it to {language}/notice.txt.",
        )
    elif item is ContentItem.PARENT_COMPANY and facts.organisation.parent:
        return  # named, or said to be none
    elif not _says(item, part, slots, catalogue.words):
        key = phrase(part.key, language=language, place=_uncounted(facts))
        yield Fault(
            place=place,
            code="missing-part",
            found=f"it does not say {part.says}",
            expected=key or part.says,
            next_step=_next_step(key, part, slots["reference"], language),
        )


def _says(item: ContentItem, part: Part, slots: Slots, words: Mapping[str, Any]) -> bool:
    said = [slots[name] for name in part.slots if _is_said(slots[name])]
    if part.slots == ("law",):
        return item in words["law"]
    if item is ContentItem.TOLL_FREE_NUMBER:
        return bool(slots["contact"]["phone"])
    if item is ContentItem.IDENTITY_SERVICE:
        text = " ".join(_lines(said)).casefold()
        return any(str(proof).casefold() in text for proof in words["proof"]["identity_service"])
    return bool(said)


def _is_said(value: Any) -> bool:
    """Whether there is a word in it: the "…" of an example, pasted as it was, says nothing."""
    if isinstance(value, Mapping):
        return _is_said([value[way] for way in ("phone", "email", "address")])
    if isinstance(value, list):
        return any(_is_said(each) if not isinstance(each, Mapping) else True for each in value)
    return any(letter.isalnum() for letter in str(value))


def _lines(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from value if isinstance(value, list) else [str(value)]


def _uncounted(facts: Facts) -> str:
    open_places = [block.where for block in facts.people if not block.count or not block.count.best]
    return next(iter(open_places), facts.organisation.country or "DE")


def _next_step(key: str, part: Part, reference: str, language: str) -> str:
    if part is PARTS[ContentItem.DELAY_REASONS]:
        return f'Run `incident-engine notice prepare {reference} --late-because {language}="…"`.'
    if not key:
        return f"Add it to {language}/words.toml."
    if part is PARTS[ContentItem.SENDER_IDENTITY]:
        return f'Run `incident-engine config set {key} "…"`.'
    return f'Run `incident-engine incident fact {reference} {key}="{part.example}"`.'
