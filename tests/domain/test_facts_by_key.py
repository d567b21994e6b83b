"""One fact at a time: keys, values typed by hand, questions."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.facts.keys import (
    assemble,
    flatten,
    join_key,
    known_keys,
    parse_value,
    split_key,
)
from incident_engine.domain.facts.questions import ask
from tests.domain.test_facts import COPIED_LIST, DOCUMENTS


@pytest.mark.parametrize("document", [*DOCUMENTS, COPIED_LIST, {}, {"measures": [{}, {}]}])
def test_a_document_taken_apart_and_put_together_says_the_same(document: dict[str, Any]) -> None:
    pairs = json.loads(json.dumps(flatten(document)))
    assert parse_facts(assemble(pairs)) == parse_facts(document)


_moments = st.datetimes(timezones=st.timezones()).filter(lambda at: 1971 < at.year < 2199)
_counts = st.one_of(
    st.integers(0, 10**6),
    st.fixed_dictionaries({"min": st.integers(0, 9), "max": st.integers(9, 99)}),
)
_blocks = st.lists(
    st.fixed_dictionaries(
        {"where": st.sampled_from(["DE", "FR", "US-CA", "CA-QC", "CN"])},
        optional={"count": _counts, "grade": st.just("重大"), "vulnerable": st.just(0)},
    ),
    unique_by=lambda block: str(block["where"]),
)
_schemes = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)


@given(people=_blocks, ids=st.dictionaries(_schemes, st.just("1")), aware=_moments)
def test_any_document_survives_being_stored_fact_by_fact(
    people: list[Any], ids: dict[str, str], aware: Any
) -> None:
    document = {
        "organisation": {"ids": ids},
        "clocks": {"aware": aware},
        "people": people,
        "done": {"us-ca/individuals/notify": "2026-03-20"},
    }
    try:
        facts = parse_facts(document)
    except BadFile:  # an offset of seconds, long ago
        return
    assert parse_facts(assemble(flatten(document))) == facts


@given(st.lists(st.text(max_size=9), min_size=1, max_size=4))
def test_a_key_of_any_parts_comes_apart_again(parts: list[str]) -> None:
    assert split_key(join_key(parts)) == tuple(parts)


def test_a_correction_replaces_one_fact_and_leaves_the_rest() -> None:
    pairs = [*flatten(COPIED_LIST), ("people.DE.count", 1500), ("data.encrypted", None)]
    facts = parse_facts(assemble(pairs))
    assert facts.people[0].count is not None
    assert facts.people[0].count.value == 1500
    assert facts.data.encrypted is None
    assert facts.data.types == parse_facts(COPIED_LIST).data.types


def test_a_place_nobody_lives_in_after_all_leaves_the_document() -> None:
    facts = parse_facts(assemble([*flatten(COPIED_LIST), ("people.DE.where", None)]))
    assert [block.where for block in facts.people] == ["US-CA"]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("data.encrypted", "false", False),
        ("data.encrypted", "partly", "partly"),
        ("data.encrypted", "unknown", None),
        ("people.DE.count", "1500", 1500),
        ("people.DE.count", "~1500", {"value": 1500, "basis": "estimate"}),
        ("people.DE.count", "900..1500", {"min": 900, "max": 1500, "basis": "estimate"}),
        ("people.DE.count", "undetermined", {"basis": "undetermined"}),
        ("data.types", "name, email", ["name", "email"]),
        ("data.restored_hours", "0.5", 0.5),
        ("clocks.aware", "2026-03-06T10:25:00+08:00", "2026-03-06T10:25:00+08:00"),
        ('done."us-ca/individuals/notify"', "2026-03-20", "2026-03-20"),
        ("measures.0.text.zh-CN", "已关闭访问", "已关闭访问"),
        ("organisation.ids.lei", "5493", "5493"),
    ],
)
def test_a_value_typed_by_hand_is_read(key: str, text: str, value: object) -> None:
    assert parse_value(key, text) == value


@pytest.mark.parametrize(
    ("key", "text", "code", "hint"),
    [
        ("data.encryptd", "true", "unknown-key", "data.encrypted"),
        ("data.types", "nam", "unknown-word", "name"),
        ("people.UK.count", "3", "unknown-place", "GB"),
        ("people[0].count", "3", "bad-key", ""),
        ("data", "true", "not-one-fact", ""),
        ("people.DE", "3", "not-one-fact", ""),
        ("people.DE.count", "-3", "out-of-range", ""),
        ("clocks.aware", "yesterday", "not-a-moment", ""),
        ("data.backup", "maybe", "wrong-kind", ""),
        ("measures.first.kind", "contain", "not-an-index", ""),
        ("", "x", "bad-key", ""),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_key(
    key: str, text: str, code: str, hint: str
) -> None:
    with pytest.raises(BadFile) as caught:
        parse_value(key, text)
    assert (caught.value.code, caught.value.place) == (code, key)
    assert hint in caught.value.next_step


def test_no_key_and_text_break_the_reader() -> None:
    dice, marks = random.Random(7), '."ade\\01 -~,é\ud800\x00'
    refused: list[str] = []
    for _ in range(3_000):
        key = dice.choice([*known_keys(), ""]) + "".join(dice.choices(marks, k=dice.randint(0, 3)))
        try:
            parse_value(key, "".join(dice.choices(marks, k=dice.randint(0, 9))))
        except BadFile as bad:
            refused.append(str(bad))
    assert all(refused)
    assert len(refused) > 1_000


def test_there_is_a_question_for_every_fact() -> None:
    for key in known_keys():
        assert ask(key).endswith("?")
        assert not ask(key).startswith("What is known"), key
    assert ask("people.DE.count") == "DE: How many people are affected?"
