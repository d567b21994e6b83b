"""One reader's letter: the frozen words on paper, the address alone in the envelope's window."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.domain.people.addresses import BadAddressError, postal_lines
from incident_engine.home import shipped
from incident_engine.notices.languages import direction_of
from incident_engine.notices.pdf import Unprintable, spell, typeset
from incident_engine.notices.wording import (
    Wording,
    filled_line,
    phrases_for,
    plain_line,
    printable_name,
)

_LONGEST = 1_000  # characters of an address line as it came; its printed form is far shorter
_LONG_WORD = re.compile(r"[^\s\u2e80-\uffef]{41,}")  # Chinese breaks anywhere
_NO_ROOM = "too high for the window"  # what letter.typ says


def set_letter(
    wording: Wording,
    *,
    name: str,
    address: Sequence[str],
    at: datetime,
    about: str = "",
    code: str = "",
) -> bytes:
    """The letter as PDF/A-2a, made to PDF/UA-1; the same input gives the same bytes.

    `address` is the postal address, a line each, without the name; `about` the child's name when
    `name` is a guardian's; `at` (aware) the document's date. A name is printed as `fill` prints
    it, and a character that no shipped font has is spelled, like [U+1F600].
    Raises BadInput for an address that is none or does not fit the window.
    """
    phrases = phrases_for(wording, name=name, about=about, code=code)
    data = _data(wording, _window(name, address), phrases, code)
    data["long_words"] = bool(_LONG_WORD.search(str(data)))
    try:
        return _typeset(data, at)
    except Unprintable as error:
        return _typeset(spell(data, error.characters), at)


def _typeset(data: dict[str, Any], at: datetime) -> bytes:
    try:
        return typeset(shipped("templates") / "notices/letter.typ", data, at=at)
    except BadInput as error:
        if _NO_ROOM in error.found:
            raise _no_room("needs more room, with the name, than the window has") from None
        raise


def _data(
    wording: Wording, recipient: list[str], phrases: dict[str, str], code: str
) -> dict[str, Any]:
    outline, said = wording.outline, wording.letter
    runs = _direction(recipient)
    return {
        "language": wording.language,
        "direction": direction_of(wording.language),
        "sender": said["sender"],
        "address": said["address"],
        "address_direction": _direction([said["address"]]),
        "date": said["date"],
        "reference": wording.reference,
        "code": code if any("code" in each for each in wording.slots) else "",
        "recipient": {"lines": [_kept(line, runs) for line in recipient], "direction": runs},
        "words": {key: said[key] for key in ("page", "reference", "your_code")},
        "title": outline.title,
        "opening": [filled_line(line, phrases) for line in outline.opening],
        "sections": [
            {
                "level": section.level,
                "heading": section.heading,
                "paragraphs": [filled_line(line, phrases) for line in section.paragraphs],
                "points": [
                    {
                        "text": filled_line(item.text, phrases),
                        "note": filled_line(item.note, phrases),
                    }
                    for item in section.items
                ],
            }
            for section in outline.sections
        ],
    }


def _window(name: str, address: Sequence[str]) -> list[str]:
    """Name and address as they stand in the window, a line each."""
    for line in address:
        if len(line) > _LONGEST:
            raise _no_room(f"has a line of {len(line)} characters")
    try:
        lines = postal_lines([plain_line(line) for line in address])
    except BadAddressError as error:
        raise _no_room(error.sentence) from None
    if not lines:
        raise BadInput("no-address", "postal address", "is empty",
                       expected="one to seven lines",
                       next_step="Correct the people file and import it again.")  # fmt: skip
    who = printable_name(name)
    first = [who] if who and who.casefold() != lines[0].casefold() else []
    return [*first, *lines]


def _direction(lines: Sequence[str]) -> str:
    """How an address runs: as its first letter does, whatever the letter's language."""
    kinds = (unicodedata.bidirectional(letter) for line in lines for letter in line)
    strong = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def _kept(line: str, runs: str) -> str:
    """A line of an address that runs the other way, between marks that keep its order: without
    them, below an Arabic name, "1 Harbour Road" prints as "Harbour Road 1"."""
    own = _direction([line])
    mark = {"ltr": "\u200e", "rtl": "\u200f"}[own]
    return line if own == runs else f"{mark}{line}{mark}"


def _no_room(found: str) -> BadInput:
    return BadInput(
        "address-does-not-fit",
        "postal address",
        found,
        expected="at most seven lines of at most 100 characters that fit an envelope's window",
        next_step="Shorten it in the people file and import it again.",
    )
