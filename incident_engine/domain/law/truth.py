"""Three answers: it holds, it does not, it is not known. Each with its reasons and questions.

Kleene's logic: `and` is false as soon as one part is, `or` true as soon as one part is, whatever
is unknown beside it. So a question is asked only where its answer would change something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Truth:
    """`value` is True, False or None (not known). `because` and `asks` are in a stable order."""

    value: bool | None
    because: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    def __invert__(self) -> Truth:
        return replace(self, value=None if self.value is None else not self.value)


HOLDS = Truth(True)


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of first mention."""
    return tuple(dict.fromkeys(texts))


def _merge(value: bool | None, truths: Iterable[Truth]) -> Truth:
    kept = list(truths)
    because = distinct(text for truth in kept for text in truth.because)
    return Truth(value, because, distinct(ask for truth in kept for ask in truth.asks))


def all_of(truths: Iterable[Truth]) -> Truth:
    """Every one holds. Nothing at all holds."""
    found = list(truths)
    false = [truth for truth in found if truth.value is False]
    if false:
        return _merge(False, false)
    unknown = any(truth.value is None for truth in found)
    return _merge(None if unknown else True, found)


def any_of(truths: Iterable[Truth]) -> Truth:
    """At least one holds."""
    found = list(truths)
    true = [truth for truth in found if truth.value is True]
    if true:
        return _merge(True, true)
    unknown = any(truth.value is None for truth in found)
    return _merge(None if unknown else False, found)
