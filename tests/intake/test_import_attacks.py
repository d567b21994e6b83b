"""People files made to break importers: refused whole, or read with every row accounted for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.intake.test_people_file import HEADER, read, refusal
from tests.intake.workbook import workbook


def with_part(content: bytes, name: str, text: str) -> bytes:
    """The same workbook with one part of it replaced."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for each in before.namelist():
            after.writestr(each, text if each == name else before.read(each))
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(cells: str, doctype: str = "") -> bytes:
    text = f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{MAIN}"><sheetData>{cells}'
    return with_part(workbook([["id"]]), SHEET, f"{text}</sheetData></worksheet>")


def row(number: int, *cells: str) -> str:
    inside = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


@pytest.mark.attack("A54")
def test_a_hundred_thousand_columns_are_too_many(tmp_path: Path) -> None:
    columns = ",".join(f"c{n}" for n in range(100_000))
    assert refusal(tmp_path, f"{columns}\n").code == "too-wide"


@pytest.mark.attack("A56")
@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;">',
    ],
    ids=["outside", "of entities"],
)
def test_a_workbook_with_entities_is_refused_and_none_is_followed(
    tmp_path: Path, declared: str
) -> None:
    content = sheet_of(
        row(1, "id", "name", "email") + row(2, "1", "Ada&e;", "ada@x.example"),
        f"<!DOCTYPE worksheet [{declared}]>",
    )
    assert refusal(tmp_path, content, "people.xlsx").code == "bad-sheet"


@pytest.mark.attack("A57")
def test_one_cell_in_the_last_row_of_all_is_one_row(tmp_path: Path) -> None:
    content = sheet_of(row(1, "id", "name", "email") + row(1_048_576, "1", "Ada", "ada@x.example"))
    found = read(tmp_path, content, "people.xlsx")
    assert [each.row for each in found.accepted] == [1_048_576]
    assert found.rows == 1


@pytest.mark.attack("A57")
def test_two_cells_in_opposite_corners_are_a_bomb(tmp_path: Path) -> None:
    far = "<row r=\"1\"><c r = 'XFD1'><v>1</v></c></row>"
    content = sheet_of(far + row(1_048_576, "x"))
    assert refusal(tmp_path, content, "people.xlsx").code == "bomb"


@pytest.mark.attack("A61")
def test_ten_thousand_at_one_address_are_found_and_joined_by_nobody(tmp_path: Path) -> None:
    people = 10_000
    rows = "".join(f"{n},Ada {n},all@x.example,,DE,en\n" for n in range(people))
    found = read(tmp_path, HEADER + rows)
    assert len(found.accepted) == people
    assert [each.people for each in found.shared] == [people]
