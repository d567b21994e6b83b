"""A table file as rows of text: CSV in the world's encodings, or XLSX. Streamed.

Refused whole, with the reason: what is no text or sheet, what unpacks to a bomb, what cannot be
told apart (encoding, quotes). A row of another width is refused whole too: a shifted column puts
one person's address beside another's name.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from charset_normalizer import from_bytes

from incident_engine.domain.errors import BadInput
from incident_engine.intake.sheet_span import is_sparse

LARGEST_FILE = 2 * 1024**3
LARGEST_FIELD = 64 * 1024
MOST_COLUMNS = 200
_UNPACKED, _RATIO, _MEMBERS = 500 * 1024**2, 100, 1000
_SAMPLE = 256 * 1024
# Left to itself the detector takes cp1251 for a Macintosh encoding and corrupts every name.
CANDIDATES = (
    "gb18030", "big5", "shift_jis", "euc_kr", "cp1252", "cp1251", "cp1250", "cp1253", "cp1254",
    "cp1256", "koi8_r",
)  # fmt: skip
_FOREIGN = {
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old binary Office file; save it as XLSX or CSV",
    b"PAR1": "a Parquet file, which needs the pyarrow package; save it as CSV",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}


Row = tuple[int, list[str]]


def rows_of(path: Path, *, encoding: str | None = None) -> Iterator[Row]:
    """Every row that is not blank, with its number in the file, the header first: as text.

    Raises BadInput for the file itself, at the latest when the row at fault is reached.
    """
    head = _head(path)
    if head.startswith(b"PK"):
        return _sheet(path)
    for start, what in _FOREIGN.items():
        if head.startswith(start):
            raise _bad(path, "not-a-table", f"is {what}", "a CSV or XLSX file")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise _bad(path, "not-a-table", "is a web page or XML", "a CSV or XLSX file")
    return _delimited(path, encoding or _encoding_of(path, head))


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _head(path: Path) -> bytes:
    try:
        if path.is_dir() or not path.exists():
            raise _bad(path, "no-file", "is not a file", "the path of a CSV or XLSX file")
        if path.stat().st_size > LARGEST_FILE:
            raise _bad(path, "too-large", "is over 2 GB", "a smaller file, or several")
        with path.open("rb") as file:
            head = file.read(_SAMPLE)
    except OSError as error:
        raise _bad(path, "no-file", f"cannot be read ({error.strerror})", "a file") from error
    if not head.strip():
        raise _bad(path, "empty", "is empty", "a header line and a row a person")
    return head


def _encoding_of(path: Path, head: bytes) -> str:
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if head.startswith(mark):
            return name
    if head.count(b"\0") > len(head) // 4:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    if b"\0" in head:
        raise _bad(path, "nul", "holds NUL bytes", "text")
    if _is_utf8(path):
        return "utf-8"
    # Whole lines: a sample that ends inside a character speaks against its true encoding.
    sample = head[: head.rfind(b"\n") + 1] if len(head) == _SAMPLE else head
    matches = [
        each
        for each in from_bytes(sample or head, cp_isolation=list(CANDIDATES))
        if not _is_shuffled(str(each))
    ]
    best = matches[0] if matches else None  # the detector puts its best first
    rivals = [each.encoding for each in matches if best and each.chaos <= best.chaos + 0.02]
    if best is None or best.chaos > 0.2:
        raise _bad(
            path,
            "encoding",
            "is in an encoding that cannot be told",
            f"one of utf-8, {', '.join(CANDIDATES[:7])}",
            "Say which with --encoding.",
        )
    if len({_script(str(each)) for each in matches if each.encoding in rivals}) > 1:
        raise _bad(
            path,
            "encoding",
            f"could be {' or '.join(rivals[:4])}",
            "one of them",
            f"Say which, for example --encoding {best.encoding}.",
        )
    return best.encoding


def _is_shuffled(text: str) -> bool:
    """Whether capitals stand inside words: Chinese read as a Cyrillic code page looks like that."""
    foreign = [pair for pair in pairwise(text) if pair[0] > "\x7f" and pair[1] > "\x7f"]
    inside = sum(a.islower() and b.isupper() for a, b in foreign)
    return inside > max(2, len(foreign) // 20)


def _script(text: str) -> str:
    kinds = [c for c in text if ord(c) > 127][:200]
    han = sum("\u3400" <= c <= "\u9fff" or "\u3040" <= c <= "\u30ff" for c in kinds)
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in kinds)
    hangul = sum("\uac00" <= c <= "\ud7a3" for c in kinds)
    return max(
        ("han", han), ("cyrillic", cyrillic), ("hangul", hangul), ("latin", 1), key=lambda p: p[1]
    )[0]


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="strict", newline="") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _delimited(path: Path, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(LARGEST_FIELD)
    try:
        with path.open(encoding=encoding, errors="strict", newline="") as file:
            delimiter = _delimiter(file)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            yield from _even(path, reader)
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeError):
            raise _not_in(path, encoding) from error
        raise _bad(
            path, "encoding", f"no encoding is called {encoding[:40]!r}", "a name such as gb18030"
        ) from error
    except csv.Error as error:
        raise _bad(
            path, "bad-csv", _csv_fault(error), "quotes closed, fields under 64 KiB"
        ) from error


def _not_in(path: Path, encoding: str) -> BadInput:
    return _bad(
        path,
        "encoding",
        f"does not read as {encoding}",
        "text in that encoding",
        "Name another with --encoding.",
    )


def _csv_fault(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return "has a field over 64 KiB, or a quote that is never closed"
    if "unexpected end" in text:
        return "has a quote that is never closed"
    if "NUL" in text:
        return "holds NUL bytes"
    return f"is not well-formed ({text})"


def _delimiter(file: io.TextIOBase) -> str:
    first = file.readline()
    file.seek(0)
    return max(",;\t", key=lambda mark: (first.count(mark), mark == ","))


def _sheet(path: Path) -> Iterator[Row]:
    _refuse_bomb(path)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
        yield from _even(path, ([_cell(value) for value in row] for row in sheet.iter_rows()))
    except (CalamineError, IndexError) as error:
        raise _bad(path, "bad-sheet", "is no XLSX that can be read", "an XLSX file") from error


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except Exception as error:  # a hostile archive makes the library raise nearly anything
        raise _bad(path, "bad-sheet", "is a broken archive", "an XLSX file") from error
    unpacked = sum(each.file_size for each in members)
    packed = sum(each.compress_size for each in members) or 1
    if len(members) > _MEMBERS or unpacked > _UNPACKED or unpacked / packed > _RATIO:
        raise _bad(path, "bomb", f"unpacks to {unpacked // 2**20} MB", "at most 500 MB, ratio 100")
    if not any(each.filename == "xl/workbook.xml" for each in members):
        raise _bad(path, "not-a-table", "is an archive, not a sheet", "a CSV or XLSX file")
    _refuse_far_corners(path)


def _refuse_far_corners(path: Path) -> None:
    try:
        sparse = is_sparse(path)
    except Exception as error:  # as above
        raise _bad(path, "bad-sheet", "is a broken archive", "an XLSX file") from error
    if sparse:
        raise _bad(
            path, "bomb", "has cells far apart and next to none between", "one list of people",
            "Copy the list alone into a new workbook.",
        )  # fmt: skip


def _even(path: Path, rows: Iterator[list[str]]) -> Iterator[Row]:
    width = 0
    for number, row in enumerate(rows, start=1):
        whole = "".join(row)
        if not whole or whole.isspace():
            continue
        width = width or len(row)
        if len(row) > MOST_COLUMNS:
            raise _bad(path, "too-wide", f"has {len(row)} columns", f"at most {MOST_COLUMNS}")
        if len(row) != width:
            raise _bad(
                path,
                "ragged",
                f"row {number} has {len(row)} fields",
                f"{width}, as the header",
                "A shifted row puts one person's address beside another's name: correct it.",
            )
        if "\0" in whole:
            raise _bad(path, "nul", f"row {number} holds a NUL byte", "text")
        yield number, row


def _bad(path: Path, code: str, found: str, expected: str, next_step: str = "") -> BadInput:
    return BadInput(code, path.name, found, expected=expected, next_step=next_step)
