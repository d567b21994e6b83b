"""How many people and records are concerned, who they are and where they live."""

from __future__ import annotations

from collections.abc import Iterable

from incident_engine.domain.facts.document import Count
from incident_engine.domain.facts.words import Basis
from incident_engine.notices.reports.form_sources import Answer, Asked, Source, line

LARGE_BREACH = 500  # people: 45 CFR 164.408(b) and (c)


def _count(count: Count, asked: Asked) -> Answer | None:
    if count.best is None:
        return None
    shown = asked.words.count(count)
    value = count.model_dump(mode="json", exclude_none=True)
    return Answer(lines=(shown,), value=value, estimated=count.basis is not Basis.EXACT)


def records(asked: Asked) -> Answer | None:
    """The number of records; never taken from the number of people."""
    records = asked.facts.data.records
    return _count(records, asked) if records else None


def people_count(asked: Asked) -> Answer | None:
    """The sum over all places; a range as soon as one place has one, none if one is not known."""
    counts = [block.count for block in asked.facts.people]
    if not counts or any(count is None or count.best is None for count in counts):
        return None
    known = [count for count in counts if count is not None]
    exact = all(count.basis is Basis.EXACT for count in known)
    total = Count(
        min=sum(count.least or 0 for count in known),
        value=sum(count.best or 0 for count in known),
        max=sum(count.most or count.best or 0 for count in known),
        basis=Basis.EXACT if exact else Basis.ESTIMATE,
    )
    return _count(total, asked)


def people_where(asked: Asked) -> Answer | None:
    """The people by place, a line each."""
    blocks = asked.facts.people
    if not blocks:
        return None
    words = asked.words
    lines = [words.pair(words.place(each.where), words.count(each.count)) for each in blocks]
    value = {each.where: each.count.best if each.count else None for each in blocks}
    return Answer(lines=tuple(lines), value=value)


def people_categories(asked: Asked) -> Answer | None:
    """The people by category, summed over all places."""
    sums: dict[str, int] = {}
    for block in asked.facts.people:
        for category, number in block.categories.items():
            sums[category] = sums.get(category, 0) + number
    words = asked.words
    lines = tuple(words.pair(words.of("category", key), words.number(n)) for key, n in sums.items())
    return Answer(lines=lines, value=dict(sums)) if sums else None


def minors(asked: Asked) -> Answer | None:
    """Those under 18 over all places, and of them those under 14, where every place says so."""
    total = _over_all(block.minors for block in asked.facts.people)
    if total is None:
        return None
    young = _over_all(block.under_14 for block in asked.facts.people)
    words, shown = asked.words, asked.words.number(total)
    if young is None:
        return Answer(lines=(shown,), value=total)
    under = words.pair(words.label("under_14"), words.number(young))
    return Answer(lines=(shown, under), value={"value": total, "under_14": young})


def _over_all(numbers: Iterable[int | None]) -> int | None:
    """The sum; not known as soon as one place does not say."""
    found = list(numbers)
    known = [number for number in found if number is not None]
    return sum(known) if found and len(known) == len(found) else None


def people_grade(asked: Asked) -> Answer | None:
    """The authority's own grade, where one was decided."""
    return line(next((each.grade for each in asked.facts.people if each.grade), None))


def people_limit(which: str) -> Source:
    """The lowest or highest number of people, over all places."""

    def source(asked: Asked) -> Answer | None:
        counts = [block.count for block in asked.facts.people]
        total = _over_all(getattr(count, which) if count else None for count in counts)
        if total is None:
            return None
        return Answer(lines=(asked.words.number(total),), value=total)

    return source


def people_band(asked: Asked) -> Answer | None:
    """500 or more people, or fewer (45 CFR 164.408)."""
    found = people_count(asked)
    if found is None:
        return None
    large = (found.value.get("value") or 0) >= LARGE_BREACH
    value = "500-or-more" if large else "fewer-than-500"
    return Answer(lines=(asked.words.of("band", value),), value=value, estimated=found.estimated)
