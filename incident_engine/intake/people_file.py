"""The people file: every fault of every row, and rows = accepted + refused + merged, always.

Read twice. The first time only to learn which numbers and addresses stand in it more than once:
whoever shares none of theirs is nobody's double and need not be remembered, so that memory does
not grow with the file. The second time every row is read, and each person handed on at once.
"""

from __future__ import annotations

import difflib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from incident_engine.domain.errors import BadInput
from incident_engine.domain.people.person import Merge, Person
from incident_engine.intake.people_doubles import Doubles, Near, Shared, keys_of_row, may_be_doubles
from incident_engine.intake.people_row import (
    COLUMNS,
    RefusedCellError,
    RowFault,
    RowForm,
)
from incident_engine.intake.sheets import Row, file_hash, rows_of

Accept = Callable[[Person], None]
Progress = Callable[[int, int], None]
_EVERY = 5_000


@dataclass
class PeopleReading:
    """What a people file holds: how many were accepted, every fault, every merge, every doubt."""

    sha256: str
    rows: int = 0
    accepted: int = 0
    faults: list[RowFault] = field(default_factory=list)
    refused_rows: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len(self.refused_rows)


def read_people(
    path: Path | str,
    accept: Accept,
    *,
    encoding: str | None = None,
    today: date,
    progress: Progress | None = None,
    ours: frozenset[str] = frozenset(),
) -> PeopleReading:
    """Read a people file whole, handing each person to `accept` in the order of the file.

    `today` bounds birth dates; `ours` are our own mail domains, in lower case; `progress` is told
    rows read and rows in all, now and then. Raises BadInput for the file itself, before anybody is
    handed on.
    """
    path = Path(path)
    header, doubtful = _first_reading(path, encoding)
    reading = PeopleReading(sha256=file_hash(path))
    reading.unknown_columns = [name for name in header if name not in COLUMNS]
    desk = _Desk(reading, RowForm(header, today), Doubles(ours), accept)
    rows = rows_of(path, encoding=encoding)
    next(rows)
    for row, may_be_double in zip(rows, doubtful, strict=True):
        if progress and reading.rows % _EVERY == 0:
            progress(reading.rows, len(doubtful))
        desk.take(row, bool(may_be_double))
    reading.near, reading.shared = desk.doubles.near, desk.doubles.shared()
    if progress:
        progress(reading.rows, reading.rows)
    return reading


@dataclass(frozen=True)
class _Desk:
    """Where each row is read, compared with those before it, and handed on or refused."""

    reading: PeopleReading
    form: RowForm
    doubles: Doubles
    accept: Accept

    def take(self, row: Row, may_be_double: bool) -> None:
        number, cells = row
        self.reading.rows += 1
        person, faults = self.form.read(number, cells)
        if person is None:
            return self._refuse(row, faults)
        if may_be_double:
            merge, other = self.doubles.meet(person)
            if merge:
                return self.reading.merges.append(merge)
            if other is not None:
                return self._refuse(row, [_double_id(other)])
        self.doubles.note_mailbox(person)
        self.reading.accepted += 1
        return self.accept(person)

    def _refuse(self, row: Row, faults: Sequence[RefusedCellError]) -> None:
        number, cells = row
        self.reading.refused_rows.add(number)
        self.reading.faults += [self.form.fault(number, each, cells) for each in faults]


def _double_id(other: int) -> RefusedCellError:
    return RefusedCellError("id", "double-id", f"row {other} has the same id", "one row a person")


def _first_reading(path: Path, encoding: str | None) -> tuple[list[str], bytearray]:
    """The header, and for each row whether something of it stands in another row too."""
    rows = rows_of(path, encoding=encoding)
    _, names = next(rows, (0, [""]))
    header = _header(path, names)
    at = {name: index for index, name in enumerate(header)}
    places = [at.get(name, -1) for name in ("id", "name", "email", "phone")]
    keys = array("q")
    for _, cells in rows:
        keys.extend(keys_of_row(*(cells[index] if index >= 0 else "" for index in places)))
    if not keys:
        raise BadInput("empty", path.name, "has a header and no rows", expected="a row a person")
    return header, may_be_doubles(keys)


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
