"""The organisation's own words go before those shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices.library import open_library


def test_a_file_of_our_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/notice.txt").write_text("= Ours\n", "utf-8")
    library = open_library(str(tmp_path))
    assert library.text("en/notice.txt") == "= Ours\n"
    assert library.text("zh-Hans/notice.txt") == open_library().text("zh-Hans/notice.txt")


def test_a_folder_of_our_own_adds_a_language(tmp_path: Path) -> None:
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/notice.txt").write_text("= Hysbysiad\n", "utf-8")
    added = set(open_library(str(tmp_path)).languages) - set(open_library().languages)
    assert added == {"cy"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a folder; expected a folder of notices"):
        open_library(str(tmp_path / "nowhere"))


def test_a_file_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        open_library(str(tmp_path)).text("cy/words.toml")
    assert refused.value.place == "cy/words.toml"
    assert str(tmp_path) in refused.value.expected


def test_a_file_that_is_not_utf_8_or_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "steps.toml").write_bytes(b"x = \xff")
    with pytest.raises(BadInput, match=r"not UTF-8 \(byte 4\)"):
        open_library(str(tmp_path)).table("steps.toml")
    (tmp_path / "steps.toml").write_text("[step\n", "utf-8")
    with pytest.raises(BadInput, match=r"steps\.toml: is not readable TOML"):
        open_library(str(tmp_path)).table("steps.toml")
