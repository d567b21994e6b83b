"""Thirty kinds of fault in one file: every row is accepted, refused or merged, and none is lost."""

from __future__ import annotations

from pathlib import Path

from tests.intake.nasty_people import FAULTS, nasty_people, rows
from tests.intake.test_people_file import adds_up, read

PEOPLE = 3_000


def test_every_row_is_accounted_for_and_every_fault_is_named_by_its_own_row(tmp_path: Path) -> None:
    found = read(tmp_path, nasty_people(PEOPLE))
    wrong = [fault for _, fault in rows(PEOPLE) if fault is not None]
    assert len(FAULTS) >= 30
    assert set(wrong) == set(range(len(FAULTS)))
    assert found.rows == PEOPLE
    assert adds_up(found)
    assert found.refused == len(wrong)
    assert len(found.merges) > 0
    named = {each.row: (each.column, each.code) for each in found.faults}
    assert len(named) == len(wrong)
    accepted = {each.row for each in found.accepted}
    merged = {each.row for each in found.merges}
    assert not accepted & set(named)
    assert not merged & set(named)
    for column, code in {(column, code) for column, _, code in FAULTS if code}:
        assert (column, code) in named.values()
