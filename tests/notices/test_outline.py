"""Lines of a notice become a title, headings and items; a value never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.notices.outline import Item, Section, as_value, read_outline
from tests.notices.conftest import LANGUAGES, facts_with, worded

LETTER = """= Title
Dear Ada,

# One
A paragraph.
- An item
~ Its note
~ goes on
- Another
## Below
More.
## Empty, so left out
# Two
"""


def test_a_notice_is_read_from_top_to_bottom() -> None:
    read = read_outline(LETTER, name="notice.txt")
    assert (read.title, read.opening) == ("Title", ("Dear Ada,",))
    assert read.sections == (
        Section(
            level=2,
            heading="One",
            paragraphs=("A paragraph.",),
            items=(Item(text="An item", note="Its note goes on"), Item(text="Another")),
        ),
        Section(level=3, heading="Below", paragraphs=("More.",)),
    )


def test_a_heading_with_nothing_under_it_is_left_out_unless_a_law_fixes_it() -> None:
    text = "= T\n# One\n## Below\nMore.\n# Two\n## Under two\n# Three\n"
    assert [s.heading for s in read_outline(text, name="n").sections] == ["One", "Below"]
    fixed = read_outline(text, name="n", whole=True).sections
    assert [s.heading for s in fixed] == ["One", "Below", "Two", "Three"]


def test_a_space_that_does_not_break_stays_one() -> None:
    read = read_outline("= T\nQue  faire\u00a0:\tlisez\u202f!  \n", name="notice.txt")
    assert read.opening == ("Que faire\u00a0: lisez\u202f!",)


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("Dear Ada,\n", "notice.txt", "has no title"),
        ("= T\n~ a note\n", "notice.txt, line 2", "a note that nothing carries"),
        ("= T\n# H\n- item\nparagraph\n", "notice.txt, line 4", "a paragraph that nothing carries"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(text: str, place: str, found: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_outline(text, name="notice.txt")
    assert refused.value.place.startswith(place)
    assert refused.value.found == found
    assert refused.value.next_step


@pytest.mark.parametrize("value", ["# H", "## H", "= T", "- i", "~ n", "a\n# b\r\n- c\r= d"])
def test_a_value_is_never_a_heading_or_an_item(value: str) -> None:
    read = read_outline(f"= Title\n{as_value(value)}\n", name="notice.txt")
    assert read.title == "Title"
    assert read.sections == ()
    assert " ".join(read.opening) == " ".join(value.split())


@given(st.text(st.characters(exclude_characters="\ufdd0\ufdd1\ufdd2\ufdd3"), min_size=1))
def test_no_value_whatever_makes_a_section(value: str) -> None:
    read = read_outline(f"= Title\n# One\n{as_value(value)}\n- item\n", name="notice.txt")
    assert (read.title, [s.heading for s in read.sections]) == ("Title", ["One"])
    assert read.sections[0].items == (Item(text="item"),)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["summary", "cause", "consequences", "measures", "remedies"])
def test_a_story_with_marks_in_it_stays_a_paragraph(language: str, part: str) -> None:
    story = "= Not a title\n# Not a heading\n- Not an item\n~ Not a note"
    odd, usual = (
        worded(facts_with({f"story.{language}.{part}": said}), language=language).outline
        for said in (story, "Said.")
    )
    assert odd.title == usual.title
    assert [s.heading for s in odd.sections] == [s.heading for s in usual.sections]
    assert [s.items for s in odd.sections] == [s.items for s in usual.sections]
    said = [line for section in odd.sections for line in section.paragraphs]
    assert {"= Not a title", "# Not a heading", "- Not an item", "~ Not a note"} <= set(said)
