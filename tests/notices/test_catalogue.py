"""The words: nothing missing, nothing computed, and every sentence plain."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.errors import BadFile, BadInput
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.words import Scenario
from incident_engine.home import shipped
from incident_engine.notices.catalogue import WHEN, Catalogue, catalogue_of
from incident_engine.notices.render import slots_used
from incident_engine.notices.slots import SLOTS
from tests.notices.conftest import LANGUAGES, TO_ADA, TOLD, bare, facts_with, worded

HAPPENED = ("leak", "tamper", "loss")


# --- whole ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(DataType))
def test_each_kind_of_data_has_a_name_a_harm_and_a_step_that_helps(
    language: str, code: DataType
) -> None:
    catalogue = catalogue_of(language)
    assert catalogue.type_name(code)
    for happened in HAPPENED:
        assert catalogue.harm(code, [happened]) != [""]
        assert catalogue.advice([code], [happened])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_to_say(language: str) -> None:
    english, other = catalogue_of("en"), catalogue_of(language)
    odd = {"when": {"date_first": None}} if language == "fr" else {}  # le 1er mars
    assert shape(other.words) == shape(english.words) | {
        table: shape(english.words[table]) | more for table, more in odd.items()
    }
    assert shape(other.types) == shape(english.types)
    assert shape(other.steps) == shape(english.steps)
    assert {table: len(forms) for table, forms in other.words["sms"].items()} == {
        table: len(forms) for table, forms in english.words["sms"].items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_says_what_any_notice_can_say(language: str) -> None:
    assert slots_used(catalogue_of(language).notice, name=language, slots=SLOTS) == SLOTS


def shape(table: Any) -> Any:
    return {k: shape(v) for k, v in table.items()} if isinstance(table, dict) else None


def test_steps_come_once_the_most_urgent_first() -> None:
    catalogue = catalogue_of("en")
    steps = catalogue.advice(list(DataType), HAPPENED, guardian=True)
    codes = [step.code for step in steps]
    assert len(set(codes)) == len(codes)
    assert codes == [code for code in catalogue.order["step"] if code in codes]
    urgency = [WHEN.index(step.when) for step in steps]
    assert urgency == sorted(urgency)
    assert all(step.minutes > 0 for step in steps)


def test_every_step_is_for_some_kind_of_data() -> None:
    catalogue = catalogue_of("en")
    used = {s.code for s in catalogue.advice(list(DataType), HAPPENED, guardian=True)}
    assert used == set(catalogue.order["step"])


# --- an organisation's own ------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of notices of our own: a copy of the shipped ones."""
    folder = tmp_path / "notices"
    shutil.copytree(shipped("templates") / "notices", folder)
    return folder


def changed(own: Path, path: str, old: str, new: str) -> str:
    text = (own / path).read_text("utf-8")
    assert text.count(old) == 1, text.count(old)
    (own / path).write_text(text.replace(old, new), "utf-8")
    return str(own)


@pytest.mark.parametrize(
    ("path", "old", "new", "place", "found"),
    [
        ("words.toml", '[cause.scenario]\n', "[cause.scenarios]\n",
         "words.toml [cause.scenario]", "exfiltration"),
        ("words.toml", 'on = "on {first}"\n', "",
         "words.toml [when]", "on"),
        ("words.toml", '"leak tamper loss" = ', '"all three" = ',
         "words.toml [what]", "leak tamper loss"),
        ("words.toml", 'skip = "Skip to the text"\n', "",
         "words.toml [page]", "skip"),
        ("words.toml", 'nameless = "Hello,"', 'nameless = ""',
         "words.toml [slots.greeting]", "nameless"),
        ("data-types.toml", 'loss   = "We cannot reach you by email."\n', "",
         "data-types.toml [email]", "loss"),
        ("steps.toml", "[mfa]", "[mfaa]",
         "steps.toml [mfa]", "do"),
    ],
)  # fmt: skip
def test_a_gap_in_a_language_of_our_own_is_named_before_anything_is_written(
    own: Path, tmp_path: Path, path: str, old: str, new: str, place: str, found: str
) -> None:
    shutil.copytree(own / "en", tmp_path / "mine/cy")
    with pytest.raises(BadFile) as refused:
        catalogue_of("cy", changed(tmp_path / "mine", f"cy/{path}", old, new))
    faults = [(fault.place, fault.found) for fault in refused.value.faults]
    assert (f"cy/{place}", f"has nothing for {found}") in faults
    assert all(fault.next_step for fault in refused.value.faults)


def test_a_few_words_of_our_own_stand_over_those_shipped(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en/words.toml").write_text('[slots.greeting]\nnameless = "Good day,"\n', "utf-8")
    words = catalogue_of("en", str(tmp_path)).words
    assert words["slots"]["greeting"] == {"named": "Dear {name},", "nameless": "Good day,"}
    assert words["page"] == EN.words["page"]


@pytest.mark.parametrize(
    ("path", "text", "place", "found"),
    [
        ("en/words.toml", '[cause.scenario]\nexfil = "x"\n', "[cause.scenario]", "exfil"),
        ("en/words.toml", 'sbject = "x"\n', "", "sbject"),
        ("en/data-types.toml", '[emial]\nname = "x"\n', "", "emial"),
    ],
)
def test_a_word_of_our_own_that_nothing_uses_is_named(
    tmp_path: Path, path: str, text: str, place: str, found: str
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / path).write_text(text, "utf-8")
    with pytest.raises(BadInput) as refused:
        catalogue_of("en", str(tmp_path))
    assert refused.value.place == f"{path} {place}".strip()
    assert refused.value.found == f"has {found}, which nothing uses"


def test_a_step_that_does_not_exist_is_named_where_it_is_used(own: Path) -> None:
    old = '["scam_alert", "no_codes", "screenshot", "scam_report"]'
    templates = changed(own, "steps.toml", old, '["no_such"]')
    with pytest.raises(BadFile, match=r"steps\.toml \[every\]: names the step no_such"):
        catalogue_of("en", templates)


def test_a_step_for_no_time_is_refused(own: Path) -> None:
    old = 'mfa               = { when = "now"'
    with pytest.raises(BadFile, match=r"\[step\.mfa\]: is for soon; expected now or week or later"):
        catalogue_of("en", changed(own, "steps.toml", old, old.replace("now", "soon")))


@pytest.mark.parametrize(
    ("old", "odd"),
    [
        ("{name},", "{nmae}"),
        ("{count}", "{count.__class__}"),
        ("{phone}", "{phone:>1000000000}"),
        ("{minutes}", "{0}"),
        ("{first}", "{first"),
        ("{when}", "{}"),
    ],
)
def test_braces_that_nothing_fills_are_refused_and_nothing_in_them_runs(
    own: Path, old: str, odd: str
) -> None:
    text = (own / "en/words.toml").read_text("utf-8")
    (own / "en/words.toml").write_text(text.replace(old, odd, 1), "utf-8")
    with pytest.raises(BadFile) as refused:
        catalogue_of("en", str(own))
    [fault] = refused.value.faults
    assert fault.place.startswith("en/words.toml, ")
    assert "in it" in fault.found


def test_a_language_of_our_own_needs_one_folder_and_no_other_file(
    own: Path, tmp_path: Path
) -> None:
    shutil.copytree(own / "en", tmp_path / "mine/cy")
    catalogue = catalogue_of("cy", str(tmp_path / "mine"))
    assert catalogue.words["page"]["skip"]
    assert catalogue.type_name("email") == "Email address"


def test_a_language_without_its_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy/notice.txt").write_text("= Hysbysiad\n", "utf-8")
    with pytest.raises(BadInput, match=r"cy/words\.toml: is in none of the folders"):
        catalogue_of("cy", str(tmp_path))


# --- plain words ----------------------------------------------------------------------------

EN, ZH = catalogue_of("en"), catalogue_of("zh-Hans")
# 可能 is the "can" of a harm that may follow; whether the reader is hit is never put in doubt.
HEDGES = re.compile(
    r"\b(may|might|possibly|potentially|perhaps|we believe|up to)\b|或许|也许|大概"
    r"|可能[^。]*(?:泄露|丢失|篡改|受影响)|(?:泄露|丢失|篡改|受影响)[^。]*可能",
    re.I,
)
SOOTHING = re.compile(
    r"takes? (?:your|the) (?:privacy|security)|seriously|utmost|abundance of caution|no evidence"
    r"|valued|inconvenience|rest assured|请放心|高度重视|没有证据|带来不便",
    re.I,
)
JARGON = re.compile(
    r"\b(?:unauthori[sz]ed|exfiltrat|credential|remediat|mitigat|threat actor|vector|PII"
    r"|incident response|data subject|pursuant|herein|aforementioned|compromised|leverage)",
    re.I,
)
ALARM = re.compile(r"!|！|\b(?:urgent|immediately|warning|act now)\b", re.I)


def sentences(catalogue: Catalogue) -> Iterator[str]:
    """Every sentence of the catalogue that a reader can meet outside of an SMS."""
    tables = [catalogue.types, catalogue.steps]
    tables += [
        catalogue.words[t] for t in ("situation", "cause", "impact", "service", "hold", "page")
    ]
    for table in tables:
        for text in leaves(table):
            yield from re.findall(r"[^.!?。！？]+[.!?。！？]+", text)


def leaves(table: Any) -> Iterator[str]:
    for value in table.values():
        if isinstance(value, str):
            yield value
        else:
            yield from leaves(value)


def full(catalogue: Catalogue) -> str:
    """The catalogue and its notice without the notice's code."""
    notice = re.sub(r"\{[#%].*?[#%]\}", "", catalogue.notice, flags=re.S)
    tables = (catalogue.types, catalogue.steps, catalogue.words["cause"], catalogue.words["impact"])
    return "\n".join([notice, *(text for table in tables for text in leaves(table))])


@pytest.mark.parametrize("catalogue", [EN, ZH], ids=TOLD)
@pytest.mark.parametrize("words", [HEDGES, SOOTHING, JARGON], ids=["hedges", "soothing", "jargon"])
def test_nothing_is_softened_and_nothing_needs_a_dictionary(
    catalogue: Catalogue, words: re.Pattern[str]
) -> None:
    assert words.findall(full(catalogue)) == []


def test_nothing_shouts() -> None:
    assert [s for s in sentences(EN) if ALARM.search(s) or re.search(r"\b[A-Z]{6,}\b", s)] == []
    assert [s for s in sentences(ZH) if "！" in s] == []


def test_english_sentences_are_short() -> None:
    lengths = {s: len(s.split()) for s in sentences(EN)}
    assert [s for s, words in lengths.items() if words > 25] == []
    assert sum(lengths.values()) / len(lengths) <= 15


def test_chinese_sentences_are_short() -> None:
    lengths = {s: len(re.findall(r"[\u4e00-\u9fff]", s)) for s in sentences(ZH)}
    assert [s for s, letters in lengths.items() if letters > 45] == []
    assert sum(lengths.values()) / len(lengths) <= 25


@pytest.mark.parametrize("code", list(DataType))
def test_a_harm_is_a_sentence_or_two_of_at_most_twenty_words(code: DataType) -> None:
    for happened in HAPPENED:
        [harm] = EN.harm(code, [happened])
        said = re.findall(r"[^.]+\.", harm)
        assert 1 <= len(said) <= 2
        assert max(len(each.split()) for each in said) <= 20


@pytest.mark.parametrize("scenario", [s for s in Scenario if s is not Scenario.OTHER])
def test_a_cause_says_who_did_it_in_the_active(scenario: Scenario) -> None:
    said = EN.words["cause"]["scenario"][scenario]
    assert not re.search(r"\b(was|were|been) \w+ed\b", said.partition(". ")[0])


def severe() -> Facts:
    types = ["ssn", "medical_record", "password", "bank_account", "face"]
    return facts_with(
        {"data.types": types, "kinds": ["confidentiality", "integrity", "availability"]}
    )


@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("case", ["mild", "severe"])
def test_a_notice_has_no_wall_of_text(language: str, case: str) -> None:
    facts = severe() if case == "severe" else bare(kinds=["confidentiality"])
    outline = worded(facts, replace(TO_ADA, data_types=()), language).outline
    for section in outline.sections:
        for paragraph in (*outline.opening, *section.paragraphs):
            assert len(re.findall(r"[.?!。？！](?=\s|$|”|[\u4e00-\u9fff])", paragraph)) <= 5
    if language == "en":
        words = sum(len(p.split()) for s in outline.sections for p in s.paragraphs)
        assert words / (len(outline.sections) + 1) <= 120  # a heading for as many words


@pytest.mark.parametrize("language", TOLD)
def test_no_more_than_three_steps_are_for_now_and_the_worst_breach_reads_no_harder(
    language: str,
) -> None:
    outline = worded(severe(), replace(TO_ADA, data_types=()), language).outline
    now = next(s for s in outline.sections if s.heading in ("Now", "现在就做"))
    today = next(s for s in outline.sections if s.heading in ("Today", "今天之内"))
    assert len(now.items) == 3
    assert len(today.items) > 3
    assert all(item.note for item in (*now.items, *today.items))  # why, and how long


@pytest.mark.parametrize("language", TOLD)
def test_a_notice_begins_with_who_writes_and_what_happened_to_your_data(language: str) -> None:
    first = " ".join(worded(language=language).outline.opening[1].split()[:20])
    assert "Kestrel Cloud" in first
    assert {"en": "your personal data leaked", "zh-Hans": "您的部分个人信息"}[language] in first


@pytest.mark.parametrize("language", TOLD)
def test_a_notice_names_no_address_to_sign_in_at_and_has_nothing_attached(language: str) -> None:
    text = worded(language=language).text
    assert re.findall(r"https?://\S+", text) == ["https://www.kestrel.example"]
    assert {"en": "You are not to blame.", "zh-Hans": "这不是您的错。"}[language] in text
    assert {"en": "How to know that this is from us", "zh-Hans": "怎样确认这是我们发的"}[
        language
    ] in text
