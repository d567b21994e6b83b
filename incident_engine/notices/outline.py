"""What one notice says, in the order it says it: a title, an opening, headed sections.

A notice is written as lines of text, and every medium is made from the outline they give:

    = the title            # a heading            ## a heading below it
    - an item of a list    ~ a note under the item above
    any other line is a paragraph; an empty line says nothing

A value can never begin such a line: `as_value` marks it, and the mark is dropped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from incident_engine.domain.errors import BadInput

# Noncharacters: Unicode 23.7 keeps them for use inside a program; no text that comes in has them.
OPEN, CLOSE = "\ufdd0", "\ufdd1"  # around a personal slot
_VALUE, _BREAK = "\ufdd2", "\ufdd3"  # before a value; a line break inside one
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")  # French keeps its colon by a space that does not break
_MARKS = {"= ": "title", "# ": "heading", "## ": "subheading", "- ": "item", "~ ": "note"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a list, and what stands under it."""

    text: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading (level 2, or 3 below one of level 2), its paragraphs, then its list."""

    level: int
    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A whole notice. The opening is what stands before the first heading."""

    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass
class _Draft:
    level: int
    heading: str
    paragraphs: list[str] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)

    def section(self) -> Section:
        return Section(
            level=self.level,
            heading=self.heading,
            paragraphs=tuple(self.paragraphs),
            items=tuple(Item(text=text, note=note) for text, note in self.items),
        )


def as_value(value: Any) -> Any:
    """A slot's value, marked so that it never reads as a heading or an item."""
    if not isinstance(value, str) or not value:
        return value
    return _VALUE + value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", _BREAK)


def read_outline(text: str, *, name: str, whole: bool = False) -> Outline:
    """The outline of a rendered notice. A heading with nothing under it is left out; `whole` keeps
    those of level 2, for a law that fixes them. Raises BadInput naming the line that does not fit.
    """
    title, drafts = "", [_Draft(1, "")]
    for number, (kind, said) in enumerate(_lines(text), start=1):
        match kind:
            case "":
                continue
            case "title":
                title = said
            case "heading" | "subheading":
                drafts.append(_Draft(2 if kind == "heading" else 3, said))
            case _:
                _add(drafts[-1], kind, said, f"{name}, line {number} of the text")
    if not title:
        raise _misfit(name, "has no title", 'one line that begins with "= "')
    opening, *rest = drafts
    return Outline(
        title=title,
        opening=tuple(opening.paragraphs),
        sections=tuple(each.section() for each in _headed(rest, whole)),
    )


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        mark = next((mark for mark in _MARKS if line.startswith(mark)), "")
        said = line.removeprefix(mark)
        parts = [_SPACES.sub(" ", part).strip() for part in said.replace(_VALUE, "").split(_BREAK)]
        for part in parts:
            yield (_MARKS.get(mark, "paragraph") if part else ""), part


def _add(draft: _Draft, kind: str, said: str, place: str) -> None:
    if kind == "item":
        draft.items.append((said, ""))
    elif kind == "note" and draft.items:
        text, note = draft.items[-1]
        draft.items[-1] = (text, f"{note} {said}".strip())
    elif kind == "paragraph" and not draft.items:
        draft.paragraphs.append(said)
    else:
        raise _misfit(place, f"a {kind} that nothing carries",
                      "paragraphs before the list, a note under an item")  # fmt: skip


def _headed(drafts: list[_Draft], whole: bool) -> Iterator[_Draft]:
    """Those with something in them or, at level 2, in one below them."""
    for index, draft in enumerate(drafts):
        kept = whole and draft.level == 2
        if kept or _says(draft) or any(map(_says, _below(draft, drafts[index + 1 :]))):
            yield draft


def _below(draft: _Draft, after: list[_Draft]) -> Iterator[_Draft]:
    return takewhile(lambda each: each.level > draft.level, after)


def _says(draft: _Draft) -> bool:
    return bool(draft.paragraphs or draft.items)


def _misfit(place: str, found: str, expected: str) -> BadInput:
    return BadInput("bad-template", place, found, expected=expected,
                    next_step="Correct the notice.txt it comes from.")  # fmt: skip
