"""The code by which a genuine notice is told from a forged one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.notice_code import (
    ALPHABET,
    code_of,
    fingerprint,
    is_ours,
    read_code,
    spoken,
)

KEY = bytes(range(32))
NOTICE = "INC-2026-0001/1"
ADA = code_of(KEY, NOTICE, "7f3a")


def test_adas_code_is_the_same_in_every_medium_and_bos_is_another() -> None:
    assert code_of(KEY, NOTICE, "7f3a") == ADA
    assert code_of(KEY, NOTICE, "7f3b") != ADA
    assert code_of(KEY, "INC-2026-0001/2", "7f3a") != ADA


def test_it_can_be_typed_as_people_type() -> None:
    for typed in (ADA, ADA.lower(), ADA.replace("-", " "), f" {ADA.replace('-', '')} "):
        assert is_ours(KEY, NOTICE, typed)


def test_what_looks_alike_is_taken_for_what_was_meant() -> None:
    zeros = next(c for n in range(999) if "0" in (c := code_of(KEY, NOTICE, str(n))) and "1" in c)
    assert is_ours(KEY, NOTICE, zeros.replace("0", "o").replace("1", "l"))


@given(st.text(max_size=40))
def test_any_text_is_answered(typed: str) -> None:
    found = read_code(typed)
    assert found is None or len(found) == 10
    assert not is_ours(KEY, NOTICE, typed)


@given(st.integers(0, 15), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_found(place: int, letter: str) -> None:
    plain = list(ADA.replace("-", ""))
    if plain[place] != letter:
        plain[place] = letter
        assert not is_ours(KEY, NOTICE, "".join(plain))


def test_a_hundred_thousand_guesses_find_nothing() -> None:
    guess = random.Random(1).choices
    assert not any(is_ours(KEY, NOTICE, "".join(guess(ALPHABET, k=16))) for _ in range(100_000))


@pytest.mark.parametrize("key", [bytes(32), KEY[::-1]])
def test_another_incidents_key_does_not_know_it(key: bytes) -> None:
    assert not is_ours(key, NOTICE, ADA)


def test_it_is_read_aloud_letter_by_letter() -> None:
    assert spoken("AB12-CD34-EF56-GH78") == "A B 1 2. C D 3 4. E F 5 6. G H 7 8"


def test_a_public_host_holds_nothing_but_a_hash() -> None:
    assert fingerprint(ADA) == fingerprint(ADA.replace("-", ""))
    assert len(fingerprint(ADA)) == 64
