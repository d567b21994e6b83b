"""In which language a person is written to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.notices.languages import (
    available_languages,
    choose_language,
    direction_of,
    in_language,
)

TWO = ("en", "zh-Hans")
SHIPPED = ("ar", "de", "en", "es", "fr", "ja", "ko", "pt", "ru", "zh-Hans", "zh-Hant")
MANY = ("ar", "de", "en", "fr", "zh-Hans", "zh-Hant")


@pytest.mark.parametrize(
    ("wanted", "available", "chosen"),
    [
        ("zh-CN", TWO, "zh-Hans"),
        ("zh", TWO, "zh-Hans"),
        ("zh-SG", TWO, "zh-Hans"),
        ("zh-TW", TWO, "zh-Hans"),  # read with some effort, better than a foreign language
        ("zh-TW", MANY, "zh-Hant"),
        ("zh-HK", MANY, "zh-Hant"),
        ("de-AT", MANY, "de"),
        ("de-CH-1996", MANY, "de"),
        ("en-GB", TWO, "en"),
        ("en_US", TWO, "en"),
        ("EN", TWO, "en"),
        ("fr-CA", MANY, "fr"),
        ("ar-EG", MANY, "ar"),
        ("zh-hans-cn", TWO, "zh-Hans"),
    ],
)
def test_what_a_person_wants_is_met_by_the_same_language_or_a_close_relative(
    wanted: str, available: tuple[str, ...], chosen: str
) -> None:
    assert choose_language(wanted, None, available, "en") == chosen


@pytest.mark.parametrize(
    "garbage",
    ["", "?", "english please", "x" * 500, "de_", "-", "\x00", "123", "zh-", "{{7}}", "德语"],
)
def test_garbage_is_no_wish(garbage: str) -> None:
    assert choose_language(garbage, None, ("de", "en"), "de") == "de"


@pytest.mark.parametrize(
    ("where", "available", "chosen"),
    [
        ("CN", TWO, "zh-Hans"),
        ("SG", TWO, "en"),
        ("DE", MANY, "de"),
        ("AT", MANY, "de"),
        ("FR", MANY, "fr"),
        ("US-CA", MANY, "en"),
        ("TW", MANY, "zh-Hant"),
        ("TW", TWO, "en"),  # a guess from the place is met by the language itself only
        ("SA", MANY, "ar"),
        ("JP", TWO, "en"),
        ("XX", TWO, "en"),
        ("", TWO, "en"),
    ],
)
def test_of_whom_no_wish_is_known_is_written_to_as_people_speak_where_they_live(
    where: str, available: tuple[str, ...], chosen: str
) -> None:
    assert choose_language(None, where, available, "en") == chosen


def test_the_order_is_wish_then_place_then_default_then_english_then_any() -> None:
    assert choose_language("fr", "CN", MANY, "de") == "fr"
    assert choose_language("sw", "CN", MANY, "de") == "zh-Hans"
    assert choose_language("sw", "JP", MANY, "de") == "de"
    assert choose_language("sw", "JP", MANY, "xx") == "en"
    assert choose_language("sw", "JP", ("ar", "fr"), "xx") == "ar"


@given(st.text(), st.text(max_size=6), st.sampled_from([TWO, MANY, ("fr",)]), st.text())
def test_every_reader_gets_one_of_the_languages_there_are(
    wanted: str, where: str, available: tuple[str, ...], default: str
) -> None:
    assert choose_language(wanted, where, available, default) in available


def test_what_is_said_in_one_language_is_never_taken_for_another() -> None:
    said = {"zh-CN": "甲", "en-GB": "one"}
    assert in_language(said, "zh-Hans") == "甲"
    assert in_language(said, "en") == "one"
    assert in_language(said, "de") is None
    assert in_language({"zh-TW": "乙"}, "zh-Hans") is None  # another script
    assert in_language({}, "en") is None


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("zh-Hans", "ltr"),
        ("ar", "rtl"),
        ("he", "rtl"),
        ("fa-IR", "rtl"),
        ("?", "ltr"),
    ],
)
def test_a_language_has_a_direction(language: str, direction: str) -> None:
    assert direction_of(language) == direction


def test_the_shipped_languages_are_those_that_have_a_notice() -> None:
    assert available_languages() == SHIPPED
