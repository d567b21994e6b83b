"""An incident as another program wrote it, turned into a facts document: what came of it.

Nothing is invented: what has no honest counterpart among the facts is left, and said to be left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_TEXT = 16_000  # characters; a facts file takes 64 KiB of UTF-8
_SHOWN = 60  # characters of a value that is not free text

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Left:
    """One value that no fact says: where it stands, what it is, and why it was left."""

    path: str
    found: str
    why: str


@dataclass(frozen=True)
class Translated:
    """A facts document (`parse_facts` takes it), whose form it had, and what a person should see.

    `taken` are sentences on what was read as something slightly else, or worked out.
    """

    document: dict[str, object]
    form: str
    taken: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()

    def as_json(self) -> dict[str, object]:
        """format, taken, left (path, found, why)."""
        return {
            "format": self.form, "taken": list(self.taken),
            "left": [vars(each) for each in self.left],
        }  # fmt: skip


def leaves(found: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every single value of a document, with the keys and places that lead to it."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from leaves(value, (*path, str(key)))
    elif isinstance(found, list):
        for index, value in enumerate(found):
            yield from leaves(value, (*path, index))
    elif found is not None and found is not False and found != "":
        yield path, found


def path_text(path: Path) -> str:
    """A path as people write it: `action.hacking.variety[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shortly(value: object) -> str:
    """A value fit for a list. Free text may hold personal data: of that only the length."""
    if isinstance(value, str) and len(value) > _SHOWN:
        return f"a text of {len(value)} characters"
    return printable(str(value))


def printable(text: str) -> str:
    """The same text in one line, without anything that steers a terminal or a mail header."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def story(text: str) -> str:
    """The same text with its line breaks, without what a facts file refuses, no longer than it
    takes."""
    kept = (c if c == "\n" or unicodedata.category(c)[0] != "C" else " " for c in text)
    clean = "".join(" " if c in "\u2028\u2029" else c for c in kept).strip()
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + "…"
