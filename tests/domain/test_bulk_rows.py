"""A root over rows can be taken again by whoever has the rows."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain import bulk_rows
from incident_engine.domain.bulk_rows import moved_row, reply_digest, written_row

rows = st.lists(st.text().map(str.encode), min_size=1, unique=True)


@given(rows, st.randoms())
def test_the_order_of_writing_does_not_matter(found: list[bytes], chance: random.Random) -> None:
    other = list(found)
    chance.shuffle(other)
    assert bulk_rows.root(found) == bulk_rows.root(other)


@given(rows)
def test_a_row_more_or_less_is_another_root(found: list[bytes]) -> None:
    assert bulk_rows.root(found[1:]) != bulk_rows.root(found)
    assert bulk_rows.root([*found, found[0]]) != bulk_rows.root(found)


def test_no_two_rows_are_written_alike() -> None:
    assert moved_row("a b", "c") != moved_row("a", "b c")
    one = written_row("r", channel="email", person="p", addressee="person", address="", wording="")
    two = written_row("r", channel="email", person="", addressee="pperson", address="", wording="")
    assert one != two


def test_a_reply_cannot_be_guessed_without_its_salt() -> None:
    assert reply_digest("salt", "250 ok") != reply_digest("other", "250 ok")
    assert reply_digest("salt", "250 ok") == reply_digest("salt", "250 ok")
