"""A letter is whole, accessible and archivable, and shows nothing but its address in a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.notices.letter import set_letter
from incident_engine.notices.wording import Wording
from tests.notices.conftest import KESTREL, LANGUAGES, TO_ADA, facts_with, worded

# Joined Arabic letters come out of a PDF in the order of the eye: looked at, not read back.
READ_BACK = [language for language in LANGUAGES if language != "ar"]

AT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
CODE = "7K3M-9QXA-2BCD-EFGH"
HOME = ("12 Harbour Street", "Flat 3", "Bristol BS1 4ND", "UNITED KINGDOM")
SEVEN = (
    "c/o Dr. Hannelore Schmidt", "Hinterhaus, 3. Stock links", "Wohnung 17",
    "Donaudampfschifffahrtsstraße 112a", "Ortsteil Niederschönhausen", "13156 Berlin", "GERMANY",
)  # fmt: skip
CHECKED = replace(TO_ADA, check="kestrel.example/check")
MM = 72 / 25.4


@cache
def wording(language: str = "en", *, guardian: bool = False) -> Wording:
    return worded(occasion=replace(CHECKED, guardian=guardian), language=language)


def letter(
    name: str = "Ada Lovelace",
    address: Sequence[str] = HOME,
    language: str = "en",
    made: Wording | None = None,
    about: str = "",
) -> bytes:
    return set_letter(
        made or wording(language), name=name, about=about, address=address, code=CODE, at=AT
    )


def text(pdf: bytes) -> str:
    """What a program reads, without spaces, ends of lines and the places where long words break."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split()).replace("\u200b", "")


def squeezed(said: str) -> str:
    return "".join(said.split())


def elements(pdf: bytes) -> list[str]:
    """The names of all elements of the structure tree, in reading order."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return list(_kinds(document.Root.StructTreeRoot.K))


def _kinds(node: Any) -> Iterator[str]:
    if isinstance(node, pikepdf.Array):
        for each in node:  # type: ignore[attr-defined]
            yield from _kinds(each)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield str(node.S)
        if "/K" in node:
            yield from _kinds(node.K)


Run = tuple[float, float, float, str]


def runs(pdf: bytes) -> list[Run]:
    """Each run of text on the first page: millimetres from the left and the top, points, words."""
    page = pypdf.PdfReader(BytesIO(pdf)).pages[0]
    height, found = float(page.mediabox.height), list[Run]()

    def visit(said: str, cm: Sequence[float], tm: Sequence[float], _: Any, size: float) -> None:
        if not said.strip():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] * cm[3]) or abs(tm[0] * cm[0])
        found.append((x / MM, (height - y) / MM, size * scale, said.strip()))

    page.extract_text(visitor_text=visit)
    return found


# Where a window lies over the sheet, in mm from its left and top: nominal, and how far the sheet
# can move to the right and down in its envelope.
WINDOWS = {
    "DIN 680, DIN 5008 form B": (20, 45, 90, 45),
    "ISO 269 DL, folded to 105 mm": (20, 55, 90, 35),
    "ISO 269 DL, folded to 99 mm": (20, 49, 90, 35),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("address", [HOME, SEVEN, HOME[:1]], ids=["four", "seven", "one"])
def test_nothing_but_the_address_shows_in_a_window_even_if_the_sheet_shifts(
    language: str, window: str, address: Sequence[str]
) -> None:
    left, top, width, height = WINDOWS[window]
    pdf = letter("Maximiliane Wolkenstein", address, language)
    allowed = {squeezed(line) for line in ("Maximiliane Wolkenstein", *address)}
    for x, y, size, said in runs(pdf):
        higher = y - size / MM  # what is written reaches up from its line
        if left - 5 < x < left + width + 5 and higher < top + height + 5 and y > top - 5:
            assert squeezed(said) in allowed, (said, x, y)


@pytest.mark.parametrize("address", [HOME, SEVEN, HOME[:1]], ids=["four", "seven", "one"])
def test_the_whole_address_shows_wherever_the_sheet_lies_in_its_envelope(
    address: Sequence[str],
) -> None:
    shown = [
        (x, y) for x, y, _, said in runs(letter("Ada Lovelace", address))
        if said in ("Ada Lovelace", *address)
    ]  # fmt: skip
    assert len(shown) >= len(address)
    assert min(x for x, _ in shown) >= 20
    assert min(y for _, y in shown) - 10 / MM >= 57  # the first line's letters, from their top
    assert max(y for _, y in shown) + 2 / MM <= 90  # and the last one's tails


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_english_street_below_an_arabic_name_keeps_its_number_in_front(language: str) -> None:
    found = runs(letter("ليلى حسن", HOME, language))
    [street] = {y for _, y, _, said in found if "Harbour" in said and 45 < y < 95}
    in_order = [said for x, y, _, said in sorted(found) if y == street and x < 116]
    assert "".join(in_order).replace("\u200e", "").startswith("12")


@pytest.mark.parametrize("letters", ["W", "M", "\u00c4", "\u6b27"])
@pytest.mark.attack("A27")
def test_the_longest_line_ends_inside_the_window(letters: str) -> None:
    """Set in the widest letters there are: what follows on a line tells where the former ended."""
    widest = {"W": 9.4, "M": 9.1, "\u00c4": 6.5, "\u6b27": 10}[letters]  # points, at 10 pt
    ends = [
        x + len(said.replace("\u200b", "")) * widest / MM
        for x, y, _, said in runs(letter(letters * 20, (letters * 60, letters * 30)))
        if 45 < y < 95 and x < 116
    ]
    assert ends
    assert max(ends) <= 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_smaller_than_ten_points(language: str) -> None:
    """Cal. Civ. Code 1798.82(d)(1)(D)."""
    assert min(size for _, _, size, _ in runs(letter(language=language))) >= 9.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_shows_before_the_envelope_is_opened_names_no_kind_of_data(language: str) -> None:
    seen = squeezed(" ".join(said for _, y, _, said in runs(letter(language=language)) if y < 98))
    for kind in ("name", "email", "data", "姓名", "邮箱", "信息"):
        assert kind not in seen.lower()


@pytest.mark.parametrize("language", READ_BACK)
def test_a_letter_says_all_that_the_notice_says(language: str) -> None:
    made = wording(language)
    found = text(letter(language=language))
    plain = [made.outline.title, *(each.heading for each in made.outline.sections)]
    for section in made.outline.sections:
        plain += [line for line in section.paragraphs if "\ufdd0" not in line]
        plain += [part for item in section.items for part in (item.text, item.note)]
    for line in plain:
        assert squeezed(line) in found
    for said in ("Ada Lovelace", *HOME, CODE, "INC-2026-0001", KESTREL.organisation):
        assert squeezed(said) in found


def test_a_guardian_is_written_to_about_the_child() -> None:
    found = text(letter("Mara Byron", made=wording(guardian=True), about="Ada"))
    assert "DearMaraByron" in found
    assert "personaldataofAda" in found


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-Hans", "zh")])
def test_a_letter_is_archivable_and_accessible_and_says_so(language: str, tag: str) -> None:
    pdf = letter(language=language)
    with pikepdf.open(BytesIO(pdf)) as document:
        meta = document.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"
        assert str(document.Root.Lang).split("-")[0] == tag
        assert document.Root.MarkInfo.Marked
        assert "INC-2026-0001" in meta["dc:title"]
        assert document.Root.ViewerPreferences.DisplayDocTitle
    kinds = elements(pdf)
    assert kinds.count("/H1") == 1
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/LBody"} <= set(kinds)
    items = sum(len(section.items) for section in wording(language).outline.sections)
    assert kinds.count("/LI") == items


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_font_is_embedded_and_says_what_its_signs_mean(language: str) -> None:
    with pikepdf.open(BytesIO(letter(language=language))) as document:
        fonts = [each for each in document.objects if _is_font(each)]
        assert fonts
        for font in fonts:
            assert "/ToUnicode" in font
            [inner] = font.DescendantFonts
            descriptor = inner.FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.keys())


def _is_font(each: Any) -> bool:
    return isinstance(each, pikepdf.Dictionary) and each.get("/Subtype") == "/Type0"


@pytest.mark.parametrize("language", READ_BACK)
def test_pages_are_numbered_in_the_readers_words(language: str) -> None:
    pages = pypdf.PdfReader(BytesIO(letter(language=language))).pages
    for number, page in enumerate(pages, start=1):
        said = worded(language=language).letter["page"]
        said = said.replace("{page}", str(number)).replace("{pages}", str(len(pages)))
        assert squeezed(said) in squeezed(page.extract_text())


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert letter() == letter()


def test_without_a_place_to_check_it_a_letter_has_no_code() -> None:
    bare = set_letter(worded(), name="Ada", address=HOME, code="", at=AT)
    assert "Yourcode" not in text(bare)


ARABIC = {"name": "عائشة الحسن", "address": ("شارع التحرير 12", "الزمالك", "القاهرة 11211")}


def test_arabic_letters_run_from_right_to_left_and_their_font_is_embedded() -> None:
    made = replace(wording(), language="ar")
    pdf = letter(ARABIC["name"], ARABIC["address"], made=made)  # type: ignore[arg-type]
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "ar"
        names = {str(each.BaseFont) for each in document.objects if _is_font(each)}
    assert any("NotoSansArabic" in name for name in names)
    shown = [x for x, y, _, said in runs(pdf) if 58 < y < 90 and x < 116]
    assert shown
    body = [x for x, y, _, said in runs(pdf) if y > 100 and said.startswith("We are")]
    assert all(x > 20 for x in body)


# --- what comes from outside ------------------------------------------------------------------

PRINTED = {
    "typst markup": "#panic[Ada] $x$ @ref <label> *b* _e_ `raw` \\ // /* ",
    "typst code": '#{ read("/etc/passwd") } Ada',
    "an import": '#import "@preview/cetz:0.3.0" Ada',
    "a file of the machine": '#image("file:///etc/passwd") Ada',
    "an address of the network": '#image("http://169.254.169.254/latest/meta-data") Ada',
    "a style sheet": '@import url("http://169.254.169.254/x.css"); Ada',
    "HTML": '<script>alert("Ada")</script> &amp; <img src=x>',
    "a template": "{{7*7}} {% for x in y %} Ada {page}",
    "a heading": "= Ada",
    "quotes": 'Ada "the" O\'Neil \\u{202e}',
}


@pytest.mark.parametrize("case", PRINTED)
@pytest.mark.attack("A16", "A25")
def test_what_looks_like_markup_is_printed_as_it_is(case: str) -> None:
    said = PRINTED[case]
    found = text(letter(said, (said, "Bristol")))
    # A web address is nobody's name: it stands in the address alone, and no greeting repeats it.
    assert found.count(squeezed(said)) >= (1 if "://" in said else 2)


@pytest.mark.parametrize("odd", ["\x00", "\u202e", "\u2066", "\u200b", "\ufdd0", "\x85", "\x1b[2J"])
@pytest.mark.attack("A21")
def test_what_is_invisible_or_turns_the_line_is_left_out(odd: str) -> None:
    found = text(letter(f"Ada{odd} Lovelace", (f"12 Har{odd}bour Street", "Bristol")))
    assert odd not in found
    assert "AdaLovelace" in found.replace("[2J", "")


def test_a_sign_that_no_font_has_is_spelled() -> None:
    assert "Ada[U+1F600]" in text(letter("Ada \U0001f600", ("Bristol \U00013000",)))
    assert "Bristol[U+13000]" in text(letter("Ada", ("Bristol \U00013000",)))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (tuple(f"Line {n}" for n in range(12)), "more than seven lines"),
        (("x" * 10_000_000,), "a line of 10000000 characters"),
        (("x" * 101,), "over 100 characters"),
        (tuple("W" * 100 for _ in range(7)), "more room"),
        ((), "is empty"),
        ((" ", "\u200b"), "is empty"),
    ],
    ids=["twelve lines", "10 MB", "a long line", "seven long lines", "none", "blank"],
)
@pytest.mark.attack("A27")
def test_an_address_that_does_not_fit_is_refused_with_a_sentence(
    address: tuple[str, ...], why: str
) -> None:
    with pytest.raises(BadInput) as refused:
        letter(address=address)
    said = str(refused.value)
    assert why in said
    assert "people file" in said
    assert "xxxx" not in said
    assert "WWWW" not in said


@pytest.mark.attack("A22")
def test_a_name_of_ten_megabytes_is_no_name() -> None:
    found = text(letter("A" * 10_000_000))
    assert "AAAA" not in found
    assert "Hello," in found


@settings(max_examples=60)
@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=9))
def test_whatever_comes_a_letter_is_set_or_refused_and_nothing_else(
    name: str, address: list[str]
) -> None:
    try:
        pdf = letter(name, address)
    except BadInput as refused:
        pdf = b"%PDF, refused" if refused.next_step else b""
    assert pdf.startswith(b"%PDF")


@pytest.mark.attack("A26")
def test_a_story_with_a_word_longer_than_the_line_stays_on_the_sheet() -> None:
    made = worded(facts_with({"story.en.cause": "x" * 300}), CHECKED)
    assert "x" * 300 in text(letter(made=made))


def printed_or_refused(made: Callable[[], bytes]) -> bytes:
    """A PDF, or a refusal that says what to do: in either case it came to an end."""
    try:
        return made()
    except BadInput as refused:
        return b"%PDF, refused" if refused.next_step else b""


@pytest.mark.attack("A26")
def test_a_story_of_sixty_thousand_letters_is_set_or_refused() -> None:
    long = ("Somebody copied the list. " * 4_000)[:60_000]
    made = worded(facts_with({"story.en.cause": long}), CHECKED)
    assert printed_or_refused(lambda: letter(made=made)).startswith(b"%PDF")


@pytest.mark.attack("A26")
@pytest.mark.parametrize("mark", ["\u0301", "\u200d", "\u202e", "\U000e0041", "\ufdfa", "\u0e47"])
def test_a_name_of_stacked_marks_is_set_or_refused(mark: str) -> None:
    """Hundreds of marks over one letter, which a layout engine must place one by one."""
    name = f"A{mark * 190}da"
    assert printed_or_refused(lambda: letter(name)).startswith(b"%PDF")
