"""One row of a people file: its cells made a person, or every fault of them.

What a header's columns mean is worked out once; a file may have a million rows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from incident_engine.domain.countries import is_place, nearest_place
from incident_engine.domain.errors import Fault
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.people.addresses import (
    BadAddressError,
    canonical_email,
    canonical_phone,
    mask,
    postal_lines,
)
from incident_engine.domain.people.person import Person
from incident_engine.domain.words import ChannelName

COLUMNS = (
    "id", "name", "email", "phone", "address", "address_1", "address_2", "address_3", "address_4",
    "address_5", "address_6", "address_7", "postal_code", "country", "push", "language", "where",
    "data_types", "birth_date", "minor", "guardian_name", "guardian_email", "guardian_phone",
    "guardian_address", "deceased", "do_not_contact", "protected_address", "variant",
)  # fmt: skip
# What these hold is a word of a closed list, or was meant to be: it names nobody.
_OPEN = {"where", "language", "data_types", "minor", "deceased", "do_not_contact"}
_FORMULA = ("=", "+", "@", "\t", "\r")
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_TRUE, _FALSE = {"true", "yes", "1", "y"}, {"false", "no", "0", "n"}
_TYPES = {each.value for each in DataType}
_ADDRESS = ("address", *(f"address_{number}" for number in range(1, 8)))


@dataclass(frozen=True)
class RowFault:
    """One cell that cannot be used. `value` is masked, and so is what the sentence repeats."""

    row: int
    column: str
    value: str
    code: str
    sentence: str
    found: str
    expected: str


class RefusedCellError(Exception):
    """One cell that cannot be used: which column, and what is wrong with it, for a RowFault."""

    def __init__(self, column: str, code: str, found: str, expected: str = "") -> None:
        super().__init__(code)
        self.column, self.code, self.found, self.expected = column, code, found, expected


Reader = Callable[[str, str, str], Any]
"""(cell without spaces around it, its column, where the person lives) -> the value, canonical."""


class RowForm:
    """How a row under one header becomes a person. `today` bounds birth dates."""

    def __init__(self, header: Sequence[str], today: date) -> None:
        at = {name: index for index, name in enumerate(header)}
        self.header = tuple(header)
        self._where = at.get("where")
        self._id = at.get("id")
        self._plain = [(name, at[name], read) for name, read in _readers(today) if name in at]
        self._address = [at[name] for name in _ADDRESS if name in at]
        self._extra = [(name, index) for name, index in at.items() if name not in COLUMNS]

    def read(self, number: int, raw: Sequence[str]) -> tuple[Person | None, list[RefusedCellError]]:
        """The person of a row, or every fault of it."""
        cells = [cell.strip() for cell in raw]
        faults: list[RefusedCellError] = []
        where = self._place(cells, faults)
        values: dict[str, Any] = {"row": number, "where": where}
        for name, index, reader in self._plain:
            if text := cells[index]:
                try:
                    values[name] = reader(text, name, where)
                except RefusedCellError as error:
                    faults.append(error)
        self._read_address(raw, values, faults)
        self._read_extra(cells, values, faults)
        if faults:
            return None, faults
        if "id" not in values:
            values |= {"id": f"row-{number}", "own_id": False}
        return Person(**values), faults

    def fault(self, number: int, error: RefusedCellError, raw: Sequence[str]) -> RowFault:
        """A fault as it may be shown: enough of the cell to find it again."""
        cells = dict(zip(self.header, raw, strict=True))
        place = f"row {number}, column {error.column}"
        said = Fault(place=place, code=error.code, found=error.found, expected=error.expected)
        value = _masked(error.column, cells.get(error.column, "").strip())
        return RowFault(
            number, error.column, value, error.code, str(said), error.found, error.expected
        )

    def _place(self, cells: Sequence[str], faults: list[RefusedCellError]) -> str:
        if self._where is None or not cells[self._where]:
            return ""
        try:
            return _place(cells[self._where], "where")
        except RefusedCellError as error:
            faults.append(error)
            return ""

    def _read_address(
        self, raw: Sequence[str], values: dict[str, Any], faults: list[RefusedCellError]
    ) -> None:
        lines = [line for index in self._address if raw[index] for line in _lines(raw[index])]
        if not lines:
            return
        try:
            values["address"] = tuple(postal_lines(lines))
        except BadAddressError as error:
            faults.append(RefusedCellError("address", error.code, f"the address {error.sentence}"))

    def _read_extra(
        self, cells: Sequence[str], values: dict[str, Any], faults: list[RefusedCellError]
    ) -> None:
        extra: dict[str, str] = {}
        for name, index in self._extra:
            if text := cells[index]:
                try:
                    extra[name] = _text(text, name, 2000)
                except RefusedCellError as error:
                    faults.append(error)
        if extra:
            values["extra"] = extra


def _readers(today: date) -> list[tuple[str, Reader]]:
    def birth_date(text: str, _name: str, _where: str) -> date:
        return _birth_date(text, today)

    return [
        ("id", _at_most(100)),
        ("name", _at_most(200)),
        ("email", _email),
        ("phone", _phone),
        ("postal_code", _at_most(20)),
        ("country", _at_most(60)),
        ("push", _at_most(200)),
        ("language", _language),
        ("data_types", _data_types),
        ("birth_date", birth_date),
        ("minor", _flag),
        ("guardian_name", _at_most(200)),
        ("guardian_email", _email),
        ("guardian_phone", _phone),
        ("guardian_address", _at_most(700)),
        ("deceased", _flag),
        ("do_not_contact", _flag),
        ("protected_address", _flag),
        ("variant", _at_most(60)),
    ]


def _at_most(longest: int) -> Reader:
    def reader(text: str, name: str, _where: str) -> str:
        return _text(text, name, longest)

    return reader


def _text(found: str, name: str, longest: int) -> str:
    if found.startswith(_FORMULA):
        raise RefusedCellError(
            name, "formula", f"begins with {found[0]!r}, as a formula does", "plain text"
        )
    if len(found) > longest:
        raise RefusedCellError(
            name, "too-long", f"has {len(found)} characters", f"at most {longest}"
        )
    if _CONTROL.search(found):
        raise RefusedCellError(name, "control-character", "holds a control character", "plain text")
    return found


def _email(found: str, name: str, _where: str) -> str:
    try:
        return canonical_email(found)
    except BadAddressError as error:
        shown = mask(ChannelName.EMAIL, found)
        raise RefusedCellError(
            name, error.code, f"{shown} {error.sentence}", "one email address"
        ) from None


def _phone(found: str, name: str, where: str) -> str:
    try:
        return canonical_phone(found, where=where)
    except BadAddressError as error:
        shown = mask(ChannelName.SMS, found)
        raise RefusedCellError(
            name, error.code, f"{shown} {error.sentence}", "a number like +8613…"
        ) from None


def _lines(cell: str) -> list[str]:
    return cell.replace("\r\n", "\n").split("\n")


# Of these three a file has few different values and many rows of each.
@lru_cache(4096)
def _place(found: str, name: str) -> str:
    code = found.upper()
    if not is_place(code):
        near = nearest_place(code)
        raise RefusedCellError(
            name,
            "unknown-place",
            f"{found[:20]!r} is not a place",
            f"ISO 3166, perhaps {near}" if near else "ISO 3166, like DE or US-CA",
        )
    return code


def _language(text: str, name: str, _where: str) -> str:
    return _tag(text, name)


@lru_cache(4096)
def _tag(text: str, name: str) -> str:
    found = text.replace("_", "-")
    if not all(part.isalnum() and len(part) <= 8 for part in found.split("-")):
        raise RefusedCellError(name, "bad-language", f"{found[:20]!r}", "BCP 47, like zh-CN")
    return found


def _data_types(text: str, name: str, _where: str) -> tuple[str, ...]:
    return _codes(text, name)


@lru_cache(4096)
def _codes(text: str, name: str) -> tuple[str, ...]:
    found = [each.strip() for each in text.split(";") if each.strip()]
    for each in found:
        if each not in _TYPES:
            near = difflib.get_close_matches(each, _TYPES, 1)
            raise RefusedCellError(
                name,
                "unknown-data-type",
                f"{each[:30]!r} is not a data type",
                f"perhaps {near[0]}" if near else "a code of the list of data types",
            )
    return tuple(dict.fromkeys(found))


def _birth_date(text: str, today: date) -> date:
    try:
        born = date.fromisoformat(text[:10])
    except ValueError:
        raise RefusedCellError("birth_date", "bad-date", "is not a date", "YYYY-MM-DD") from None
    if not date(1880, 1, 1) <= born <= today:
        raise RefusedCellError(
            "birth_date",
            "impossible-date",
            "lies in the future or too far back",
            "a day somebody living was born on",
        )
    return born


def _flag(text: str, name: str, _where: str) -> bool:
    found = text.lower()
    if found in _TRUE:
        return True
    if found in _FALSE:
        return False
    raise RefusedCellError(name, "not-a-flag", f"{found[:20]!r}", "true or false")


def _masked(column: str, value: str) -> str:
    """Enough of a cell to find it again: codes and flags as they stand, the rest by its start."""
    if column.endswith("email"):
        return mask(ChannelName.EMAIL, value)
    if column.endswith("phone"):
        return mask(ChannelName.SMS, value)
    if column in _OPEN:
        return value[:30]
    return f"{value[:1]}…" if value else ""


def spreadsheet_safe(text: str) -> str:
    """A cell as it may be exported: what a spreadsheet would run is made plain text."""
    return f"'{text}" if text.startswith((*_FORMULA, "-")) else text
