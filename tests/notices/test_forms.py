"""Authorities' forms are files: read whole or refused with every fault, and true to their words."""

from __future__ import annotations

import json
from enum import EnumMeta
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadFile, BadInput
from incident_engine.domain.facts import words as fact_words
from incident_engine.domain.words import ChannelName, Evidence, Phase
from incident_engine.home import shipped
from incident_engine.intake.playbook_file import read_playbooks
from incident_engine.notices.reports.form_facts import has_source
from incident_engine.notices.reports.form_questions import FormFact
from incident_engine.notices.reports.form_words import read_words, worded_languages
from incident_engine.notices.reports.forms import PLAIN, Due, Form, form_for, read_form, read_forms

FORMS = read_forms()
SMALL = """\
format = 1
id = "zz-small"
title = { en = "A small form" }
authority = { en = "An authority" }
law = "A law, s 1"
read = "verified"
read_words = "read in full"
seen = 2026-11-23
follow_up = "whole"

[phases]
notify = { en = "First" }

[sections]
all = { en = "Everything" }

[[fields]]
id = "1"
section = "all"
label = { en = "Who" }
facts = ["organisation.name"]
ask = { en = "Who are you?" }
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "zz-small.toml"
    file.write_text(text, "utf-8")
    return file


def named(form: Form) -> str:
    return form.id


def test_a_small_form_is_read_with_its_hash(tmp_path: Path) -> None:
    form = read_form(written(tmp_path, SMALL))
    assert form.fields[0].due is Due.ALWAYS
    assert len(form.sha256) == 64


@pytest.mark.parametrize(
    ("was", "now", "place"),
    [
        ('facts = ["organisation.name"]', 'facts = ["organisation.nmae"]', "fields.0.facts.0"),
        ('section = "all"', 'section = "none"', "fields.1"),
        ('id = "1"', 'id = "1"\ndeu = "always"', "fields.0.deu"),
        ('id = "1"', 'id = "1"\nphases = ["final"]', "fields.1"),
        ('id = "1"', 'id = "1"\nlimit = 0', "fields.0.limit"),
        ("format = 1", "format = 2", "format"),
        ('read = "verified"', 'read = "surely"', "read"),
        ('[phases]\nnotify = { en = "First" }', "[phases]", "phases"),
        ('id = "zz-small"', "id = zz", "zz-small.toml"),
    ],
)
def test_a_faulty_form_is_refused_naming_file_and_key(
    tmp_path: Path, was: str, now: str, place: str
) -> None:
    assert was in SMALL
    with pytest.raises(BadInput) as refused:
        read_form(written(tmp_path, SMALL.replace(was, now, 1)))
    assert "zz-small.toml" in str(refused.value)
    assert place in str(refused.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    text = SMALL.replace("[[fields]]", '[[fields]]\nid = "1"\nsection = "x"\nlabel = { en = "Y" }\n'
                         'facts = ["role"]\n\n[[fields]]')  # fmt: skip
    with pytest.raises(BadFile) as refused:
        read_form(written(tmp_path, text))
    assert {each.code for each in refused.value.faults} == {"unknown-section", "field-twice"}


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_shipped_form_says_how_well_it_was_read_and_where(form: Form) -> None:
    assert form.read_words
    assert form.read is not Evidence.UNVERIFIED or not form.own_form
    assert form.url.startswith("http") or form.id == PLAIN


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_every_word_of_a_shipped_form_stands_in_every_language_of_reports(form: Form) -> None:
    texts = [form.title, form.authority, *form.phases.values(), *form.sections.values()]
    texts += [each.ask for each in form.fields if each.ask]
    for text in texts:
        assert set(text) >= set(worded_languages()), text
    for language in worded_languages():
        names = read_words(language).tables["fact"]
        for each in form.fields:
            assert language in each.label or all(fact in names for fact in each.facts), each.id


def test_every_fact_that_a_form_may_ask_for_has_a_name_in_every_language() -> None:
    for language in worded_languages():
        tables = read_words(language).tables
        assert set(tables["fact"]) == set(FormFact)
        assert set(tables["ask"]) <= set(FormFact)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_shipped_form_demands_the_reason_of_what_is_late(form: Form) -> None:
    late = [each for each in form.fields if each.due is Due.IF_LATE]
    expected = [] if form.voluntary else ["report.late_reason"]
    assert [each.facts[0].value for each in late] == expected


def test_every_law_with_a_regulator_finds_a_form_that_knows_its_phase() -> None:
    duties = [
        (law.id, duty)
        for law in read_playbooks(shipped("playbooks"))
        for duty in law.obligation
        if duty.audience == "regulator"
    ]
    assert duties
    for law, duty in duties:
        form = form_for(FORMS, playbook=law, audience=duty.audience, phase=duty.phase)
        assert duty.phase in form.phases, (law, duty.id)


def test_a_duty_without_a_form_of_its_own_gets_the_plain_one() -> None:
    assert form_for(FORMS, playbook="zz-law", audience="cert", phase="final").id == PLAIN
    with pytest.raises(BadInput, match="plain"):
        form_for([], playbook="zz-law", audience="cert", phase="final")


def test_the_plain_form_knows_every_phase() -> None:
    plain = next(form for form in FORMS if form.id == PLAIN)
    assert set(plain.phases) == set(Phase)


def test_the_languages_of_reports_have_the_same_words() -> None:
    words = {language: read_words(language).tables for language in worded_languages()}
    english = words["en"]
    for language, tables in words.items():
        for name, table in english.items():
            assert set(tables[name]) == set(table), (language, name)


def test_every_channel_has_its_word_in_a_report() -> None:
    for language in worded_languages():
        assert set(read_words(language).tables["channel"]) == set(ChannelName)


def test_a_language_without_words_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="en, zh-Hans"):
        read_words("tlh")


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ('choices = ["a", "b"]\ncodes = { controller = "c" }', "unknown-choice"),
        ('when = { field = "9", holds = "x" }', "unknown-field"),
        ('when = { field = "1", holds = "x" }', "unknown-field"),
        ('path = "incident.x"', "no-export"),
        ('needs = ["role"]', "unknown-need"),
    ],
)
def test_a_closed_list_a_condition_and_a_path_must_fit_the_form(
    tmp_path: Path, added: str, code: str
) -> None:
    with pytest.raises(BadFile) as refused:
        read_form(written(tmp_path, SMALL.replace('id = "1"', f'id = "1"\n{added}', 1)))
    assert [each.code for each in refused.value.faults] == [code]


ASKED_BY = json.loads((Path(__file__).parents[1] / "cases/forms.json").read_text("utf-8"))
"""By form, the facts that the authority demands, from its own page or a secondary source."""
ELSEWHERE = {
    "eu-dora": {"incident.how_discovered"},  # the published schema takes who discovered it
}


@pytest.mark.parametrize("name", ASKED_BY)
def test_what_an_authority_demands_is_asked_by_its_form(name: str) -> None:
    form = next(each for each in FORMS if each.id == name)
    asked = {fact.value for field in form.fields for fact in field.facts}
    assert set(ASKED_BY[name]) - asked - ELSEWHERE.get(name, set()) == set()


def test_every_form_that_was_looked_at_is_shipped_and_none_claims_more_than_was_read() -> None:
    assert {form.id for form in FORMS} == {*ASKED_BY, PLAIN, "eu-gdpr-art33"}
    assert [form.id for form in FORMS if form.own_form] == ["eu-dora"]


CONDITIONAL = {"notice.why_not", "report.support_wanted", "contact.counsel", "notice.monitoring",
               "people.card", "report.attachments", "notice.substitute", "people.elderly",
               "parties.processors", "organisation.nis2_entity"}  # fmt: skip
"""Parts of a question that only some incidents have."""


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_what_only_a_person_knows_of_a_demanded_question_is_asked_by_name(form: Form) -> None:
    for each in form.fields:
        if each.due is Due.ALWAYS:
            by_hand = {fact.value for fact in each.facts[1:] if not has_source(fact)}
            assert by_hand - CONDITIONAL <= set(each.needs), each.id


WORDS = {code.value for table in vars(fact_words).values() if isinstance(table, EnumMeta)
         for code in table} | {*read_words("en").tables["data_type"], *Phase}  # fmt: skip
WORDS |= {"true", "false", "partly", "told", "partly-told", "not-told", "announced", "yes", "no",
          "500-or-more", "fewer-than-500", *read_words("en").tables["channel"],
          *read_words("en").tables["told"]}  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_map_of_codes_knows_only_our_words(form: Form) -> None:
    for field in form.fields:
        if field.facts[0].startswith("told."):
            continue  # whom we told is named freely
        ours = {part for code in field.codes for part in code.partition("@")[0].split("+")}
        assert ours <= WORDS, field.id


@pytest.mark.parametrize(
    ("place", "form"),
    [("FR", "fr-cnil"), ("IE", "ie-dpc"), ("DE", "eu-gdpr-art33"), ("EU", "eu-gdpr-art33")],
)
def test_a_place_with_a_form_of_its_own_gets_it(place: str, form: str) -> None:
    found = form_for(FORMS, playbook="eu-gdpr", audience="regulator", phase="notify", place=place)
    assert found.id == form


def test_a_form_on_request_is_laid_over_a_duty_only_where_it_is_named() -> None:
    asked = {"playbook": "eu-gdpr", "audience": "regulator", "phase": "notify", "place": "DE"}
    assert form_for(FORMS, **asked, named="de-art33").id == "de-art33"
    assert form_for(FORMS, **asked, named="eu-edpb-template").id == "eu-edpb-template"
    assert form_for(FORMS, **asked, named=PLAIN).id == PLAIN
    with pytest.raises(BadInput, match="us-ca-ag: is no form for this duty"):
        form_for(FORMS, **asked, named="us-ca-ag")


def test_every_shipped_form_serves_a_shipped_law_or_is_the_plain_one() -> None:
    laws = {law.id for law in read_playbooks(shipped("playbooks"))}
    served = {form.id: {each.playbook for each in form.serves} & laws for form in FORMS}
    assert [name for name, found in served.items() if not found] == [PLAIN]
