"""Phrases are filled, and nothing in them is computed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.notices.phrase import braces_in, phrase


def test_each_brace_is_replaced_by_its_value() -> None:
    assert phrase("{a} and {b}, {a}", a="Ada", b="Bo") == "Ada and Bo, Ada"


@pytest.mark.parametrize(
    "form", ["{a.__class__}", "{a!r}", "{a:>999999999}", "{0}", "{}", "{a[0]}"]
)
def test_what_only_python_would_understand_stays_as_it_is(form: str) -> None:
    assert phrase(form, a="Ada") == form


@given(st.text(), st.text())
def test_a_value_is_never_read_for_braces(one: str, other: str) -> None:
    assert phrase("{a}|{b}", a=one, b=other) == f"{one}|{other}"
    assert phrase("{a}", a="{b}", b=other) == "{b}"


def test_braces_are_listed_well_written_or_not() -> None:
    assert braces_in("{a} {b.c} {} {d") == {"a", "b.c", "", "d …"}
    assert braces_in("none") == frozenset()
