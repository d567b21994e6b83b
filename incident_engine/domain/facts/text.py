"""The words of a facts file that are not from a closed list: text, places, tags, keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator

from incident_engine.domain.countries import is_country, is_place, nearest_place
from incident_engine.domain.facts.faults import refuse, shown

LARGEST_TEXT = 64 * 1024  # bytes of UTF-8

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_WORD = r"[a-z0-9]+(-[a-z0-9]+)*"
_DONE = re.compile(rf"{_WORD}/{_WORD}(/{_WORD})?", re.ASCII)


def _text(found: object) -> str:
    return _checked(found, breaks="\t\n\r", expected="text")


def check_line(found: object, expected: str = "one line of text") -> str:
    """The text itself, if it is one; a title or a name ends up in mail headers."""
    return _checked(found, breaks="", expected=expected)


def _line(found: object) -> str:
    return check_line(found)


def _checked(found: object, *, breaks: str, expected: str) -> str:
    if not isinstance(found, str):
        raise refuse("wrong-kind", shown(found), expected)
    if len(found) > LARGEST_TEXT or len(found.encode("utf-8", "replace")) > LARGEST_TEXT:
        raise refuse("too-long", "a text over 64 KiB", "at most 64 KiB")
    for character in found:
        if character not in breaks and _is_control(character):
            named = f"the control character U+{ord(character):04X}"
            raise refuse("control-character", named, f"{expected} without control characters")
    return found


def _is_control(character: str) -> bool:
    # Cc: NUL, escape, line breaks. Cs: halves of a character. Overrides reverse what is read.
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or character in "\u202a\u202b\u202d\u202e"


def _country(found: object) -> str:
    if isinstance(found, str) and is_country(found):
        return found
    nearest = nearest_place(found) if isinstance(found, str) else None
    raise refuse("unknown-country", shown(found), "an ISO 3166-1 alpha-2 code", nearest=nearest)


def _place(found: object) -> str:
    if isinstance(found, str) and is_place(found):
        return found
    nearest = nearest_place(found) if isinstance(found, str) else None
    raise refuse("unknown-place", shown(found), "an ISO 3166 code (DE, US-CA)", nearest=nearest)


def _shaped(shape: re.Pattern[str], code: str, expected: str) -> Callable[[object], str]:
    def check(found: object) -> str:
        if isinstance(found, str) and len(found) <= 200 and shape.fullmatch(found):
            return found
        raise refuse(code, shown(found), expected)

    return check


Text = Annotated[str, BeforeValidator(_text)]
Line = Annotated[str, BeforeValidator(_line)]
CountryCode = Annotated[str, BeforeValidator(_country)]
PlaceCode = Annotated[str, BeforeValidator(_place)]
LanguageTag = Annotated[
    str, BeforeValidator(_shaped(_LANGUAGE, "not-a-language", "a language tag (en, zh-CN)"))
]
Currency = Annotated[
    str, BeforeValidator(_shaped(_CURRENCY, "not-a-currency", "an ISO 4217 code (USD)"))
]
DoneKey = Annotated[
    str,
    BeforeValidator(
        _shaped(
            _DONE,
            "not-a-duty",
            "playbook/obligation or playbook/audience/phase (us-ca/individuals/notify)",
        )
    ),
]
