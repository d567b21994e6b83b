"""Every sentence of a notice can be traced to what it comes from, and back."""

from __future__ import annotations

import pytest

from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.notices.trace_notice import TracedGroup, trace_notice
from tests.cast import INCIDENT, OTTO, House


@pytest.fixture
def prepared(house: House) -> House:
    house.prepared()
    return house


def sources(found: list[TracedGroup], begins: str) -> set[str]:
    """What the sentences that begin so come from, in any variant."""
    return {
        source
        for group in found
        for said in group.sentences
        if said.sentence.startswith(begins)
        for source in said.sources
    }


def test_each_sentence_names_the_fact_the_entry_or_the_template(
    prepared: House,
) -> None:
    found = trace_notice(prepared.engine, OTTO, INCIDENT, "en")
    assert found
    assert all(said.sources for group in found for said in group.sentences)
    assert "fact: clocks.occurred_from" in sources(found, "Some of your personal data")
    assert "fact: story.en.summary" in sources(found, "A copy of our customer list")
    assert any(each.startswith("catalogue: en/steps.toml [") for each in sources(found, ""))
    assert sources(found, "You are not to blame.") == {"words: en/notice.txt"}
    assert sources(found, "What Happened") == {"words: en/notice.txt"}


def test_what_is_said_because_a_law_asks_names_that_law(house: House) -> None:
    house.prepared("id,name,email,where\n1,Ada Lovell,ada@people.example,US-CA\n")
    found = trace_notice(house.engine, OTTO, INCIDENT, "en")
    assert any(each.startswith("law: us-ca wants ") for each in sources(found, ""))


def test_one_language_is_traced_when_one_is_asked_for(prepared: House) -> None:
    everything = trace_notice(prepared.engine, OTTO, INCIDENT)
    chinese = trace_notice(prepared.engine, OTTO, INCIDENT, "zh-Hans")
    assert {each.group.split("/")[0] for each in chinese} == {"zh-Hans"}
    assert len(chinese) < len(everything)


def test_a_changed_fact_marks_the_draft_that_used_it_with_its_sentences(prepared: House) -> None:
    draft = prepared.campaign()
    new = [("story.en.summary", "A copy of a part of our customer list was taken.")]
    [marked] = record_facts(prepared.engine, OTTO, INCIDENT, new, why="it was a part").drafts
    assert (marked.notice, marked.sha256) == (draft.number, draft.sha256)
    assert marked.sentences
    assert all("copy of our customer list" in sentence for sentence in marked.sentences)
    assert '"notices":{"1":' in prepared.acts("facts-recorded")[-1].body
    assert prepared.campaign().state == "void"


def test_a_fact_that_no_sentence_uses_marks_none_though_the_draft_is_void(prepared: House) -> None:
    found = record_facts(
        prepared.engine, OTTO, INCIDENT, [("data.records", "900")], why="counted"
    ).drafts
    assert found == []
    assert prepared.campaign().state == "void"


def test_a_sentence_that_either_of_two_facts_would_carry_names_both(prepared: House) -> None:
    """Ours is the house whose name stands in a fact and in a setting."""
    found = trace_notice(prepared.engine, OTTO, INCIDENT, "en")
    named = {
        frozenset(said.sources)
        for group in found
        for said in group.sentences
        if "Kestrel Cloud" in said.sentence
    }
    assert named
    assert all(not any(source.startswith("words:") for source in sources) for sources in named), (
        named
    )
