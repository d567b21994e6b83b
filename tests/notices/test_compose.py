"""A notice says what the facts say: every promised part, in every medium, and nothing guessed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.segments import Encoding, segments
from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.facts.words import (
    Action,
    ConsequenceKind,
    Intent,
    Kind,
    Scenario,
    ServiceImpact,
)
from incident_engine.domain.law.content import PROMISED, ContentItem
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.content_check import missing
from incident_engine.notices.public.announcement import build_site
from incident_engine.notices.slots import Occasion
from incident_engine.notices.wording import fill
from tests.notices.conftest import (
    COPIED_LIST,
    KESTREL,
    LANGUAGES,
    TO_ADA,
    TO_ALL,
    TOLD,
    bare,
    facts_with,
    page,
    worded,
)

# Of each promised part, words that no other part of the notice has.
PROOF = {
    "en": {
        ContentItem.DATA_TYPES: "Email address",
        ContentItem.CAUSE: "We made a copy of the customer database for a test.",
        ContentItem.POSSIBLE_HARM: "fake emails that look like ours",
        ContentItem.BASIC_SITUATION: "Someone copied part of our customer list",
        ContentItem.POSSIBLE_IMPACT: "Someone can use these details to pose as us",
        ContentItem.MEASURES: "We reset the password of everyone on the list",
        ContentItem.SELF_PROTECTION: "Set a new password on your email account",
        ContentItem.REMEDIES: "two years of identity monitoring",
        ContentItem.CONTACT: "incident@kestrel.example",
    },
    "zh-Hans": {
        ContentItem.DATA_TYPES: "电子邮箱",
        ContentItem.CAUSE: "我们为测试复制了一份客户数据库",
        ContentItem.POSSIBLE_HARM: "冒充我们的邮件",
        ContentItem.BASIC_SITUATION: "有人从一台测试服务器上复制了我们的部分客户资料",
        ContentItem.POSSIBLE_IMPACT: "冒充您本人",
        ContentItem.MEASURES: "重置名单中所有用户的密码",
        ContentItem.SELF_PROTECTION: "给邮箱换一个新密码",
        ContentItem.REMEDIES: "两年的身份保护服务费用",
        ContentItem.CONTACT: "incident@kestrel.example",
    },
}


@pytest.mark.parametrize("part", PROMISED)
@pytest.mark.parametrize("language", TOLD)
def test_every_promised_part_is_in_the_text_the_html_and_the_public_page(
    language: str, part: ContentItem
) -> None:
    letter = fill(worded(language=language), name="Ada")
    public = build_site(page())[f"{language}/index.html"].decode()
    for medium in (letter.text, letter.html, public):
        assert PROOF[language][part] in medium


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_undefined_and_no_leftover_of_a_template_reaches_a_reader(language: str) -> None:
    for facts, occasion in product(
        (facts_with(), bare(), bare(kinds=["availability"])), (TO_ADA, TO_ALL)
    ):
        made = worded(facts, occasion, language)
        letter = fill(made, name="Ada")
        for text in (letter.subject, letter.text, letter.html, letter.sms):
            assert not re.search(r"\{[{%#a-z]|[%#}]\}|\bNone\b|undefined|[\ufdd0-\ufdef]", text)
            assert "  \n" not in letter.text.replace("\n  ", "\n")


def test_a_notice_is_the_same_for_the_same_facts() -> None:
    assert worded().sha256 == worded().sha256
    assert worded().sha256 != worded(facts_with({"story.en.cause": "Something else."})).sha256


# --- what happened --------------------------------------------------------------------------

BEFELL = {
    ("confidentiality",): ("leaked", "发生泄露"),
    ("integrity",): ("was wrongly changed", "被改动"),
    ("availability",): ("was lost", "丢失"),
    ("confidentiality", "integrity"): ("leaked and was wrongly changed", "发生泄露并被改动"),
    ("confidentiality", "availability"): ("leaked and was lost", "发生泄露并有丢失"),
    ("integrity", "availability"): (
        "was wrongly changed, and some was lost",
        "被改动并有丢失",
    ),
    ("confidentiality", "integrity", "availability"): (
        "leaked and was wrongly changed, and some was lost",
        "发生泄露、被改动并有丢失",
    ),
    (): ("was involved in a security incident", "涉及一起安全事件"),
}


@pytest.mark.parametrize("kinds", BEFELL)
@pytest.mark.parametrize("day", [None, "2026-03-02"])
def test_leak_tampering_and_loss_read_right_together(
    kinds: tuple[str, ...], day: str | None
) -> None:
    facts = bare(
        kinds=list(kinds), clocks={"occurred_from": day, "occurred_until": day} if day else {}
    )
    english, chinese = (worded(facts, language=each).outline.opening[1] for each in TOLD)
    when = (" on 2 March 2026", "于2026年3月2日") if day else ("", "")
    assert english.startswith(
        f"We are Kestrel Cloud. Some of your personal data {BEFELL[kinds][0]}{when[0]}. "
    )
    assert chinese.startswith(f"我们是Kestrel Cloud。您的部分个人信息{when[1]}{BEFELL[kinds][1]}。")


@pytest.mark.parametrize("kinds", [k for k in BEFELL if k])
def test_each_kind_of_data_says_what_follows_from_what_happened_to_it(
    kinds: tuple[str, ...],
) -> None:
    types = catalogue_of("en").types["email"]
    column = {"confidentiality": "leak", "integrity": "tamper", "availability": "loss"}
    said = next(
        s for s in worded(bare(kinds=list(kinds))).outline.sections if "Information" in s.heading
    )
    assert [i.note for i in said.items if i.text == "Email address"] == [
        " ".join(types[column[kind]] for kind in kinds)
    ]


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ({"action": "hacking"}, "Someone changed data"),
        ({"action": "error", "intent": "malicious"}, "Someone changed data"),
        ({"action": "error"}, "is now wrong in places"),
        ({"scenario": "corruption"}, "is now wrong in places"),
        ({"action": "misuse", "intent": "accidental"}, "is now wrong in places"),
        ({}, "is now wrong in places"),
    ],
)
def test_nobody_is_blamed_for_a_change_that_a_fault_made(
    cause: dict[str, str], expected: str
) -> None:
    text = fill(worded(bare(kinds=["integrity"], cause=cause))).text
    assert expected in text
    assert ("Someone changed" in text) is expected.startswith("Someone")


@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("occasion", [TO_ADA, TO_ALL, replace(TO_ADA, guardian=True)])
def test_what_is_only_suspected_is_told_as_suspected(language: str, occasion: Any) -> None:
    suspected, known = (
        worded(facts_with({"confirmed": each}), occasion, language) for each in (False, True)
    )
    word = {"en": "suspect", "zh-Hans": "怀疑"}[language]
    doubt = catalogue_of(language).words["situation"]["suspected"]
    happened = suspected.outline.sections[0]
    assert word in " ".join(suspected.outline.opening)
    assert happened.paragraphs[0] == doubt  # before the story, not after it
    assert word in suspected.sms or "疑似" in suspected.sms
    assert word not in known.text
    assert doubt not in known.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_cause_is_never_guessed(language: str) -> None:
    words = catalogue_of(language).words["cause"]
    said = {*words["scenario"].values(), *words["action"].values()}
    text = worded(
        bare(kinds=["confidentiality"], data={"types": ["email"]}), language=language
    ).text
    assert [each for each in said if each in text] == []
    other = bare(kinds=["confidentiality"], cause={"scenario": "other"})
    assert [each for each in said if each in worded(other, language=language).text] == []


def test_what_was_written_in_one_language_is_never_used_in_another() -> None:
    facts = facts_with(without=("story.zh-Hans",))
    chinese = worded(facts, language="zh-Hans").text
    assert "Someone copied" not in chinese
    assert catalogue_of("zh-Hans").words["cause"]["scenario"]["exfiltration"] in chinese


def test_a_story_in_zh_cn_serves_a_reader_of_simplified_chinese() -> None:
    facts = facts_with({"story.zh-CN": {"cause": "服务器没有设密码。"}}, without=("story.zh-Hans",))
    assert "服务器没有设密码。" in worded(facts, language="zh-Hans").text


# --- to whom --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_is_told_their_own_kinds_of_data_and_no_others(language: str) -> None:
    names = {code: each["name"] for code, each in catalogue_of(language).types.items()}
    made = worded(occasion=replace(TO_ADA, data_types=("national_id", "phone")), language=language)
    listed = [item.text for section in made.outline.sections for item in section.items]
    assert names["phone"] in listed
    assert names["national_id"] in listed
    assert names["email"] not in listed
    assert names["filing_record"] not in listed


def test_a_reader_of_whom_no_kind_is_known_is_told_all_of_the_incidents() -> None:
    listed = [
        i.text
        for s in worded(occasion=replace(TO_ADA, data_types=())).outline.sections
        for i in s.items
    ]
    assert {"Name", "Email address", "Phone number", "National ID number"} <= set(listed)


def test_a_guardian_reads_of_the_child_and_what_to_do_for_it() -> None:
    letter = fill(worded(occasion=replace(TO_ADA, guardian=True)), name="Cy", about="Di")
    assert letter.text.startswith("Notice of Data Breach\n\nDear Cy,\n")
    assert "Some personal data of Di leaked" in letter.text
    assert "parent or guardian" in letter.text
    assert "Talk with the child" in letter.text
    assert "your child's" in letter.sms
    nameless = fill(worded(occasion=replace(TO_ADA, guardian=True)))
    assert "Some personal data of your child leaked" in nameless.text
    chinese = fill(
        worded(occasion=replace(TO_ADA, guardian=True), language="zh-Hans"), about="小明"
    )
    assert "小明的部分个人信息" in chinese.text
    assert "监护人" in chinese.text


@pytest.mark.parametrize("language", TOLD)
def test_the_second_notice_says_that_it_takes_the_place_of_the_first(language: str) -> None:
    second = worded(occasion=replace(TO_ADA, number=2), language=language)
    line = {"en": "It takes the place of the one before.", "zh-Hans": "内容以本通知为准"}[language]
    assert line in second.text
    assert line not in worded(language=language).text
    assert {"en": "notice 2.", "zh-Hans": "第 2 号通知"}[language] in second.text


# --- when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clocks", "english", "chinese"),
    [
        ({"occurred_from": "2026-03-02T21:00+08:00", "occurred_until": "2026-03-04T02:00+08:00"},
         "between 2 March 2026 and 4 March 2026", "2026年3月2日至2026年3月4日期间"),
        ({"occurred_from": "2026-03-02T01:00+08:00", "occurred_until": "2026-03-02T23:00+08:00"},
         "on 2 March 2026", "于2026年3月2日"),
        ({"occurred_from": "2026-03-02"}, "from 2 March 2026 on", "2026年3月2日起"),
        ({"occurred_until": "2026-03-02"}, "on or before 2 March 2026", "2026年3月2日或之前"),
    ],
)  # fmt: skip
def test_days_are_written_as_the_reader_writes_them_and_as_they_were_lived(
    clocks: dict[str, str], english: str, chinese: str
) -> None:
    facts = bare(kinds=["confidentiality"], clocks=clocks)
    assert f"leaked {english}." in worded(facts).text
    assert chinese in worded(facts, language="zh-Hans").text


def test_the_day_of_the_notice_is_that_of_the_organisations_own_clock() -> None:
    late = replace(TO_ADA, at=TO_ADA.at.replace(hour=20))  # already the 8th in Hangzhou
    assert "Date of this notice: 8 March 2026." in worded(occasion=late).text
    assert "通知日期：2026年3月8日。" in worded(occasion=late, language="zh-Hans").text


# --- what anyone sees who sees the screen ---------------------------------------------------


def on_the_screen(facts: Facts, occasion: Occasion, language: str) -> tuple[str, str, str]:
    letter = fill(worded(facts, occasion, language), name="Ada", about="Di")
    preview = re.search(r'class="preview"[^>]*>([^<]*)<', letter.html)
    assert preview
    return letter.subject, preview[1], letter.sms


@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("guardian", [False, True])
def test_subject_preview_and_sms_are_the_same_whatever_kinds_of_data_it_was(
    language: str, guardian: bool
) -> None:
    seen = {
        on_the_screen(
            facts_with({"data.types": [str(code)]}),
            replace(TO_ADA, guardian=guardian, data_types=(str(code),)),
            language,
        )
        for code in DataType
    }
    [(subject, preview, sms)] = seen
    assert "Ada" not in subject + preview + sms
    assert "Di" not in preview + sms
    assert preview.startswith({"en": "We are Kestrel Cloud.", "zh-Hans": "我们是Kestrel"}[language])


SENDERS = {
    "the shortest": replace(KESTREL, organisation="K", website="https://k.example"),
    "as shipped": KESTREL,
    "a long one": replace(
        KESTREL,
        organisation="Kestrel Cloud Computing and Filing (Hangzhou)",
        website="https://www.kestrel-cloud-computing.example/data",
    ),
    "no site": replace(KESTREL, website=""),
    "only mail": replace(KESTREL, website="", contact_phone=""),
    "typeset": replace(KESTREL, organisation="Kestrel’s “Cloud” – Hangzhou"),
    "not of GSM-7": replace(KESTREL, organisation="红隼云", website="https://www.kestrel.example"),
    "an accent": replace(KESTREL, organisation="Crédit Kestrelò ç"),
}


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("guardian", [False, True])
@pytest.mark.parametrize("confirmed", [False, True])
def test_an_sms_is_one_message_of_latin_letters_or_two_of_others(
    sender: str, language: str, guardian: bool, confirmed: bool
) -> None:
    facts = facts_with({"confirmed": confirmed}, without=("contacts.public", "contacts.main"))
    occasion = replace(TO_ADA, sender=SENDERS[sender], guardian=guardian)
    text = worded(facts, occasion, language).sms
    found = segments(text)
    assert found.count <= (1 if found.encoding is Encoding.GSM_7 else 2), text
    assert "INC-2026-0001" in text
    assert not re.search(r"[{}]|\s\s", text)


@pytest.mark.parametrize(
    "sender", ["the shortest", "as shipped", "a long one", "typeset", "only mail"]
)
def test_an_english_sms_stays_in_the_alphabet_that_costs_least(sender: str) -> None:
    text = worded(occasion=replace(TO_ADA, sender=SENDERS[sender])).sms
    assert segments(text).encoding is Encoding.GSM_7
    assert {"typeset": 'Kestrel\'s "Cloud" - Hangzhou'}.get(sender, "") in text


def test_the_usual_sms_says_that_we_never_ask_for_a_password() -> None:
    assert "We never ask for passwords." in worded().sms
    assert "不会" in worded(language="zh-Hans").sms


def test_a_name_with_braces_in_it_is_printed_and_not_read() -> None:
    sender = replace(KESTREL, organisation="{link}{0.__class__}{", website="https://k.example/{x}")
    made = worded(occasion=replace(TO_ADA, sender=sender))
    assert made.subject.startswith("Notice of Data Breach: {link}{0.__class__}{, reference INC")
    assert "https://k.example/{x}" in made.sms


# --- whatever the facts ---------------------------------------------------------------------

_days = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat)
_said = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\u202a\u202b\u202d\u202e"
    ),
    max_size=30,
)
_PARTS = ("summary", "cause", "consequences", "measures", "remedies", "advice")
_stories = st.fixed_dictionaries({}, optional=dict.fromkeys(_PARTS, _said))
_documents = st.fixed_dictionaries(
    {"format": st.just(1)},
    optional={
        "kinds": st.lists(st.sampled_from(list(Kind))),
        "confirmed": st.booleans(),
        "clocks": st.fixed_dictionaries({}, optional={"occurred_from": _days, "aware": _days}),
        "cause": st.fixed_dictionaries(
            {},
            optional={
                "scenario": st.sampled_from(list(Scenario)),
                "action": st.sampled_from(list(Action)),
                "intent": st.sampled_from(list(Intent)),
                "exfiltrated": st.booleans(),
                "published": st.booleans(),
                "fraud_seen": st.booleans(),
            },
        ),
        "data": st.fixed_dictionaries(
            {},
            optional={
                "types": st.lists(st.sampled_from(list(DataType)), max_size=6),
                "backup": st.booleans(),
                "service_impact": st.sampled_from(list(ServiceImpact)),
            },
        ),
        "story": st.fixed_dictionaries({}, optional={"en": _stories, "zh-Hans": _stories}),
        "consequences": st.fixed_dictionaries(
            {}, optional={"kinds": st.lists(st.sampled_from(list(ConsequenceKind)))}
        ),
        "measures": st.lists(
            st.fixed_dictionaries(
                {"text": st.fixed_dictionaries({"en": _said})}, optional={"due": _days}
            ),
            max_size=3,
        ),
    },
)


@given(
    known=_documents,
    rest=st.sampled_from([{}, COPIED_LIST]),
    guardian=st.booleans(),
    public=st.booleans(),
    language=st.sampled_from(TOLD),
)
def test_facts_of_which_nothing_is_missing_always_make_a_notice_with_words_under_every_heading(
    known: dict[str, Any], rest: dict[str, Any], guardian: bool, public: bool, language: str
) -> None:
    try:
        facts = parse_facts({**rest, **known})
    except BadFile:  # aware before it happened
        return
    occasion = replace(TO_ADA, guardian=guardian and not public, public=public, data_types=())
    catalogue = catalogue_of(language)
    made = compose(facts, occasion, catalogue)  # never raises: a preview comes before it is whole
    assert len([s for s in made.outline.sections if s.level == 2]) <= 5
    if not missing(facts, occasion, catalogue):
        for section in made.outline.sections:
            assert section.paragraphs or section.items
        assert [catalogue.type_name(code) in made.text for code in facts.data.types]
