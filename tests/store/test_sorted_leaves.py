"""Leaves come out in rising order, however many there are, and give the root of all of them."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain import bulk_rows, merkle
from incident_engine.store.sorted_leaves import SortedLeaves


@given(rows=st.lists(st.binary(max_size=8), max_size=60), at_once=st.integers(1, 9))
def test_the_root_is_that_of_all_rows_in_memory(rows: list[bytes], at_once: int) -> None:
    with SortedLeaves(at_once) as leaves:
        for row in rows:
            leaves.add(merkle.leaf(row))
        assert merkle.root(leaves) == bulk_rows.root(rows)


def test_a_run_longer_than_what_is_read_at_once_is_read_to_its_end() -> None:
    made = [sha256(str(number).encode()).digest() for number in range(5_000)]
    with SortedLeaves(2_500) as leaves:
        for leaf in made:
            leaves.add(leaf)
        assert list(leaves) == sorted(made)
        assert list(leaves) == sorted(made), "it can be read again"
