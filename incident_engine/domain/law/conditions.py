"""What a law makes a duty depend on, as a table a lawyer can read.

    when = { role = ["controller", "joint-controller"], people = "more than 500" }

Every line of a table must hold; a list means any of. `any = [ … ]` and `all = [ … ]` hold tables,
`not = { … }` turns one round. `perhaps = { … }` is for words whose meaning is open: where the
table holds, the answer is not known and its facts are asked for.

A value is a truth, a word or list of words of the fact's own closed list (`@name` stands for a
list under [elements]), `"recorded"` or `"not recorded"`, or for numbers a comparison.
`term = "…"` stands for what the file says under [terms].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from incident_engine.domain.facts.count import Count
from incident_engine.domain.facts.faults import refuse
from incident_engine.domain.law.case import CATEGORIES, COUNTED, Case, Readable
from incident_engine.domain.law.comparison import Comparison, Range, read_comparison
from incident_engine.domain.law.questions import Sort, nearest_key, sort_of
from incident_engine.domain.law.truth import Truth, all_of, any_of

_RECORDED = {"recorded": True, "not recorded": False}
_PARTS = "|".join((*COUNTED, *CATEGORIES))
_PEOPLE = re.compile(rf"people(\.({_PARTS}))?( (here|everywhere))?", re.ASCII)
_DEEPEST = 12


@dataclass(frozen=True)
class Leaf:
    """One line: a key and what it must be. Exactly one of the three is set."""

    key: str
    words: tuple[str, ...] = ()
    compares: Comparison | None = None
    recorded: bool | None = None

    def read(self, case: Case) -> Truth:
        """Whether the line holds in this case."""
        if self.compares:
            return self._count(case, self.compares)
        if self.recorded is not None:
            known = self._is_known(case)
            said = "recorded" if known else "not recorded"
            return Truth(known == self.recorded, (f"{self.key}: {said}",))
        return _SPECIAL.get(self.key, Leaf._fact)(self, case)

    def _is_known(self, case: Case) -> bool:
        if self.key == "grade":
            return bool(case.grades())
        if self.key.startswith("done "):
            return self.key.removeprefix("done ") in case.facts.done
        return case.fact(self.key) is not None

    def _count(self, case: Case, compares: Comparison) -> Truth:
        found = counted(case, self.key)
        if found is None:
            return Truth(None, (), (self.key,))
        limit = compares.limit(lambda key: counted(case, key) or Range(0, None, (key,)))
        holds = compares.holds(found, limit)
        because = (f"{_counting(case, self.key)}: {found}",)
        return Truth(holds, because, (*found.asks, *limit.asks) if holds is None else ())

    def _fact(self, case: Case) -> Truth:
        value = case.fact(self.key)
        if value is None:
            return Truth(None, (), (self.key,))
        found = sorted(_said(v) for v in value) if isinstance(value, tuple) else [_said(value)]
        wanted = _expanded(self.words, case)
        hit = [word for word in found if word in wanted]
        if wanted and not hit and "unspecified" in found:
            return Truth(None, (f"{self.key}: unspecified",), (self.key,))
        return Truth(bool(hit), (f"{self.key}: {', '.join(hit or found)}",))

    def _risk(self, case: Case) -> Truth:
        """Not known only where what is not known could change this answer."""
        said = case.risk.level.value if case.risk.level else "not known"
        answers = {level.value in self.words for level in case.risk.possible}
        if len(answers) > 1:
            because = (f"risk: {said}, and may be higher",) if case.risk.level else ()
            return Truth(None, because, tuple(case.risk.asks) or ("finding.risk",))
        may_be = " or ".join(level.value for level in case.risk.possible)
        return Truth(answers.pop(), (f"risk: {said if case.risk.level else may_be}",))

    def _shown_risk(self, case: Case) -> Truth:
        level = case.risk.level
        said = level.value if level else "not known"
        return Truth(level is not None and level.value in self.words, (f"risk: {said}",))

    def _decided_risk(self, case: Case) -> Truth:
        if not case.risk.decided:
            return Truth(False, ("risk: nobody has decided it",))
        truth = self._risk(case)
        return Truth(truth.value, (*truth.because, f"decided by {case.facts.finding.by}"))

    def _establishment(self, case: Case) -> Truth:
        ours = case.establishments()
        if not ours:
            return Truth(None, (), ("organisation.establishments",))
        hit = [place for place in ours if place in self.words]
        return Truth(bool(hit), (f"established in {', '.join(hit or ours)}",))

    def _hold(self, case: Case) -> Truth:
        held = case.hold()
        if held is None:
            return Truth(None, (), ("clocks.hold_from",))
        said = "law enforcement asks us to wait" if held else "no hold by law enforcement is on"
        return Truth((str(held).lower() in self.words), (said,))

    def _late(self, case: Case) -> Truth:
        late = case.due is not None and case.due < case.now
        return Truth(str(late).lower() in self.words, ("late" if late else "not late",))

    def _grade(self, case: Case) -> Truth:
        found = case.grades()
        hit = [grade for grade in found if grade in self.words]
        return Truth(bool(hit), (f"grade: {', '.join(hit or found) or 'none given'}",))


_SPECIAL: dict[str, Callable[[Leaf, Case], Truth]] = {
    "risk": Leaf._risk,
    "shown risk": Leaf._shown_risk,
    "decided risk": Leaf._decided_risk,
    "establishment": Leaf._establishment,
    "hold": Leaf._hold,
    "late": Leaf._late,
    "grade": Leaf._grade,
}


def counted(case: Case, key: str) -> Range | None:
    """The number a key stands for, as a range; None where nothing of it is known."""
    match = _PEOPLE.fullmatch(key)
    if match:
        found = case.tally(match[2] or "count", match[4] or "")
        return Range(found.least, found.most, found.asks)
    value = case.fact(key)
    if isinstance(value, Count):
        return Range(value.least or 0, value.most, () if value.least == value.most else (key,))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Range(value, value)
    return None


def _counting(case: Case, key: str) -> str:
    match = _PEOPLE.fullmatch(key)
    if not match:
        return key
    part = match[2] or "count"
    return f"{'people' if part == 'count' else f'people.{part}'}{_where(case, match[4] or '')}"


@dataclass(frozen=True)
class All:
    """Every one of its parts."""

    parts: tuple[Condition, ...]

    def read(self, case: Case) -> Truth:
        """Whether all hold."""
        return all_of(part.read(case) for part in self.parts)


@dataclass(frozen=True)
class Some:
    """At least one of its parts."""

    parts: tuple[Condition, ...]

    def read(self, case: Case) -> Truth:
        """Whether one holds."""
        return any_of(part.read(case) for part in self.parts)


@dataclass(frozen=True)
class Not:
    """The other way round."""

    part: Condition

    def read(self, case: Case) -> Truth:
        """Whether it does not hold."""
        return ~self.part.read(case)


@dataclass(frozen=True)
class Term:
    """One of the file's own terms, or any of several."""

    names: tuple[str, ...]

    def read(self, case: Case) -> Truth:
        """Whether one of them holds."""
        return any_of(case.terms[name].read(case) for name in self.names)


@dataclass(frozen=True)
class Perhaps:
    """Where it holds, the law's own words leave it open: not known, and its facts are asked."""

    part: Condition

    def read(self, case: Case) -> Truth:
        """Never true: false, or not known."""
        truth = self.part.read(case)
        if truth.value is False:
            return truth
        asked = tuple(sorted({leaf.key for leaf in leaves(self.part, case.terms)}))
        return Truth(None, truth.because, truth.asks or asked)


Condition = Leaf | All | Some | Not | Perhaps | Term
ALWAYS = All(())


def leaves(condition: Readable, terms: Mapping[str, Readable]) -> Iterator[Leaf]:
    """Every line of it, to the bottom, those of the terms it names with them."""
    if isinstance(condition, Leaf):
        yield condition
    elif isinstance(condition, Term):
        for name in condition.names:
            if name in terms:
                yield from leaves(terms[name], terms)
    elif isinstance(condition, (Not, Perhaps)):
        yield from leaves(condition.part, terms)
    elif isinstance(condition, (All, Some)):
        for part in condition.parts:
            yield from leaves(part, terms)


def terms_in(condition: Condition) -> Iterator[str]:
    """Every term it names itself."""
    if isinstance(condition, Term):
        yield from condition.names
    elif isinstance(condition, (Not, Perhaps)):
        yield from terms_in(condition.part)
    elif isinstance(condition, (All, Some)):
        for part in condition.parts:
            yield from terms_in(part)


def read_condition(found: object, depth: int = 0) -> Condition:
    """A condition from a table of a playbook.

    Raises PydanticCustomError: an unknown key or word with the nearest that exists.
    """
    if isinstance(found, (Leaf, All, Some, Not, Perhaps, Term)):
        return found
    if not isinstance(found, Mapping) or depth > _DEEPEST:
        raise refuse("wrong-kind", found, "a table of facts and what they must be")
    parts = tuple(_line(str(key), value, depth) for key, value in found.items())
    return parts[0] if len(parts) == 1 else All(parts)


When = Annotated[Condition, BeforeValidator(read_condition)]


def _line(key: str, value: object, depth: int) -> Condition:
    if key in ("any", "all"):
        if not isinstance(value, list) or not value:
            raise refuse("wrong-kind", value, f"a list of tables after {key}")
        parts = tuple(read_condition(table, depth + 1) for table in value)
        return Some(parts) if key == "any" else All(parts)
    if key in ("not", "perhaps"):
        inner = read_condition(value, depth + 1)
        return Not(inner) if key == "not" else Perhaps(inner)
    if key == "term":
        return Term(_names(value))
    return _leaf(key, value)


def _names(value: object) -> tuple[str, ...]:
    names = tuple(str(name) for name in (value if isinstance(value, list) else [value]))
    if not names:
        raise refuse("wrong-kind", "an empty list", "at least one term of [terms]")
    return names


def _leaf(key: str, value: object) -> Leaf:
    sort = sort_of(key)
    if sort is None:
        raise refuse("unknown-fact", key, "a fact's key", nearest=nearest_key(key))
    recordable = "." in key or key == "grade" or key.startswith("done ")
    if isinstance(value, str) and value in _RECORDED and recordable:
        return Leaf(key, recorded=_RECORDED[value])
    if sort.counted:
        return Leaf(key, compares=_comparison(key, value))
    return Leaf(key, words=_words(key, value, sort))


def _comparison(key: str, value: object) -> Comparison:
    found = read_comparison(value) if isinstance(value, str) else None
    if not found:
        raise refuse("wrong-kind", value, f'a comparison for {key}: "more than 500", "at least 1"')
    for limit in found.limits:
        sort = sort_of(limit.of) if limit.of else None
        if limit.of and not (sort and sort.counted):
            raise refuse("unknown-fact", limit.of, "a number", nearest=nearest_key(limit.of))
    return found


def _words(key: str, value: object, sort: Sort) -> tuple[str, ...]:
    words = tuple(_said(word) for word in (value if isinstance(value, list) else [value]))
    for word in words:
        if sort.words and not word.startswith("@") and word not in sort.words:
            raise refuse(
                "unknown-word", word, f"a word of {key}", nearest=sort.nearest(word) or None
            )
    if not words:
        raise refuse("wrong-kind", "an empty list", f"at least one word of {key}")
    return words


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(getattr(value, "value", value))


def _where(case: Case, over: str) -> str:
    if over == "here":
        return f" in {case.here}"
    return " in all" if over == "everywhere" or case.seated else f" in {case.name}"


def _expanded(words: tuple[str, ...], case: Case) -> frozenset[str]:
    plain = {word for word in words if not word.startswith("@")}
    named = (case.elements[word[1:]] for word in words if word.startswith("@"))
    return frozenset(plain).union(*named)
