"""Every law file that ships says what its own examples expect."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from incident_engine.domain.law.check import check
from incident_engine.domain.law.playbook import Playbook
from incident_engine.intake.playbook_file import read_playbooks

FOLDER = Path(__file__).parents[2] / "playbooks"
LAWS = read_playbooks(FOLDER)
by_name = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)


def test_the_four_first_laws_ship() -> None:
    assert {"cn-pipl", "eu-gdpr", "sg-pdpa", "us-ca"} <= {law.id for law in LAWS}


@by_name
def test_its_examples_give_their_answers(law: Playbook) -> None:
    faults = [str(f) for f in check(law, today=law.review.read_on) if f.is_fault]
    assert faults == []


@by_name
def test_a_review_that_is_due_is_remarked(law: Playbook) -> None:
    remarks = [f.says for f in check(law, today=date(2099, 1, 1))]
    assert any("next reading was due" in says for says in remarks)


@by_name
def test_an_unsigned_file_says_so(law: Playbook) -> None:
    remarks = [f.says for f in check(law, today=law.review.read_on)]
    assert ("no lawyer has signed this file" in remarks) is (law.review.read_by == "")


def test_an_example_that_is_wrong_is_a_fault() -> None:
    law = next(law for law in LAWS if law.id == "eu-gdpr")
    wrong = law.example[0].model_copy(update={"expect": law.example[3].expect})
    broken = law.model_copy(update={"example": (wrong, *law.example[1:])})
    faults = [f for f in check(broken, today=law.review.read_on) if f.is_fault]
    assert len(faults) == 2  # the authority and the people, both owed and expected not to be


def test_the_readme_names_every_key_of_the_form() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    for effect in ("not-required", "prohibit", "postpone", "another-way", "note"):
        assert effect in text
    for key in Playbook.model_fields:
        name = key.rstrip("_")
        assert name == "sha256" or f"`{name}`" in text or f"[{name}]" in text, name
