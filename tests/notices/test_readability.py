"""How hard a text is to read, measured."""

from __future__ import annotations

import pytest

from incident_engine.notices.readability import measure, sentences_of, syllables, words_in


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("password", "en", 2),
        ("changed", "en", 1),
        ("address", "en", 2),
        ("we", "en", 1),
        ("безопасность", "ru", 4),
        ("Benachrichtigung", "de", 5),
        ("contraseña", "es", 4),
        ("rhythm", "en", 1),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, language: str, count: int) -> None:
    assert syllables(word, language) == count


def test_the_english_measure_gives_the_grade_of_its_own_formula() -> None:
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59
    found = measure(["The cat sat on the mat"], "en", formula="flesch-kincaid", limit=9)
    assert found.value == pytest.approx(-1.4, abs=0.05)
    assert found.holds


def test_legal_english_is_too_hard() -> None:
    text = [
        "Notwithstanding the aforementioned precautionary organisational measures, unauthorised "
        "individuals potentially obtained identification documentation pertaining to customers."
    ]
    assert not measure(text, "en", formula="flesch-kincaid", limit=9).holds


def test_sentences_end_where_readers_stop() -> None:
    assert sentences_of(["One. Two? Three!", "一句。两句！三句"]) == [
        "One.",
        "Two?",
        "Three!",
        "一句。",
        "两句！",
        "三句",
    ]


def test_addresses_and_numbers_are_not_read_as_words() -> None:
    assert sentences_of(["https://kestrel.example", "+86 10 5555 0100", "a@b.example"]) == []


def test_chinese_is_counted_by_characters_and_a_latin_name_is_one() -> None:
    assert len(words_in("Kestrel 通知您。", "zh-Hans")) == 4
    assert len(words_in("알려 드립니다", "ko")) == 2


def test_a_text_without_words_is_as_easy_as_it_has_to_be() -> None:
    assert measure([], "de", formula="wiener", limit=10).holds
