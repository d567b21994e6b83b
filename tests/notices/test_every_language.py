"""Every shipped language, whatever was taken and whoever reads: whole, plain, and short enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product
from typing import Any

import pytest

from incident_engine.domain.delivery.segments import Encoding, segments
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.catalogue import CHANGES, catalogue_of
from incident_engine.notices.media import LONGEST_PUSH
from incident_engine.notices.outline import Outline
from incident_engine.notices.phrase import phrase
from incident_engine.notices.plain_language import Finding, read_plainly, rules_of
from incident_engine.notices.public.announcement import build_site
from incident_engine.notices.slots import Occasion
from incident_engine.notices.wording import Rendered, Wording, fill
from tests.notices.conftest import LANGUAGES, TO_ADA, TO_ALL, article, bare, page, worded

READERS = {"a person": TO_ADA, "a guardian": replace(TO_ADA, guardian=True), "all": TO_ALL}
LATIN = {"de", "en", "es", "fr", "pt"}  # written with the letters of GSM-7 alone
LEFT_OVER = re.compile(
    r"\{[{%#a-z]|[%#}]\}|\{[a-z_]*\}|\bNone\b|undefined|[\ufdd0-\ufdef]|&amp;[a-z]+;"
)
CODE = "7K4M-9QXT-2WRD-HJ5C"
LEAKED, CHANGED, LOST = "confidentiality", "integrity", "availability"
SOMEHOW: list[list[str]] = [
    [], [LEAKED], [CHANGED], [LOST], ["authenticity"],
    [LEAKED, CHANGED], [LEAKED, LOST], [CHANGED, LOST], [LEAKED, CHANGED, LOST],
]  # fmt: skip


def happened(kinds: list[str], **known: Any) -> Any:
    clocks = {"occurred_from": "2026-03-02", "occurred_until": "2026-03-04", "aware": "2026-03-05"}
    organisation = {"name": "Kestrel Cloud", "parent": "Kestrel Holding", "country": "US"}
    return bare(kinds=kinds, clocks=clocks, organisation=organisation, **known)


def all_that_can_be_said(reader: Occasion, *codes: DataType) -> Occasion:
    """A notice with every part that any law or occasion can put into it."""
    return replace(
        reader,
        data_types=tuple(map(str, codes)),
        content=frozenset(ContentItem),
        country="US",
        number=2,
        changes=CHANGES,
        delay="2026",
        check="www.kestrel.example/check",
    )


def every_medium(made: Wording, letter: Rendered) -> Iterator[str]:
    yield from (letter.subject, letter.text, letter.html, letter.sms, letter.push, made.banner)
    yield from (made.press, *letter.voice.values())


def on_a_screen(letter: Rendered) -> tuple[str, ...]:
    """What whoever stands beside the reader sees or hears."""
    preview = re.search(r'class="preview"[^>]*>([^<]*)<', letter.html)
    assert preview
    voice = letter.voice
    return letter.subject, letter.sms, letter.push, preview[1], voice["machine"], voice["prompt"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_data_it_was_nothing_is_left_open_and_no_screen_tells_which(
    language: str,
) -> None:
    facts, seen = happened([LEAKED]), set()
    for code, reader in zip(DataType, cycle(READERS)):
        made = worded(facts, replace(READERS[reader], data_types=(str(code),)), language)
        letter = fill(made, name="Ada", about="Di")
        assert [text for text in every_medium(made, letter) if LEFT_OVER.search(text)] == []
        assert catalogue_of(language).type_name(code) in letter.text
        seen.add((reader, on_a_screen(letter)))
    assert len(seen) == len(READERS)
    assert [screen for _, screen in seen if re.search(r"\bAda\b|\bDi\b", " ".join(screen))] == []


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_happened_all_that_can_be_said_is_said_in_full(language: str, reader: str) -> None:
    occasion = all_that_can_be_said(READERS[reader], DataType.EMAIL)
    words = catalogue_of(language).words
    said = [*words["law"].values(), words["delay"], *words["changed"].values()]
    said += [phrase(words["parent"], name="Kestrel Holding"), "FTC IdentityTheft.gov"]
    for kinds, confirmed in zip(SOMEHOW, cycle((True, False))):
        made = worded(happened(kinds, confirmed=confirmed), occasion, language)
        letter = fill(made, name="Ada", about="Di", code=CODE)
        assert [text for text in every_medium(made, letter) if LEFT_OVER.search(text)] == []
        assert (words["situation"]["suspected"] in letter.text) is not confirmed
        assert [each for each in said if each not in letter.text] == []
        assert (CODE in letter.text) is not occasion.public
        paragraphs = letter.text.split("\n\n")
        assert phrase(words["parent"], name="Kestrel Holding") in paragraphs
        assert words["delay"] in paragraphs


@pytest.mark.parametrize("check", ["", "www.kestrel.example/check"], ids=["", "with a code"])
@pytest.mark.parametrize("confirmed", [True, False], ids=["known", "suspected"])
@pytest.mark.parametrize("guardian", [False, True], ids=["a person", "a guardian"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sms_is_one_message_where_the_language_has_the_letters_and_two_elsewhere(
    language: str, guardian: bool, confirmed: bool, check: str
) -> None:
    occasion = replace(TO_ADA, guardian=guardian, check=check)
    made = worded(happened(["confidentiality"], confirmed=confirmed), occasion, language)
    letter = fill(made, name="Ada", code=CODE)
    found = segments(letter.sms)
    assert (found.encoding, found.count) == (
        (Encoding.GSM_7, 1) if language in LATIN else (Encoding.UCS_2, 2)
    ), letter.sms
    assert "INC-2026-0001" in letter.sms
    assert (CODE in letter.sms) is bool(check)
    assert len(letter.push) <= LONGEST_PUSH


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shorter_form_of_an_sms_is_shorter_and_doubt_is_in_every_one(language: str) -> None:
    sms = catalogue_of(language).words["sms"]
    for forms in sms.values():
        assert [len(form) for form in forms] == sorted(map(len, forms), reverse=True)
    assert not {*sms["person"], *sms["guardian"]} & {
        *sms["person suspected"], *sms["guardian suspected"]
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_only_suspected_is_not_said_as_certain_by_voice_or_banner(language: str) -> None:
    leaked, feared = (happened([LEAKED], confirmed=known) for known in (True, False))
    spoken = {
        fill(worded(facts, reader, language)).voice["content"]
        for facts in (leaked, feared)
        for reader in (TO_ADA, replace(TO_ADA, guardian=True))
    }
    assert len(spoken) == 4
    assert worded(leaked, TO_ALL, language).banner != worded(feared, TO_ALL, language).banner


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_pass_our_own_rules_of_plain_language(language: str) -> None:
    found: set[Finding] = set()
    for reader, kinds, confirmed in product(READERS.values(), SOMEHOW, (True, False)):
        facts = happened(kinds, confirmed=confirmed, data={"backup": True})
        short = replace(reader, data_types=("name",), content=frozenset())
        found |= findings(worded(facts, short, language).outline, language)
    for kind in (LEAKED, CHANGED, LOST):
        occasion = all_that_can_be_said(READERS["a guardian"], *DataType)
        found |= findings(worded(happened([kind]), occasion, language).outline, language)
    assert found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offices_of_every_country_pass_them_too(language: str) -> None:
    found: set[Finding] = set()
    for country in catalogue_of(language).places:
        reader = replace(TO_ADA, country=country, data_types=tuple(map(str, DataType)))
        found |= findings(worded(happened([LEAKED]), reader, language).outline, language)
    assert found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_and_every_consequence_is_told_in_plain_words(language: str) -> None:
    words = catalogue_of(language).words
    said = [*words["cause"]["scenario"].values(), *words["cause"]["action"].values()]
    for table in ("situation", "impact", "service", "hold", "measure", "remedy"):
        said += words[table].values()
    alone = [Outline(title="", opening=(each,), sections=()) for each in said]
    assert [each for outline in alone for each in findings(outline, language)] == []


def findings(outline: Outline, language: str) -> set[Finding]:
    reading = read_plainly(outline, language, rules_of(language))
    assert len(outline.opening) == 1 or reading.level.holds
    return set(reading.findings)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_preview_of_a_mail_begins_as_a_sentence_does(language: str, reader: str) -> None:
    preview = on_a_screen(fill(worded(occasion=READERS[reader], language=language)))[3]
    assert preview[0] == preview[0].upper()
    assert "Kestrel Cloud" in preview


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_is_never_broken_over_two_lines_and_is_copied_as_it_is(
    language: str,
) -> None:
    mail = fill(worded(language=language)).html
    site = build_site(page(articles=(article(language=language),)))
    public = site[f"{language}/index.html"].decode()
    for html in (mail, public):
        body = html[html.index("<body") :]
        assert body.count("INC-2026-0001") >= 2
        kept = re.findall(r'<span class="whole"[^>]*>INC-2026-0001</span>', body)
        assert len(kept) == body.count("INC-2026-0001")
    assert re.search(r'class="whole" style="white-space: ?nowrap', mail)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "1er mars 2026 à 12:00 (heure"),
        ("ar", "1 مارس 2026، 12:00 ("),
        ("de", "1. März 2026, 12:00 Uhr ("),
        ("ru", "1 марта 2026 года, 12:00 ("),
        ("es", "1 de marzo de 2026, 12:00 ("),
        ("ko", "2026년 3월 1일 12:00("),
        ("ja", "2026年3月1日 12:00（"),
        ("en", "1 March 2026, 12:00 ("),
    ],
)
def test_a_moment_on_the_public_page_is_written_as_its_readers_write_it(
    language: str, written: str
) -> None:
    put_up = TO_ADA.at.replace(day=1)
    site = build_site(page(put_up_at=put_up, articles=(article(language=language),)))
    assert written in site[f"{language}/index.html"].decode()


def test_the_first_of_a_month_is_no_number_in_french() -> None:
    first, last = "2026-03-01", "2026-03-02"
    facts = bare(kinds=["confidentiality"], clocks={"occurred_from": first, "occurred_until": last})
    assert "entre le 1er mars 2026 et le 2 mars 2026" in worded(facts, language="fr").text


def test_french_keeps_its_marks_by_the_word_before_them() -> None:
    text = fill(worded(occasion=all_that_can_be_said(TO_ADA, *DataType), language="fr"), code=CODE)
    assert "\u00a0:" in text.text
    assert re.findall(r"[^\n]* [:;?!»][^\n]*", text.text) == []
    assert re.findall(r"[^\n]*« [^\n]*", text.text) == []


def test_the_lead_of_an_arabic_page_has_a_space_after_each_of_its_sentences() -> None:
    lead = article(language="ar").lead
    assert re.findall(r"[.؟!:](?=[\u0621-\u064a])", lead) == []
