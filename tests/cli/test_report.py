"""`report`, as it is typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident_engine.home import Home
from tests.cast import FACTS, INCIDENT, Typed, typed

GDPR = "eu-gdpr/authority"


@pytest.fixture
def opened(home: Home, tmp_path: Path) -> Home:
    file = tmp_path / "facts.toml"
    file.write_text(FACTS, "utf-8")
    assert typed("incident", "open", file).last_word.endswith("-0001")
    return home


def reference() -> str:
    found = json.loads(typed("incident", "list", "--json").out)
    return str(found[0]["incident"])


def report(verb: str, *words: str | Path) -> Typed:
    return typed("report", verb, reference(), *words)


def test_prepare_names_the_gaps_and_the_files(opened: Home) -> None:
    done = report("prepare", GDPR, "--answer", "2.6=Otto Bray", "--expected", "6.1=2199-01-01")
    assert done.status == 0, done.err
    assert "missing" in done.out
    assert "may follow, by 2199-01-01" in done.out
    assert "2.6" not in done.out
    assert Path(done.last_word).read_bytes().startswith(b"%PDF")


def test_prepare_says_when_nothing_has_changed(opened: Home) -> None:
    report("prepare", GDPR)
    assert "Nothing has changed since version 1" in report("prepare", GDPR).out
    again = json.loads(report("prepare", GDPR, "--json").out)
    assert (again["new"], again["version"]) == (False, 1)
    assert json.loads(Path(again["json"]).read_text("utf-8"))["incident"] == reference()
    assert again["missing"][0]["ask"]


def test_preview_shows_question_answer_status_and_the_count(opened: Home) -> None:
    done = report("preview", GDPR)
    assert done.status == 0, done.err
    for words in ("Controller: legal name", "Kestrel Cloud", "answered", "MISSING", "→ Who",
                  "missing", "may follow", "A draft to copy"):  # fmt: skip
        assert words in done.out, words
    assert json.loads(report("list", "--json").out) == []


def test_preview_takes_answers_and_another_language(opened: Home) -> None:
    found = json.loads(
        report("preview", GDPR, "--language", "zh-Hans", "--answer", "6.1=防火墙", "--json").out
    )
    assert found["submission"]["language"] == "zh-Hans"
    assert "防火墙" in json.dumps(found, ensure_ascii=False)


def test_file_then_list_then_nothing_twice(opened: Home, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(b"%PDF received")
    report("prepare", GDPR)
    report("file", GDPR, "--reference", "DE-4711").must_be_one_sentence("no answer", "--why")
    words = (GDPR, "--reference", "DE-4711", "--receipt", receipt, "--why", "the rest follows")
    done = report("file", *words)
    assert done.status == 0, done.err
    assert "filed under DE-4711" in done.out
    twice = report("file", *words)
    assert twice.status == 1
    twice.must_be_one_sentence("DE-4711", "report prepare")
    [row] = json.loads(report("list", "--json").out)
    assert (row["duty"], row["reference"], row["filed_by"]) == (f"{GDPR}/DE", "DE-4711", "maren")
    assert "DE-4711" in report("list").out
    duties = json.loads(typed("obligations", reference(), "--json").out)
    assert [d["state"] for d in duties if d["duty"] == f"{GDPR}/DE"] == ["met"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prepare", "eu-gdpr/autority"), ("not a duty", "eu-gdpr/authority/DE")),
        (("prepare", GDPR, "--phase", "interim"), ("interim", "notify, follow-up, final")),
        (("prepare", GDPR, "--answer", "six"), ("six", "key=value")),
        (("prepare", GDPR, "--answer", "9.9=x"), ("9.9", "no field")),
        (("prepare", GDPR, "--expected", "6.1=soon"), ("soon", "2026-04-01")),
        (("prepare", GDPR, "--expected", "6.1=2020-01-01"), ("passed",)),
        (("file", GDPR, "--reference", "X"), ("no prepared report", "report prepare")),
        (("file", GDPR), ("--reference",)),
        (("file", GDPR, "--reference", "X", "--at", "2026-03-06T10:00"), ("offset",)),
        (("file", GDPR, "--reference", "X", "--receipt", "/none/r.pdf"), ("/none/r.pdf",)),
    ],
)
def test_bad_input_is_one_sentence(
    opened: Home, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    done = report(*words)
    assert done.status == 2
    done.must_be_one_sentence(*said)


def test_what_is_owed_to_people_gets_no_report(opened: Home) -> None:
    done = report("prepare", "us-ca/individuals/US-CA")
    assert done.status == 1
    done.must_be_one_sentence("individuals", "notice prepare")


def test_an_incident_that_is_none_is_one_sentence(home: Home) -> None:
    done = typed("report", "list", INCIDENT)
    assert done.status == 2
    done.must_be_one_sentence("no such incident")


def test_the_faces_of_a_version_are_named_and_a_missing_one_says_why(opened: Home) -> None:
    done = json.loads(report("prepare", GDPR, "--json").out)
    assert Path(done["csv"]).read_bytes().startswith(b"\xef\xbb\xbf")
    assert "own" not in done


def test_an_answer_of_the_authority_is_kept_and_listed(opened: Home) -> None:
    report("prepare", GDPR)
    report("file", GDPR, "--reference", "DE-4711", "--why", "the rest follows")
    due = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    done = report("answer", GDPR, "--outcome", "more-wanted", "--reference", "DE-4711-2",
                  "--due", due)  # fmt: skip
    assert done.status == 0, done.err
    assert "eu-gdpr/authority-answer-1/DE" in done.out
    assert "more-wanted (DE-4711-2)" in report("list").out
    assert "authority-answer-1" in typed("obligations", reference()).out
    assert "authority-answer-1" in typed("deadlines", "--within", "14d", "--json").out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("answer", GDPR, "--outcome", "perhaps"), "more-wanted"),
        (("answer", GDPR, "--outcome", "rejected", "--due", "tomorrow"), "offset"),
        (("answer", GDPR, "--outcome", "accepted"), "report file"),
        (("diff", GDPR), "report prepare"),
        (("send", GDPR), "report prepare"),
        (("explain", "people.count", "--why", "so"), "none is open"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    opened: Home, words: tuple[str, ...], expected: str
) -> None:
    verb, *rest = words
    report(verb, *rest).must_be_one_sentence(expected)


def test_diff_consistency_and_matrix_read_well_and_as_json(opened: Home) -> None:
    report("prepare", GDPR)
    report("file", GDPR, "--reference", "DE-4711", "--why", "the rest follows")
    typed("fact", "set", reference(), "data.records=900", "--why", "counted")
    report("prepare", GDPR, "--phase", "notify", "--answer", "4.2=9000")
    assert "9000" in report("diff", GDPR).out
    found = json.loads(report("diff", GDPR, "--json").out)
    assert "4.2" in [each["field"] for each in found["differences"]]
    assert report("consistency").out.startswith("One story")
    assert json.loads(report("consistency", "--json").out) == []
    assert "eu-gdpr/DE" in report("matrix").out
    assert json.loads(report("matrix", "--json").out)["role"]["eu-gdpr/DE"]["value"] == "controller"
