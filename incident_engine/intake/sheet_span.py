"""How far apart the cells of a workbook lie: a reader makes room for everything between them.

Two cells in opposite corners take four kilobytes in the file and half a terabyte in memory. So the
places of the cells are looked at, as they stream by, before the workbook is read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_CHUNK = 1 << 20
_LONGEST_PLACE = 64  # bytes, with generous white space: what a chunk may have cut in two
ROOM = 4_000_000  # places that may always be empty: a list in a corner, a note far below
SPARSE = 20  # beyond that, so many empty places for each cell are no list of people


def is_sparse(path: Path) -> bool:
    """Whether any part spans far more than it holds: a sheet may lie under any name.

    Raises zipfile.BadZipFile.
    """
    with zipfile.ZipFile(path) as archive:
        return any(_is_sparse(archive, each) for each in archive.namelist())


def _is_sparse(archive: zipfile.ZipFile, name: str) -> bool:
    cells, columns, last_row = 0, set[bytes](), 0
    with archive.open(name) as sheet:
        for places in _places(iter(lambda: sheet.read(_CHUNK), b"")):
            cells += len(places)
            columns.update({column for column, _ in places})
            last_row = max(last_row, max((int(row) for _, row in places), default=0))
    span = last_row * max(map(_number, columns), default=0)
    return span > ROOM and span > SPARSE * cells


def _places(chunks: Iterable[bytes]) -> Iterable[list[tuple[bytes, bytes]]]:
    tail = b""
    for chunk in chunks:
        yield _PLACE.findall(tail + chunk)
        tail = chunk[-_LONGEST_PLACE:]


def _number(column: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    found = 0
    for letter in column.upper():
        found = found * 26 + letter - 64
    return found
