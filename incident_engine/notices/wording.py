"""The words of a notice with only the personal slots still open, and the filling of them.

A wording is made once for each group of readers and frozen; filling it for one reader joins
ready pieces and runs no template, so nothing in a name is ever read as one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, Self
from unicodedata import category, normalize

import rfc8785

from incident_engine.domain.errors import BadInput
from incident_engine.notices.article import Article
from incident_engine.notices.outline import CLOSE, OPEN, Item, Outline, Section

FORMAT = 1
LONGEST_NAME = 200  # characters; a longer one is no name, and the greeting goes without it

_BLANK = "____"
_SLOT = re.compile(f"{OPEN}([a-z_]+){CLOSE}")
# A scheme, www, or a dot between two words, which mail programs make a link of; but not "Dr.Wu".
_ADDRESS = re.compile(
    r"://|\bwww\.|(?<!\bst)(?<!\b[dm]r)(?<!\bms)(?<!\bmrs)(?<!\bprof)(?<=\w\w)[.。][^\W\d_]{2}"
    r"|\b\w\.(?:cc|cn|co|com|gg|io|ly|me|net|org|to)\b",
    re.IGNORECASE,
)
_JOINERS = "\u200c\u200d"  # part of how Persian and Indian names are written


@dataclass(frozen=True)
class Rendered:
    """What one reader gets: a subject without personal data, plain text, HTML, one SMS, a push,
    and what a voice says by part."""

    subject: str
    text: str
    html: str
    sms: str
    push: str
    voice: Mapping[str, str]
    text_pieces: tuple[str, ...] = ()  # the text cut at what is this reader's own
    html_pieces: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One notice for one group of readers.

    `text`, `html`, `outline` and `sms` hold the slots `greeting`, `child` and `code`; `slots` has
    for each the phrase with a name in it and the one without. `banner` and `press` are the public
    wording's alone, `letter` the words that stand on paper around the notice. `reference` is the
    incident's, `number` counts its notices from 1, `language` is BCP 47.
    """

    language: str
    reference: str
    number: int
    guardian: bool
    public: bool
    subject: str
    text: str
    html: str
    sms: str
    push: str
    voice: Mapping[str, str]
    banner: str
    press: str
    letter: Mapping[str, str]
    outline: Outline
    slots: Mapping[str, Mapping[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The same in values that JSON has; `from_json` reads it back equal."""
        document: dict[str, Any] = _lists({"format": FORMAT, **asdict(self)})
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """A wording from what `as_json` gave. Raises BadInput for another format."""
        fields = dict(document)
        if fields.pop("format", None) != FORMAT:
            raise BadInput("wording-format", "wording", "is of another version",
                           expected=f"format {FORMAT}",
                           next_step="Prepare the notice again.")  # fmt: skip
        return cls(**fields | {"outline": _outline(fields["outline"])})

    @cached_property
    def sha256(self) -> str:
        """The hash of its canonical JSON (RFC 8785), in hex: what an approval binds."""
        return sha256(rfc8785.dumps(self.as_json())).hexdigest()

    @cached_property
    def article(self) -> Article:
        """The same as an article of the public page. Only a public wording has no slots."""
        return Article(
            language=self.language,
            title=self.outline.title,
            lead=_one_paragraph(self.outline.opening),
            sections=self.outline.sections,
            press=self.press,
            banner=self.banner,
        )


def fill(wording: Wording, *, name: str = "", about: str = "", code: str = "") -> Rendered:
    """The wording for one reader. `about` is the child's name when `name` is the guardian's.

    A name is printed as it is, whatever it looks like; what cannot be printed harmlessly (over
    200 characters, or a web address) is left out and the greeting goes without it.
    """
    return _rendered(wording, phrases_for(wording, name=name, about=about, code=code))


def _rendered(wording: Wording, phrases: Mapping[str, str]) -> Rendered:
    text = _filled_pieces(wording.text, phrases, str)
    marked_up = _filled_pieces(wording.html, phrases, html.escape)
    return Rendered(
        subject=wording.subject,
        text="".join(text),
        html="".join(marked_up),
        sms=_filled(wording.sms, phrases, str),
        push=wording.push,
        voice=wording.voice,
        text_pieces=text,
        html_pieces=marked_up,
    )


def blank(wording: Wording) -> Rendered:
    """The wording with `____` where a reader's name and code will stand: what may be published."""
    named = {
        slot: phrase["named"].replace("{name}", _BLANK) for slot, phrase in wording.slots.items()
    }
    return _rendered(wording, named)


def phrases_for(wording: Wording, *, name: str, about: str, code: str) -> dict[str, str]:
    """What stands in each personal slot for one reader."""
    said = {"greeting": printable_name(name), "child": printable_name(about), "code": code}
    return {
        slot: phrase["named"].replace("{name}", said[slot]) if said[slot] else phrase["nameless"]
        for slot, phrase in wording.slots.items()
    }


def filled_line(line: str, phrases: Mapping[str, str]) -> str:
    """One line of the outline with its personal slots filled, as plain text."""
    return _filled(line, phrases, str)


def printable_name(name: str) -> str:
    """The name on one line without invisible characters, or nothing where it is not a name:
    too long, without a letter, or with a web address in it."""
    if len(name) > LONGEST_NAME:
        return ""
    said = plain_line(name)
    is_name = any(map(str.isalpha, said)) and not _ADDRESS.search(normalize("NFKC", said))
    return said if is_name else ""


def plain_line(text: str) -> str:
    """Text on one line, without controls, overrides of direction and other invisible marks."""
    if not text.isascii() or not text.isprintable():
        text = "".join(map(_printed, text))
    return " ".join(text.split())


def plain_text(text: str) -> str:
    """Text of several lines, cleaned the same way."""
    return "\n".join(plain_line(line) for line in text.splitlines()).strip()


def slot(name: str) -> str:
    """The mark that stands for a personal slot until a reader is known."""
    return f"{OPEN}{name}{CLOSE}"


@lru_cache(maxsize=65_536)
def _printed(character: str) -> str:
    kind = category(character)
    if kind in ("Zl", "Zp", "Zs") or character in "\t\n\r\v\f\x85":
        return " "
    invisible = kind in ("Cc", "Cf", "Cs", "Co") and character not in _JOINERS
    return "" if invisible or _is_noncharacter(ord(character)) else character


def _is_noncharacter(code: int) -> bool:
    # Unicode 23.7: ours (outline.py) among them; the last two of a plane no XML may hold.
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


@lru_cache(maxsize=256)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(_SLOT.split(text))


def _filled(text: str, phrases: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return "".join(_filled_pieces(text, phrases, escape))


def _filled_pieces(
    text: str, phrases: Mapping[str, str], escape: Callable[[str], str]
) -> tuple[str, ...]:
    pieces = list(_pieces(text))
    for index in range(1, len(pieces), 2):
        pieces[index] = escape(phrases[pieces[index]])
    return tuple(pieces)


def _outline(document: Mapping[str, Any]) -> Outline:
    return Outline(
        title=document["title"],
        opening=tuple(document["opening"]),
        sections=tuple(
            Section(
                level=each["level"],
                heading=each["heading"],
                paragraphs=tuple(each["paragraphs"]),
                items=tuple(Item(**item) for item in each["items"]),
            )
            for each in document["sections"]
        ),
    )


def _one_paragraph(lines: tuple[str, ...]) -> str:
    # A full stop takes a space behind it; the Chinese one has its own.
    return "".join(line + (" " if line[-1:] in ".!?:؟" else "") for line in lines).strip()


def _lists(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _lists(inner) for key, inner in value.items()}
    return [_lists(inner) for inner in value] if isinstance(value, list | tuple) else value
