"""One hash for many rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain import merkle

# RFC 6962's own vectors, as published with Certificate Transparency's reference code.
ROWS = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root(rows: list[bytes]) -> str:
    return merkle.root(merkle.leaf(row) for row in rows)


@pytest.mark.parametrize(("count", "expected"), ROOTS.items())
def test_the_published_vectors_hold(count: int, expected: str) -> None:
    assert root(ROWS[:count]) == expected


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_any_changed_row_changes_the_root(rows: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:place], rows[place] + b"!", *rows[place + 1 :]]
    assert root(changed) != root(rows)
    assert root(rows[:-1]) != root(rows)
