"""From which fact, law, setting or catalogue entry each sentence of a notice comes.

Nothing is kept beside the words for this: a sentence comes from a fact if it would not stand
there as it does were the fact not known. So the answer is right for whatever a template says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.cage import Cage
from incident_engine.notices.catalogue import Catalogue
from incident_engine.notices.compose import outline_of
from incident_engine.notices.outline import CLOSE, OPEN, Outline
from incident_engine.notices.readability import sentences_of
from incident_engine.notices.slots import Occasion

_SETTINGS = ("address", "website", "contact_name", "contact_email", "contact_phone", "organisation")


@dataclass(frozen=True)
class Traced:
    """One sentence of a notice, with `{slots}` that wait for a reader, and what it comes from."""

    sentence: str
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One notice to be traced: its facts and occasion, the keys of the facts known, the same facts
    without some of them (None where the others cannot stand), and the laws that want each thing
    said."""

    facts: Facts
    occasion: Occasion
    catalogue: Catalogue
    known: Sequence[str]
    without: Callable[[Collection[str]], Facts | None]
    laws: Mapping[ContentItem, Sequence[str]]


def trace(told: Told, cage: Cage) -> list[Traced]:
    """Each sentence in the order of the notice. What no fact, law or setting changes comes from
    the catalogue's entry, else from the template."""
    whole = outline_of(told.facts, told.occasion, told.catalogue, cage)
    headings = {whole.title, *(section.heading for section in whole.sections)}
    found: dict[str, list[str]] = {sentence: [] for sentence in sentences_in(whole)}
    for source, outline in _variations(told, cage):
        standing = set(sentences_in(outline))
        for sentence in found:
            if sentence not in standing:
                found[sentence].append(source)
    # A heading goes when everything below it does: that says nothing of its words.
    said = {sentence: found[sentence] for sentence in found if sentence not in headings}
    _trace_together(told, cage, said)
    entries = _entries(told.catalogue)
    standing_words = f"words: {told.catalogue.language}/notice.txt"
    return [
        Traced(
            sentence,
            (*found[sentence], *([entries[sentence]] if sentence in entries else []))
            or (standing_words,),
        )
        for sentence in found
    ]


def lost(before: Outline, after: Outline) -> list[str]:
    """The sentences that no longer stand there as they did."""
    standing = set(sentences_in(after))
    return [sentence for sentence in sentences_in(before) if sentence not in standing]


def sentences_in(outline: Outline) -> list[str]:
    """Title, headings, and every sentence below them, each once, from top to bottom."""
    lines = [outline.title, *outline.opening]
    for section in outline.sections:
        lines += [section.heading, *section.paragraphs]
        lines += [part for item in section.items for part in (item.text, item.note) if part]
    shown = (line.replace(OPEN, "{").replace(CLOSE, "}") for line in lines)
    return list(dict.fromkeys(sentences_of(shown)))


def _variations(told: Told, cage: Cage) -> Iterator[tuple[str, Outline]]:
    """The notice without each thing that could have a part in it."""
    catalogue = told.catalogue
    for key in told.known:
        if facts := told.without({key}):
            yield f"fact: {key}", outline_of(facts, told.occasion, catalogue, cage)
    for source, occasion in _other_occasions(told):
        yield source, outline_of(told.facts, occasion, catalogue, cage)


def _trace_together(told: Told, cage: Cage, found: dict[str, list[str]]) -> None:
    """Where two sources would each carry a sentence alone, taking either away changes nothing:
    the day we learned of it, told as discovered and as known. So all are taken away, and put back
    one by one as long as the sentence does not come back."""
    apart = _Apart(told, cage)
    for sentence, sources in found.items():
        if not sources and not apart.stands(sentence, apart.everything):
            away = apart.everything
            for source in sorted(apart.everything):
                if not apart.stands(sentence, away - {source}):
                    away -= {source}
            sources.extend(sorted(away))


class _Apart:
    """The notice without several facts and settings at once."""

    def __init__(self, told: Told, cage: Cage) -> None:
        self._told, self._cage = told, cage
        self._keys = {f"fact: {key}": key for key in told.known}
        self._settings = dict(_settings_named(told.occasion))
        self._said: dict[frozenset[str], set[str]] = {}
        self.everything = frozenset(self._settings)
        for source in self._keys:  # a fact that the others cannot stand without stays
            if self._less(self.everything | {source}) is not None:
                self.everything |= {source}

    def stands(self, sentence: str, away: frozenset[str]) -> bool:
        if away not in self._said:
            self._said[away] = self._sentences(away)
        return sentence in self._said[away]

    def _sentences(self, away: frozenset[str]) -> set[str]:
        blank = {self._settings[source]: "" for source in away if source in self._settings}
        occasion = replace(self._told.occasion, sender=replace(self._told.occasion.sender, **blank))
        facts = self._less(away)
        if facts is None:
            return set()
        return set(sentences_in(outline_of(facts, occasion, self._told.catalogue, self._cage)))

    def _less(self, away: frozenset[str]) -> Facts | None:
        return self._told.without({self._keys[each] for each in away if each in self._keys})


def _other_occasions(told: Told) -> Iterator[tuple[str, Occasion]]:
    occasion = told.occasion
    yield from _settings(occasion)
    yield from _laws(told)
    for code in occasion.data_types if len(occasion.data_types) > 1 else ():
        own = tuple(each for each in occasion.data_types if each != code)
        yield f"people file: {code}", replace(occasion, data_types=own)
    if occasion.changes:
        yield "facts changed since the last notice", replace(occasion, changes=())
    if occasion.delay:
        yield "reason given for the delay", replace(occasion, delay="")


def _settings(occasion: Occasion) -> Iterator[tuple[str, Occasion]]:
    for source, name in _settings_named(occasion):
        yield source, replace(occasion, sender=replace(occasion.sender, **{name: ""}))
    if occasion.check:
        yield "setting: notices.check_url", replace(occasion, check="")


def _laws(told: Told) -> Iterator[tuple[str, Occasion]]:
    occasion = told.occasion
    for item in sorted(occasion.content):
        laws = ", ".join(told.laws.get(item, ()))
        source = f"law: {laws} wants {item}" if laws else f"always said: {item}"
        yield source, replace(occasion, content=occasion.content - {item})
    for item in sorted(occasion.forbidden):
        laws = ", ".join(told.laws.get(item, ()))
        yield f"law: {laws} forbids {item}", replace(occasion, forbidden=frozenset())


def _entries(catalogue: Catalogue) -> dict[str, str]:
    """Each sentence of the catalogue's entries, with the entry."""
    found: dict[str, str] = {}
    for file, table in (("data-types", catalogue.types), ("steps", catalogue.steps)):
        for code, entry in table.items():
            for sentence in sentences_of(str(text) for text in entry.values()):
                found.setdefault(sentence, f"catalogue: {catalogue.language}/{file}.toml [{code}]")
    return found


def _settings_named(occasion: Occasion) -> Iterator[tuple[str, str]]:
    """The settings that the sender has, each with its place in the sender."""
    for name in _SETTINGS:
        if getattr(occasion.sender, name):
            yield f"setting: organisation.{'name' if name == 'organisation' else name}", name
