"""The people file: every fault of every row, and rows = accepted + refused + merged, always."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from incident_engine.domain.addresses import (
    BadAddressError,
    canonical_email,
    canonical_phone,
    mask,
    postal_lines,
)
from incident_engine.domain.countries import is_place, nearest_place
from incident_engine.domain.data_types import DataType
from incident_engine.domain.errors import BadInput, Fault
from incident_engine.domain.people import Merge, Person, same_person
from incident_engine.domain.words import ChannelName
from incident_engine.intake.sheets import file_hash, rows_of

COLUMNS = (
    "id", "name", "email", "phone", "address", "address_1", "address_2", "address_3", "address_4",
    "address_5", "address_6", "address_7", "postal_code", "country", "push", "language", "where",
    "data_types", "birth_date", "minor", "guardian_name", "guardian_email", "guardian_phone",
    "guardian_address", "deceased", "do_not_contact", "protected_address", "variant",
)  # fmt: skip
# What these hold is a word of a closed list, or was meant to be: it names nobody.
_OPEN = {"where", "language", "data_types", "minor", "deceased", "do_not_contact"}
_FORMULA = ("=", "+", "@", "\t", "\r")
_TRUE, _FALSE = {"true", "yes", "1", "y"}, {"false", "no", "0", "n", ""}
_TYPES = {each.value for each in DataType}


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


@dataclass
class PeopleReading:
    """What a people file holds: those accepted, every fault, every merge."""

    sha256: str
    rows: int = 0
    accepted: list[Person] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    refused_rows: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len(self.refused_rows)


class _RefusedError(Exception):
    """One cell that cannot be used."""

    def __init__(self, column: str, code: str, found: str, expected: str = "") -> None:
        super().__init__(code)
        self.column, self.code, self.found, self.expected = column, code, found, expected


def read_people(path: Path | str, *, encoding: str | None = None, today: date) -> PeopleReading:
    """Read a people file whole. `today` bounds birth dates. Raises BadInput for the file itself."""
    path = Path(path)
    rows = rows_of(path, encoding=encoding)
    _, names = next(rows, (0, [""]))
    header = _header(path, names)
    reading = PeopleReading(sha256=file_hash(path))
    reading.unknown_columns = [name for name in header if name not in COLUMNS]
    seen = _Seen()
    for number, cells in rows:
        reading.rows += 1
        _read_row(reading, seen, number, dict(zip(header, cells, strict=True)), today)
    if not reading.rows:
        raise BadInput("empty", path.name, "has a header and no rows", expected="a row a person")
    return reading


def _read_row(
    reading: PeopleReading, seen: _Seen, number: int, cells: dict[str, str], today: date
) -> None:
    person, faults = _person(number, cells, today)
    if person and not faults:
        merge, fault = seen.meet(person)
        if merge:
            reading.merges.append(merge)
            return
        if fault is None:
            reading.accepted.append(person)
            return
        faults = [fault]
    reading.refused_rows.add(number)
    reading.faults += [_fault(number, each, cells) for each in faults]


def _fault(number: int, error: _RefusedError, cells: dict[str, str]) -> RowFault:
    place = f"row {number}, column {error.column}"
    said = Fault(place=place, code=error.code, found=error.found, expected=error.expected)
    value = _masked(error.column, cells.get(error.column, "").strip())
    return RowFault(number, error.column, value, error.code, str(said), error.found, error.expected)


def _masked(column: str, value: str) -> str:
    """Enough of a cell to find it again: codes and flags as they stand, the rest by its start."""
    if column.endswith("email"):
        return mask(ChannelName.EMAIL, value)
    if column.endswith("phone"):
        return mask(ChannelName.SMS, value)
    if column in _OPEN:
        return value[:30]
    return f"{value[:1]}…" if value else ""


class _Seen:
    """Rows met before, by everything that can make two rows one person."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], Person] = {}

    def meet(self, person: Person) -> tuple[Merge | None, _RefusedError | None]:
        """A merge, a fault (one id for two people), or neither: a new person."""
        name = " ".join(person.name.split()).casefold()
        keys = [("id", person.id, ""), ("email", person.email, name), ("phone", person.phone, name)]
        for key in keys:
            other = self.known.get(key) if key[1] else None
            if other and (rule := same_person(person, other)):
                return Merge(person.row, other.row, rule), None
        if other := self.known.get(keys[0]):
            return None, _RefusedError(
                "id", "double-id", f"row {other.row} has the same id", "one row a person"
            )
        for key in keys:
            if key[1]:
                self.known.setdefault(key, person)
        return None, None


def _header(path: Path, cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(
                "double-header",
                path.name,
                f"has the column {name[:40]!r} twice",
                expected="once",
                next_step="Remove or rename one of them.",
            )
    if not set(names) & set(COLUMNS):
        near = difflib.get_close_matches(names[0], COLUMNS, 1)
        raise BadInput(
            "no-header",
            path.name,
            "has no column that is known in its first line",
            expected=f"names such as {near[0] if near else 'id, name, email, phone, where'}",
            next_step="Put a header line first.",
        )
    return names


def _person(
    number: int, cells: dict[str, str], today: date
) -> tuple[Person | None, list[_RefusedError]]:
    faults: list[_RefusedError] = []

    def take(read: Callable[[], Any], default: Any = "") -> Any:
        try:
            return read()
        except _RefusedError as error:
            faults.append(error)
            return default

    def text(name: str, longest: int = 200) -> Any:
        return take(lambda: _text(cells, name, longest))

    where = take(lambda: _place(cells, "where"))
    values = {
        "row": number,
        "id": text("id", 100) or f"row-{number}",
        "own_id": bool(cells.get("id", "").strip()),
        "name": text("name"),
        "where": where,
        "email": take(lambda: _email(cells, "email")),
        "phone": take(lambda: _phone(cells, "phone", where)),
        "address": take(lambda: _address(cells), ()),
        "postal_code": text("postal_code", 20),
        "country": text("country", 60),
        "push": text("push"),
        "language": take(lambda: _language(cells)),
        "data_types": take(lambda: _data_types(cells), ()),
        "birth_date": take(lambda: _birth_date(cells, today), None),
        "minor": take(lambda: _flag(cells, "minor") if cells.get("minor", "").strip() else None),
        "guardian_name": text("guardian_name"),
        "guardian_email": take(lambda: _email(cells, "guardian_email")),
        "guardian_phone": take(lambda: _phone(cells, "guardian_phone", where)),
        "guardian_address": text("guardian_address", 700),
        "deceased": take(lambda: _flag(cells, "deceased"), False),
        "do_not_contact": take(lambda: _flag(cells, "do_not_contact"), False),
        "protected_address": take(lambda: _flag(cells, "protected_address"), False),
        "variant": text("variant", 60),
        "extra": {n: v for n, v in cells.items() if n not in COLUMNS and v.strip()},
    }
    for name in values["extra"]:
        take(lambda name=name: _text(cells, name, 2000))  # type: ignore[misc]  # bound early
    return (None if faults else Person(**values)), faults


def _text(cells: dict[str, str], name: str, longest: int) -> str:
    found = cells.get(name, "").strip()
    if found.startswith(_FORMULA):
        raise _RefusedError(
            name, "formula", f"begins with {found[0]!r}, as a formula does", "plain text"
        )
    if len(found) > longest:
        raise _RefusedError(name, "too-long", f"has {len(found)} characters", f"at most {longest}")
    if any(ord(c) < 32 or ord(c) == 127 or c in "\u2028\u2029\x85" for c in found):
        raise _RefusedError(name, "control-character", "holds a control character", "plain text")
    return found


def _email(cells: dict[str, str], name: str) -> str:
    found = cells.get(name, "").strip()
    try:
        return canonical_email(found) if found else ""
    except BadAddressError as error:
        shown = mask(ChannelName.EMAIL, found)
        raise _RefusedError(
            name, error.code, f"{shown} {error.sentence}", "one email address"
        ) from None


def _phone(cells: dict[str, str], name: str, where: str) -> str:
    found = cells.get(name, "").strip()
    try:
        return canonical_phone(found, where=where) if found else ""
    except BadAddressError as error:
        shown = mask(ChannelName.SMS, found)
        raise _RefusedError(
            name, error.code, f"{shown} {error.sentence}", "a number like +8613…"
        ) from None


def _address(cells: dict[str, str]) -> tuple[str, ...]:
    whole = cells.get("address", "").replace("\r\n", "\n").split("\n")
    parts = [cells.get(f"address_{n}", "") for n in range(1, 8)]
    try:
        return tuple(postal_lines([*whole, *parts]))
    except BadAddressError as error:
        raise _RefusedError("address", error.code, f"the address {error.sentence}") from None


def _place(cells: dict[str, str], name: str) -> str:
    found = cells.get(name, "").strip()
    code = found.upper()
    if code and not is_place(code):
        near = nearest_place(code)
        raise _RefusedError(
            name,
            "unknown-place",
            f"{found[:20]!r} is not a place",
            f"ISO 3166, perhaps {near}" if near else "ISO 3166, like DE or US-CA",
        )
    return code


def _language(cells: dict[str, str]) -> str:
    found = cells.get("language", "").strip().replace("_", "-")
    if found and not all(part.isalnum() and len(part) <= 8 for part in found.split("-")):
        raise _RefusedError("language", "bad-language", f"{found[:20]!r}", "BCP 47, like zh-CN")
    return found


def _data_types(cells: dict[str, str]) -> tuple[str, ...]:
    found = [each.strip() for each in cells.get("data_types", "").split(";") if each.strip()]
    for each in found:
        if each not in _TYPES:
            near = difflib.get_close_matches(each, _TYPES, 1)
            raise _RefusedError(
                "data_types",
                "unknown-data-type",
                f"{each[:30]!r} is not a data type",
                f"perhaps {near[0]}" if near else "a code of the list of data types",
            )
    return tuple(dict.fromkeys(found))


def _birth_date(cells: dict[str, str], today: date) -> date | None:
    found = cells.get("birth_date", "").strip()[:10]
    if not found:
        return None
    try:
        born = date.fromisoformat(found)
    except ValueError:
        raise _RefusedError("birth_date", "bad-date", "is not a date", "YYYY-MM-DD") from None
    if not date(1880, 1, 1) <= born <= today:
        raise _RefusedError(
            "birth_date",
            "impossible-date",
            "lies in the future or too far back",
            "a day somebody living was born on",
        )
    return born


def _flag(cells: dict[str, str], name: str) -> bool:
    found = cells.get(name, "").strip().lower()
    if found in _TRUE:
        return True
    if found in _FALSE:
        return False
    raise _RefusedError(name, "not-a-flag", f"{found[:20]!r}", "true or false")


def spreadsheet_safe(text: str) -> str:
    """A cell as it may be exported: what a spreadsheet would run is made plain text."""
    return f"'{text}" if text.startswith((*_FORMULA, "-")) else text
