"""A reader's name is printed harmlessly or left out, whatever it looks like."""

from __future__ import annotations

import html
import json
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.notices.wording import (
    LONGEST_NAME,
    Rendered,
    Wording,
    fill,
    plain_line,
    plain_text,
    printable_name,
)
from tests.notices.conftest import LANGUAGES, TO_ADA, TO_ALL, TOLD, facts_with, worded

MADE = worded()
GUARDED = worded(occasion=replace(TO_ADA, guardian=True))

PRINTED = {
    "template code": "{{7*7}} Ada",
    "a template's block": "{% for x in range(9) %}Ada{% endfor %}",
    "a slot of our own": "{name} {greeting} {link}",
    "markup": '<script>alert("Ada")</script>',
    "an end of the title": '</title>"><img src=x onerror=alert(1)> Ada',
    "a formula": "=HYPERLINK(Ada)",
    "an encoded word": "=?utf-8?q?Ada=0D=0ABcc=3A_eve?=",
    "a heading": "# Ada",
    "a title": "= Ada",
    "an item": "- Ada",
    "a note": "~ Ada",
    "quotes": 'Ada "the" O\'Neil & Sons',
    "a backslash": "Ada\\1\\g<0>",
    "percent": "Ada %s %(name)s %00",
    "a title before it": "Dr.Wu",
    "initials": "J.R.R. Tolkien",
    "Chinese": "欧阳娜娜",
    "Persian, with a joiner": "علی\u200cرضا",
    "Arabic": "عائشة",
    "beyond the first plane": "𠮷野家",
}


class Elements(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("case", PRINTED)
@pytest.mark.parametrize("made", [MADE, GUARDED], ids=["person", "guardian"])
@pytest.mark.attack("A16", "A18", "A23")
def test_a_name_is_printed_as_it_is_and_changes_nothing_else(made: Wording, case: str) -> None:
    name = PRINTED[case]
    odd, usual = fill(made, name=name, about=name), fill(made, name="Ada", about="Ada")
    assert odd.text == _renamed(usual.text, name)
    assert f"Dear {name}," in odd.text
    assert f"Dear {html.escape(name)}," in odd.html
    page, plain = Elements(odd.html), Elements(usual.html)
    assert page.tags == plain.tags  # not one element more, not one attribute more
    assert f"Dear {name}," in page.said
    assert (odd.subject, odd.sms) == (usual.subject, usual.sms)


def _renamed(text: str, name: str) -> str:
    return text.replace("Dear Ada,", f"Dear {name},").replace("data of Ada ", f"data of {name} ")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Ada\u202egnol", "Adagnol"),
        ("\u2066Ada\u2069 L", "Ada L"),
        ("Ada\x00\x07\x1b[31m", "Ada[31m"),
        ("Ada\r\nBcc: eve", "Ada Bcc: eve"),
        ("Ada\u2028Lovelace\x85 x", "Ada Lovelace x"),
        ("  Ada \t\u00a0\u3000 Lovelace ", "Ada Lovelace"),
        ("A\ufeffd\u00ada\u200b", "Ada"),
        ("Ada\ue000\ufdd0\ufdd2\ufffe\U0001ffff", "Ada"),
        ("Ada\ud800", "Ada"),
    ],
)
@pytest.mark.attack("A21")
def test_what_cannot_be_seen_is_taken_out_of_a_name(name: str, printed: str) -> None:
    assert printable_name(name) == printed
    assert f"Dear {printed}," in fill(MADE, name=name).text


LEFT_OUT = {
    "an address": "https://evil.example/pay",
    "a site": "www.evil.example",
    "a bare domain": "visit evil.example now",
    "a short link": "t.me/eve",
    "a mail address": "ada@kestrel.example",
    "a full-width dot": "evil．example",
    "an ideographic dot": "evil。example",
    "a hidden joint": "evil.\u200bexample",
    "a script": "javascript:alert(1)//evil.example",
    "a data address": "data://text/html,<script>alert(1)</script>",
    "ten million letters": "A" * 10_000_000,
    "one letter too many": "A" * (LONGEST_NAME + 1),
    "no letter": "0123 - ...",
    "nothing to see": "\u200c\u200d",
    "nothing": "",
}


@pytest.mark.parametrize("case", LEFT_OUT)
@pytest.mark.parametrize("language", TOLD)
@pytest.mark.attack("A20", "A22")
def test_what_is_no_name_is_left_out_and_the_greeting_goes_without(
    language: str, case: str
) -> None:
    made = worded(language=language)
    assert fill(made, name=LEFT_OUT[case]) == fill(made)
    assert {"en": "\n\nHello,\n\n", "zh-Hans": "\n\n您好：\n\n"}[language] in fill(made).text


@given(st.text(max_size=LONGEST_NAME + 5))
@example("\u202e{{ 7 }}<b>\r\n.\r\n")
def test_no_name_adds_a_line_a_control_or_an_element(name: str) -> None:
    filled, usual = fill(MADE, name=name), fill(MADE, name="Ada")
    assert filled.text.count("\n") == usual.text.count("\n")
    assert Elements(filled.html).tags == Elements(usual.html).tags
    hidden = [c for c in filled.text if unicodedata.category(c) in ("Cc", "Cs", "Co")]
    assert set(hidden) <= {"\n"}


@given(st.text())
def test_a_plain_line_is_plain_already(text: str) -> None:
    assert plain_line(plain_line(text)) == plain_line(text)
    assert "\n" not in plain_line(text)
    assert plain_text(plain_text(text)) == plain_text(text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", [TO_ADA, TO_ALL, replace(TO_ADA, guardian=True)])
def test_a_wording_kept_as_json_reads_back_the_same(language: str, occasion: object) -> None:
    made = worded(facts_with(), occasion, language)  # type: ignore[arg-type]
    again = Wording.from_json(json.loads(json.dumps(made.as_json())))
    assert again == made
    assert again.sha256 == made.sha256
    assert fill(again, name="Bo") == fill(made, name="Bo")


def test_a_wording_of_another_version_is_not_guessed_at() -> None:
    with pytest.raises(BadInput, match="is of another version; expected format 1"):
        Wording.from_json({**MADE.as_json(), "format": 2})


def test_every_word_is_bound_by_the_hash() -> None:
    changed = [
        replace(MADE, subject="x"), replace(MADE, text="x"), replace(MADE, html="x"),
        replace(MADE, sms="x"), replace(MADE, number=2), replace(MADE, slots={}),
    ]  # fmt: skip
    assert len({each.sha256 for each in [MADE, *changed]}) == 7


def test_the_public_page_has_no_place_for_a_name() -> None:
    public = worded(occasion=TO_ALL)
    assert public.slots == {}
    assert isinstance(fill(public, name="Ada"), Rendered)
    assert "Ada" not in fill(public, name="Ada").text
