"""A last look before something goes public: does it name one of the incident's own people?"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from incident_engine.domain.errors import Refused

_SPACES = re.compile(r"\s+")
_AT = re.compile(r"\s*[\[({<]\s*at\s*[\])}>]\s*", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s().\-–—/·]+(?=\d)")
_WORDS = re.compile(r"[^\W_]+")
_FEWEST_DIGITS = 7  # shorter runs occur by chance in dates and counts
_FEWEST_LETTERS = 4  # a shorter single name is mostly also a word


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What one affected person could be known by. Numbers are telephone, customer or id ones."""

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Readings:
    """One file in the ways a person's particulars could hide in it."""

    words: str  # " in the normalised words , each between spaces "
    letters: str  # the same without any space
    digits: str  # with what people put between digits taken out


def refuse_personal_data(
    files: Mapping[str, bytes], people: Iterable[Particulars], *, allowed: Collection[str] = ()
) -> None:
    """Raise Refused when any file holds a name, email address or number of one of `people`.

    Compared as written and normalised: case, width, invisible characters, HTML and percent
    escapes, "[at]", order of names, what people put between digits. `allowed` are particulars
    that are meant to be there (the organisation's own contacts). The error masks what it found.
    """
    readings = {path: _readings(data) for path, data in files.items()}
    exempt = {_letters(each) for each in allowed} | {_significant(each) for each in allowed}
    for person in people:
        for path, reading in readings.items():
            if found := _first_hit(person, reading, exempt):
                raise Refused(
                    "personal-data",
                    path,
                    f"holds {found} of an affected person",
                    expected="nothing that names anyone",
                    next_step="Take it out of the facts' story and prepare the notice again.",
                )


def _first_hit(person: Particulars, reading: _Readings, exempt: set[str]) -> str:
    for email in person.emails:
        if (plain := _letters(email)) and plain not in exempt and plain in reading.letters:
            return f"the email address {_masked(email)}"
    for number in person.numbers:
        if (plain := _significant(number)) and plain not in exempt and plain in reading.digits:
            return f"the number ending in …{plain[-2:]}"
    for name in person.names:
        if _letters(name) not in exempt and _is_named(name, reading):
            return f"the name {_masked(name)}"
    return ""


def _is_named(name: str, reading: _Readings) -> bool:
    words = _WORDS.findall(_normal(name))
    joined = "".join(words)
    if _is_han(joined):
        return len(joined) > 1 and joined in reading.letters
    if len(words) == 1 and len(joined) < _FEWEST_LETTERS:
        return False
    orders = [words, [words[-1], *words[:-1]]] if words else []
    return any(f" {' '.join(order)} " in reading.words for order in orders)


def _readings(data: bytes) -> _Readings:
    text = data.decode("utf-8", "replace")
    normal = _normal(f"{text} {unquote(text)}")
    return _Readings(
        words=f" {' '.join(_WORDS.findall(normal))} ",
        letters=_SPACES.sub("", normal),
        digits=_BETWEEN_DIGITS.sub("", normal),
    )


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFKC", html.unescape(text))
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return _AT.sub("@", visible).casefold()


def _letters(text: str) -> str:
    return _SPACES.sub("", _normal(text))


def _significant(number: str) -> str:
    """The end of a number that stays the same however it is written: no country, no zeros."""
    normal = unicodedata.normalize("NFKC", number).strip()
    digits = re.sub(r"\D", "", normal).lstrip("0")
    if normal.startswith(("+", "00")):
        digits = digits[-10:] if len(digits) > 10 else digits[2:]
    return digits if len(digits) >= _FEWEST_DIGITS else ""


def _is_han(text: str) -> bool:
    return bool(text) and all("CJK" in unicodedata.name(one, "") for one in text)


def _masked(text: str) -> str:
    name, at, domain = text.partition("@")
    shown = "".join(f"{word[:1]}•••" if word else "" for word in name.split()[:2])
    return f"{shown}{at}{domain[:1]}•••" if at else shown
