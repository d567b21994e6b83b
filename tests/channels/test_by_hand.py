"""People whom one of us must call: the list goes out, comes back filled in, and adds up."""

from __future__ import annotations

import csv

import pytest

from incident_engine.channels.by_hand import COLUMNS, OUTCOMES, Call, call_sheet, read_call_sheet
from incident_engine.domain.errors import BadFile
from incident_engine.domain.words import Outcome
from tests.channels.conftest import reference

ASKED = [reference(n) for n in (1, 2, 3)]


def sheet(*names: str) -> bytes:
    return call_sheet(
        Call(reference=ASKED[n], name=name, number="+4930123456", language="de")
        for n, name in enumerate(names)
    )


def filled(*lines: str) -> bytes:
    return "\r\n".join([",".join(COLUMNS), *lines]).encode("utf-8-sig")


def line(n: int, outcome: str, who: str = "otto", when: str = "6 March 14:05") -> str:
    return f"{reference(n)},Ada,'+4930123456,de,,,{outcome},{who},{when}"


def test_the_list_opens_in_a_spreadsheet_with_every_letter_right() -> None:
    content = sheet("王小明", "Ünal")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [row["name"] for row in rows] == ["王小明", "Ünal"]
    assert [row["outcome"] for row in rows] == ["", ""]


@pytest.mark.attack("A47")
@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil")', "@SUM(1)", "+cmd|x", "-1", "\tx"])
def test_a47_a_name_is_never_run_as_a_formula(name: str) -> None:
    [row] = csv.DictReader(sheet(name).decode("utf-8-sig").splitlines())
    assert row["name"] == f"'{name}"
    assert row["number"] == "'+4930123456"


def test_what_was_sent_out_and_filled_in_comes_back_as_receipts() -> None:
    content = filled(line(1, "Reached"), line(2, "no answer"), line(3, "", ""))
    found = read_call_sheet(content, ASKED, name="calls.csv")
    assert [(r.reference, r.outcome) for r in found] == [
        (reference(1), Outcome.DELIVERED),
        (reference(2), Outcome.UNANSWERED),
    ]
    assert "otto" in found[0].said


def test_a_list_not_yet_filled_in_says_nothing() -> None:
    assert read_call_sheet(sheet("Ada", "Bo"), ASKED, name="calls.csv") == []


@pytest.mark.parametrize("word", OUTCOMES)
def test_every_word_of_a_caller_has_a_meaning(word: str) -> None:
    [receipt] = read_call_sheet(filled(line(1, word)), ASKED, name="calls.csv")
    assert receipt.outcome is OUTCOMES[word]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(9, "reached")], "not-asked-for"),
        ([line(1, "reached"), line(1, "no answer")], "told-twice"),
        ([line(1, "spoke to the neighbour")], "unknown-outcome"),
        ([line(1, "reached", "")], "nobody-named"),
        ([line(1, "reached") + ",extra"], "bad-call-sheet"),
        (['"unclosed'], "bad-call-sheet"),
    ],
)
def test_a_list_that_does_not_add_up_is_refused_whole_and_names_no_person(
    lines: list[str], code: str
) -> None:
    with pytest.raises(BadFile) as told:
        read_call_sheet(filled(line(2, "reached"), *lines), ASKED, name="calls.csv")
    assert {fault.code for fault in told.value.faults} == {code}
    assert "Ada" not in str(told.value.as_json())
    assert "4930123456" not in str(told.value.as_json())
