"""A code can be checked by whoever holds it, guessed by nobody, and says nothing of anyone."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.notice_code import (
    ALPHABET,
    code_of,
    fingerprint,
    read_code,
    spelled,
)
from incident_engine.notices.public.check_page import CheckPage, Genuine, build_check_page
from incident_engine.notices.public.code_lists import code_lists
from tests.notices.conftest import FIRST_TWO, TO_ADA, worded

KEY, OTHER = bytes(32), bytes([1]) * 32
NOTICE = "INC-2026-0001/1"
CODES = [code_of(KEY, NOTICE, f"person-{number}") for number in range(2000)]
SECOND = [code_of(KEY, "INC-2026-0001/2", f"person-{number}") for number in range(2000)]
LISTS = code_lists([*((code, 1) for code in CODES), *((code, 2) for code in SECOND)],
                   key=OTHER, notices=2)  # fmt: skip
MARCH, APRIL = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)


def notice_of(typed: str, lists: Mapping[str, bytes] = LISTS) -> int:
    """What the page's script finds for what somebody types."""
    read = read_code(typed)
    hashed = sha256(typed.encode()).hexdigest() if read is None else fingerprint(spelled(read))
    for line in lists[f"codes/{hashed[:2]}.txt"].decode().splitlines():
        if line[:62] == hashed[2:]:
            return int(line[62:], 16)
    return 0


def page(**changed: object) -> CheckPage:
    checked = replace(TO_ADA, check="kestrel.example/check")
    notice = Genuine(
        number=1,
        since=MARCH,
        until=APRIL,
        wordings=tuple(
            worded(occasion=replace(checked, guardian=guardian), language=language)
            for language in FIRST_TWO
            for guardian in (False, True)
        ),
    )
    said = CheckPage(
        organisation="Kestrel Cloud",
        reference="INC-2026-0001",
        contacts={
            "en": ("Phone: +86 10 5555 0199", "Email: incident@kestrel.example"),
            "zh-Hans": ("电话：+86 10 5555 0199",),
        },
        zone="Asia/Shanghai",
        notices=(notice,),
    )
    return replace(said, **changed)  # type: ignore[arg-type]


def test_every_code_is_found_with_its_notice_and_the_old_ones_stay() -> None:
    assert {notice_of(code) for code in CODES} == {1}
    assert {notice_of(code) for code in SECOND} == {2}


def test_a_million_guesses_find_nothing() -> None:
    """A guess is looked up as the page does, by its hash, among all lines of all lists."""
    held = {
        path[6:8] + line[:62] for path, data in LISTS.items() for line in data.decode().splitlines()
    }
    guesses, found = random.Random(2026), 0
    for _ in range(1_000_000):
        guess = guesses.getrandbits(80).to_bytes(10, "big")
        found += sha256(spelled(guess).replace("-", "").encode()).hexdigest() in held
    assert found == 0


@given(st.sampled_from(CODES), st.integers(0, 15), st.sampled_from(ALPHABET))
def test_a_code_with_one_letter_changed_is_not_ours(code: str, at: int, letter: str) -> None:
    letters = list(code.replace("-", ""))
    changed = "".join([*letters[:at], letter, *letters[at + 1 :]])
    assert notice_of(changed) == (1 if letters[at] == letter else 0)


@given(st.text(max_size=40))
def test_whatever_else_is_typed_is_not_ours(typed: str) -> None:
    assert notice_of(typed) == 0


def test_another_incidents_code_is_not_ours_nor_one_made_with_another_key() -> None:
    assert notice_of(code_of(KEY, "INC-2026-0002/1", "person-1")) == 0
    assert notice_of(code_of(OTHER, NOTICE, "person-1")) == 0


@pytest.mark.parametrize("count", [0, 1, 64, 5000, 40_000])
def test_the_lists_are_all_of_one_size_which_tells_the_number_only_roughly(count: int) -> None:
    lists = code_lists(
        ((spelled(number.to_bytes(10, "big")), 1) for number in range(count)), key=KEY, notices=1
    )
    assert sorted(lists) == sorted(f"codes/{number:02x}.txt" for number in range(256))
    [size] = {len(data) for data in lists.values()}
    lines = size // 65
    assert lines >= 64
    assert lines & (lines - 1) == 0


def test_a_line_of_a_code_looks_like_one_that_stands_for_nobody() -> None:
    for data in LISTS.values():
        lines = data.decode().splitlines()
        assert {len(line) for line in lines} == {64}
        assert all(line == line.lower() and int(line, 16) >= 0 for line in lines)
        assert all(before < after for before, after in pairwise(lines))
        assert {int(line[62:], 16) for line in lines} == {1, 2}


def test_the_lists_are_the_same_whenever_they_are_made() -> None:
    assert code_lists(((code, 1) for code in CODES), key=KEY, notices=1) == code_lists(
        ((code, 1) for code in reversed(CODES)), key=KEY, notices=1
    )


FULL_WIDTH = "".join(chr(ord(c) + 0xFEE0) for c in CODES[0])


@pytest.mark.parametrize(
    "typed",
    [
        CODES[0].lower(), CODES[0].replace("-", ""), CODES[0].replace("-", " — "),
        CODES[0].replace("0", "O").replace("1", "l"), f"  {CODES[0]}\n", FULL_WIDTH,
        CODES[0].replace("-", "\u00a0"), CODES[0].replace("-", "."),
    ],
)  # fmt: skip
def test_a_code_is_read_however_people_type_it(typed: str) -> None:
    assert notice_of(typed) == 1


# --- the page ---------------------------------------------------------------------------------


def test_there_is_a_page_a_language_and_one_to_begin_with() -> None:
    files = build_check_page(page())
    assert {"index.html", "en/index.html", "zh-Hans/index.html", "check.js"} <= set(files)
    assert 'lang="en"' in files["index.html"].decode()
    assert "我们绝不会因此事向您索要密码" in files["zh-Hans/index.html"].decode()


def test_a_genuine_code_is_told_when_what_and_with_which_lines_to_compare() -> None:
    said = build_check_page(page())["en/index.html"].decode()
    assert "We sent it between March 2026 and April 2026." in said
    assert "reference INC-2026-0001" in said
    assert "We write to you as a parent or guardian." in said
    assert "We are Kestrel Cloud. Some of your personal data leaked" in said
    assert "通知于2026年3月至2026年4月之间发出" in build_check_page(page())[
        "zh-Hans/index.html"
    ].decode()  # fmt: skip


@pytest.mark.parametrize(
    ("until", "said"),
    [(None, "We send it from March 2026 on."), (MARCH, "We sent it in March 2026.")],
)
def test_what_is_still_being_sent_says_from_when(until: datetime | None, said: str) -> None:
    [notice] = page().notices
    files = build_check_page(page(notices=(replace(notice, until=until),)))
    assert said in files["en/index.html"].decode()


def test_the_copies_are_the_genuine_texts_with_blanks_and_their_hashes() -> None:
    files = build_check_page(page())
    index = json.loads(files["notices/index.json"])
    assert len(index["notices"]) == 4
    for each in index["notices"]:
        copy = files[f"notices/{each['file']}"]
        assert sha256(copy).hexdigest() == each["sha256"]
        assert "____" in copy.decode()
        assert "\ufdd0" not in copy.decode() + each["sms"]
    english = next(each for each in index["notices"] if each["language"] == "en")
    assert "Dear ____," in files[f"notices/{english['file']}"].decode()


def test_no_text_of_the_organisation_becomes_markup() -> None:
    files = build_check_page(page(organisation='<script>alert("x")</script>'))
    assert "<script>alert" not in files["index.html"].decode()
