"""A last look before something goes public: does it name one of the incident's own people?"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import methodcaller
from urllib.parse import unquote

import phonenumbers

from incident_engine.domain.errors import Refused

_SPACES = re.compile(r"\s+")
_AT = re.compile(r"\s*[\[({<]\s*at\s*[\])}>]\s*", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s().\-–—/·]+(?=\d)")
_WORDS = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(r"\d{7,}")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPED = re.compile(r"[&\[({<]")  # what an entity or "[at]" begins with
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_JSON_BREAK = re.compile(r"\\[nrt]")
_DATA_URL = re.compile(r"data:[^,\s\"']*;base64,([\w+/=%-]+)", re.IGNORECASE)
_LONGEST_DOMAIN = 255
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
    """Texts in the ways a person's particulars could hide in them."""

    words: str  # " in the normalised words , each between spaces "
    letters: str  # the same without any space
    digits: str  # the longer runs of digits, what people put between them taken out

    @cached_property
    def each_word(self) -> frozenset[str]:
        return frozenset(self.words.split())

    @cached_property
    def after_at(self) -> frozenset[str]:
        """What follows each @: the domain of an address, and whatever stands behind it."""
        return frozenset(part[:_LONGEST_DOMAIN] for part in self.letters.split("@")[1:])

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Every two letters that stand side by side."""
        return frozenset(map("".join, pairwise(self.letters)))

    @cached_property
    def sevens(self) -> frozenset[str]:
        """Every seven digits that stand side by side."""
        ends = range(_FEWEST_DIGITS, len(self.digits) + 1)
        return frozenset(self.digits[end - _FEWEST_DIGITS : end] for end in ends)


def refuse_personal_data(
    files: Mapping[str, bytes], people: Iterable[Particulars], *, allowed: Collection[str] = ()
) -> None:
    """Raise Refused when any file holds a name, email address or number of one of `people`.

    Compared as written and normalised: case, width, invisible characters, markup, HTML, percent
    and JSON escapes, data URLs, "[at]", order of names, what people put between digits. `allowed`
    are particulars that are meant to be there (the organisation's own contacts). The error masks
    what it found. Millions of people are many, and files few: what all files hold is indexed.
    """
    readings = {path: _readings(data) for path, data in files.items()}
    everything = _together(readings.values())
    exempt = {_letters(each) for each in allowed} | {_significant(each) for each in allowed}
    for person in people:
        if _first_hit(person, everything, exempt):
            _refuse(person, readings, exempt)


def _refuse(person: Particulars, readings: Mapping[str, _Readings], exempt: set[str]) -> None:
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
        if (plain := _letters(email)) and _holds_email(reading, plain) and plain not in exempt:
            return f"the email address {_masked(email)}"
    for number in person.numbers:
        if _last_digits(number) in reading.sevens and _holds_number(reading, number, exempt):
            return f"the number ending in …{_last_digits(number)[-2:]}"
    for name in person.names:
        if _is_named(name, reading) and _letters(name) not in exempt:
            return f"the name {_masked(name)}"
    return ""


def _holds_email(reading: _Readings, plain: str) -> bool:
    domain = plain.partition("@")[2]
    return any(map(methodcaller("startswith", domain), reading.after_at)) and (
        plain in reading.letters
    )


def _holds_number(reading: _Readings, number: str, exempt: set[str]) -> bool:
    plain = _significant(number)
    return bool(plain) and plain not in exempt and plain in reading.digits


def _is_named(name: str, reading: _Readings) -> bool:
    words = _WORDS.findall(_normal(name))
    joined = "".join(words)
    if _is_han(joined):
        return len(joined) > 1 and joined[:2] in reading.pairs and joined in reading.letters
    if not reading.each_word.issuperset(words):
        return False
    if len(words) == 1 and len(joined) < _FEWEST_LETTERS:
        return False
    orders = [words, [words[-1], *words[:-1]]] if words else []
    return any(f" {' '.join(order)} " in reading.words for order in orders)


def _readings(data: bytes) -> _Readings:
    # Each apart: the end of one and the beginning of the next are no one's name.
    return _together(map(_reading, _unwrapped(data.decode("utf-8", "replace"))))


def _reading(text: str) -> _Readings:
    normal = _normal(text)
    return _Readings(
        words=f" {' '.join(_WORDS.findall(normal))} ",
        letters=_SPACES.sub("", normal),
        digits=" ".join(_LONG_NUMBER.findall(_BETWEEN_DIGITS.sub("", normal))),
    )


def _unwrapped(text: str) -> Iterator[str]:
    yield text
    yield unquote(text)
    yield _TAG.sub("", html.unescape(text))
    yield _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), _JSON_BREAK.sub(" ", text))
    for encoded in _DATA_URL.findall(text):
        with suppress(binascii.Error):
            yield base64.b64decode(unquote(encoded) + "==").decode("utf-8", "replace")


def _together(readings: Iterable[_Readings]) -> _Readings:
    every = list(readings)
    return _Readings(
        words=" | ".join(each.words for each in every),
        letters=" ".join(each.letters for each in every),
        digits=" ".join(each.digits for each in every),
    )


def _normal(text: str) -> str:
    if text.isascii() and not _ESCAPED.search(text):  # nearly everybody, millions of times
        return text.casefold()
    text = unicodedata.normalize("NFKC", html.unescape(text))
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return _AT.sub("@", visible).casefold()


def _letters(text: str) -> str:
    return _SPACES.sub("", _normal(text))


def _last_digits(number: str) -> str:
    """The last seven digits, by which a number is looked up first."""
    digits = "".join(filter(str.isdigit, number))
    return unicodedata.normalize("NFKC", digits[-_FEWEST_DIGITS:])


def _significant(number: str) -> str:
    """The part of a number that stays the same however it is written: no country, no zeros."""
    plain = unicodedata.normalize("NFKC", number).strip()
    digits = re.sub(r"\D", "", plain).lstrip("0")
    if plain.startswith(("+", "00")):
        with suppress(phonenumbers.NumberParseException):
            digits = str(phonenumbers.parse(f"+{digits}").national_number)
    return digits if len(digits) >= _FEWEST_DIGITS else ""


def _is_han(text: str) -> bool:
    return bool(text) and all("CJK" in unicodedata.name(one, "") for one in text)


def _masked(text: str) -> str:
    name, at, domain = text.partition("@")
    shown = "".join(f"{word[:1]}•••" if word else "" for word in name.split()[:2])
    return f"{shown}{at}{domain[:1]}•••" if at else shown
