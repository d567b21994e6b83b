"""A pattern said once, and the few words of a law that say it otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.domain.law.check import check
from incident_engine.domain.law.playbook import Playbook
from incident_engine.intake.playbook_file import read_playbook, whole_text

SHIPPED = Path(__file__).parents[2] / "playbooks"
IOWA = (SHIPPED / "us-ia.toml").read_text("utf-8")
BASE = (SHIPPED / "base" / "us-state.toml").read_text("utf-8")

Read = Callable[..., Playbook]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    (tmp_path / "base").mkdir()

    def reading(own: str = IOWA, base: str = BASE) -> Playbook:
        (tmp_path / "us-ia.toml").write_text(own, "utf-8")
        (tmp_path / "base" / "us-state.toml").write_text(base, "utf-8")
        return read_playbook(tmp_path / "us-ia.toml")

    return reading


def test_what_a_state_does_not_say_is_the_patterns(read: Read) -> None:
    iowa = read()
    assert [duty.id for duty in iowa.obligation] == [
        "individuals",
        "attorney-general",
        "controller",
    ]
    substitute = next(e for e in iowa.named("individuals").exception if e.id == "substitute")
    assert "350000 residents" in substitute.says  # Iowa's own figure in the pattern's sentence
    assert substitute.evidence == "secondary"
    assert iowa.scope.territory == ("US-IA",)


def test_a_new_state_is_its_heading_and_what_differs(read: Read) -> None:
    heading, rest = IOWA.split("[elements]")
    bare = (
        heading + rest[rest.index("[[example]]") :].split('[[example]]\nname = "501 residents')[0]
    )
    bare = bare.replace('attorney-general = "waiting"', 'attorney-general = "required"')
    today = read(bare).review.read_on
    assert [str(f) for f in check(read(bare), today=today) if f.is_fault] == []


def test_the_hash_is_of_the_whole_text_and_the_whole_text_is_a_law(
    read: Read, tmp_path: Path
) -> None:
    iowa = read()
    text = whole_text(tmp_path / "us-ia.toml")
    assert iowa.sha256 == sha256(text.encode()).hexdigest()
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "us-ia.toml").write_text(text.replace('base = "us-state"\n', ""), "utf-8")
    alone = read_playbook(tmp_path / "alone" / "us-ia.toml")
    same = {"base": None, "sha256": ""}
    found, wanted = (each.model_copy(update=same).with_text("") for each in (alone, iowa))
    assert found == wanted


def test_a_word_changed_in_the_pattern_changes_the_hash_of_the_law(read: Read) -> None:
    before = read().sha256
    assert read(base=BASE.replace("250000", "250001", 1)).sha256 != before


@pytest.mark.parametrize(
    ("good", "bad", "code", "said"),
    [
        ('base    = "us-state"', 'base    = "us-stat"', "unknown-base", "us-state"),
        ('base    = "us-state"', 'base    = "../us-state"', "unknown-base", "us-state"),
        ('name            = "Iowa"', 'nme             = "Iowa"', "unknown-word", "[fill]"),
        ("crowd           =", "crwd            =", "unused-word", "crowd"),
        ('["credit-bureaus",', '["credit-bureau",', "unknown-name", "base"),
        ('cite            = "715C.1, 715C.2"', 'cite = "<cite_scope>"', "cycle", "end"),
        ("[fill]", "[[fill]]", "wrong-kind", "table"),
        ('within = "5 business days"', 'within = "0 business days"', "bad-period", "72 hours"),
    ],
)
def test_a_fault_is_named(read: Read, good: str, bad: str, code: str, said: str) -> None:
    assert good in IOWA
    with pytest.raises(BadFile) as caught:
        read(IOWA.replace(good, bad, 1))
    fault = next(fault for fault in caught.value.faults if fault.code == code)
    assert said in fault.expected
    assert "us-ia.toml" in fault.place


def test_a_fault_names_the_file_and_line_it_stands_in(read: Read) -> None:
    own = IOWA.replace('within = "5 business days"', 'within = "0 business days"', 1)
    line = next(n for n, row in enumerate(own.splitlines(), 1) if '"0 business days"' in row)
    with pytest.raises(BadFile) as caught:
        read(own)
    assert caught.value.faults[0].place.startswith(f"us-ia.toml line {line}: ")
    base = BASE.replace('effect     = "postpone"', 'effect     = "postpon"', 1)
    line = next(n for n, row in enumerate(base.splitlines(), 1) if '"postpon"' in row)
    with pytest.raises(BadFile) as caught:
        read(base=base)
    assert caught.value.faults[0].place.startswith(f"base/us-state.toml line {line}: ")


def test_mutated_files_are_read_or_refused_and_never_break(read: Read) -> None:
    chance = random.Random(11)
    for round_ in range(120):
        texts = [IOWA.splitlines(), BASE.splitlines()]
        lines = texts[round_ % 2]
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(lines))
            lines[at] = chance.choice(
                ["", lines[at][: chance.randint(0, len(lines[at]))], lines[at].replace('"', ""),
                 lines[at].replace("=", "= [") + "]", lines[at] * 2, "x = 1", "[a]", "[[due]]"]
            )  # fmt: skip
        with suppress(BadFile):
            assert read("\n".join(texts[0]), "\n".join(texts[1])).id == "us-ia"
