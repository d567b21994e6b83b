"""Take what names a person out of a text, and say in its place whose it was. Pure.

A mail server's reply repeats the address, sometimes the name. Where the pack is for readers who
may not see them, each is replaced; what merely looks like an address or a number goes too: a
server may name the mailbox that it forwarded to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import filterfalse
from typing import Any

_EMAIL = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
_NUMBER = re.compile(r"\+\d{7,15}|(?<![\w.-])\d{9,15}(?![\w.-])")
_SHORTEST = 4  # letters; a shorter value is part of too many words to be looked for


def redact(text: str, particulars: Mapping[str, Any], *, person: str, address: str) -> str:
    """The text without these particulars. `person` is the public id, `address` a keyed hash."""
    theirs, where = f"[person {person}]", f"[address {address[:16]}]"
    values = sorted(_values(particulars.values()), key=len, reverse=True)
    # Addresses whole before names: half an address that is left still says whose it was.
    text = _replaced(text, filter(_is_address, values), where)
    text = _EMAIL.sub(where, text)
    text = _replaced(text, filterfalse(_is_address, values), theirs)
    return _NUMBER.sub(theirs, text)


def _replaced(text: str, values: Iterable[str], label: str) -> str:
    for value in values:
        # Most replies name nobody, and looking is a hundred times quicker than replacing.
        if value.casefold() in text.casefold():
            text = re.sub(re.escape(value), label, text, flags=re.IGNORECASE)
    return text


def _is_address(value: str) -> bool:
    return "@" in value or value.startswith("+")


def _values(found: Iterable[Any]) -> set[str]:
    values: set[str] = set()
    for each in found:
        if isinstance(each, Mapping):
            values |= _values(each.values())
        elif isinstance(each, list | tuple):
            values |= _values(each)
        elif isinstance(each, str):
            values |= {each, *each.split()}
    # One ideograph is a word; a name of two is looked for, one of them is not.
    return {v for v in values if len(v) >= _SHORTEST or (len(v) > 1 and not v.isascii())}
