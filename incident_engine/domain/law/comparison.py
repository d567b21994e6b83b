"""Comparing a number that may be a range with what a law names: a number, a share, the smaller.

"more than 500"          "at least 250"          "fewer than 10"          "at most 0"
"more than 5 percent of people everywhere"
"more than the smaller of 5 percent of organisation.size and 1000000"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "more than": lambda found, limit: found > limit,
    "at least": lambda found, limit: found >= limit,
    "fewer than": lambda found, limit: found < limit,
    "at most": lambda found, limit: found <= limit,
}
_LIMIT = r"\d{1,15}|\d{1,3} percent of [a-z][a-z_. ]{1,60}?"
_TEXT = re.compile(
    rf"(?P<operator>{'|'.join(OPERATORS)}) "
    rf"(?:the (?P<which>smaller|larger) of (?P<first>{_LIMIT}) and (?P<second>{_LIMIT})"
    rf"|(?P<only>{_LIMIT}))",
    re.ASCII,
)
_SHARE = re.compile(r"(\d{1,3}) percent of (.+)", re.ASCII)


@dataclass(frozen=True)
class Range:
    """A number that lies from `least` to `most`; None: no bound. `asks` would sharpen it."""

    least: float
    most: float | None
    asks: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least:.15g} or more"
        if self.least == self.most:
            return f"{self.least:.15g}"
        return f"{self.least:.15g} to {self.most:.15g}"


@dataclass(frozen=True)
class Limit:
    """A number, or a percentage of another counted fact (`of`)."""

    number: int
    of: str = ""

    def range(self, look: Callable[[str], Range]) -> Range:
        """What the limit comes to; `look` counts the fact a share is of."""
        if not self.of:
            return Range(self.number, self.number)
        whole = look(self.of)
        most = None if whole.most is None else whole.most * self.number / 100
        return Range(whole.least * self.number / 100, most, whole.asks)

    def __str__(self) -> str:
        return f"{self.number} percent of {self.of}" if self.of else str(self.number)


@dataclass(frozen=True)
class Comparison:
    """`more than 500`: true or false only where the whole range of both sides agrees."""

    operator: str
    limits: tuple[Limit, ...]
    which: str = ""  # of two limits: the smaller, the larger

    def limit(self, look: Callable[[str], Range]) -> Range:
        """What is compared with. Of two the smaller or larger, as far as that can be said."""
        found = [limit.range(look) for limit in self.limits]
        if len(found) == 1:
            return found[0]
        asks = tuple(ask for each in found for ask in each.asks)
        pick = min if self.which == "smaller" else max
        mosts = [each.most for each in found]
        known = [most for most in mosts if most is not None]
        bounded = known if self.which == "smaller" else (known if len(known) == 2 else [])
        return Range(pick(each.least for each in found), pick(bounded) if bounded else None, asks)

    def holds(self, found: Range, limit: Range) -> bool | None:
        """Over everything the two may be; None where that decides it."""
        compare = OPERATORS[self.operator]
        rising = self.operator in ("more than", "at least")
        least = False if limit.most is None else compare(found.least, limit.most)
        most = True if found.most is None else compare(found.most, limit.least)
        if not rising:
            least = False if found.most is None else compare(found.most, limit.least)
            most = True if limit.most is None else compare(found.least, limit.most)
        return least if least == most else None


def read_comparison(text: str) -> Comparison | None:
    """A comparison from its words, or None where they are not one."""
    match = _TEXT.fullmatch(text)
    if not match:
        return None
    texts = [match["only"]] if match["only"] else [match["first"], match["second"]]
    return Comparison(match["operator"], tuple(map(_limit, texts)), match["which"] or "")


def _limit(text: str) -> Limit:
    share = _SHARE.fullmatch(text)
    return Limit(int(share[1]), share[2].strip()) if share else Limit(int(text))
