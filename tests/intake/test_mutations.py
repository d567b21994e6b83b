"""A thousand small damages to valid files: refused in a sentence or read, never a traceback.

Seeded, so that what fails once fails again; a fault's number is in the name of the failure.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.check import check
from incident_engine.domain.law.faults import parse_playbook
from incident_engine.intake.facts_file import read_facts
from incident_engine.intake.playbook_file import read_playbook, read_playbooks

ROOT = Path(__file__).parents[2]
FACTS = (ROOT / "incident_engine" / "demo" / "facts.toml").read_text("utf-8")
LAWS = read_playbooks(ROOT / "playbooks")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1.5, "", "x", "é\u202e", "\x00", "@x", "9" * 500, "unknown",
    "72 hours", "0 hours", "99999999 years", "../../etc/passwd", "Europe/Nowhere", "$",
    date(2026, 2, 28), datetime(9999, 12, 31, tzinfo=UTC), [], [[]], {}, {"any": []}, {"not": {}},
    {"a": {"b": {"c": 1}}}, ["x"] * 50,
)  # fmt: skip


def spots(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from spots(value, (*path, key))


def damaged(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The document with one to three values replaced, left out, doubled or renamed."""
    found = tomllib.loads(document["text"])
    for _ in range(chance.randint(1, 3)):
        *outer, last = chance.choice(list(spots(found)))
        table: Any = found
        for part in outer:
            table = table[part]
        act = chance.choice(("replace", "replace", "leave out", "rename", "double"))
        if act == "replace":
            table[last] = chance.choice(ODD)
        elif act == "leave out":
            del table[last]
        elif isinstance(table, dict):
            table[f"{last}x" if act == "rename" else chance.choice("abc")] = table[last]
        else:
            table.append(table[last])
    return found


def scratched(text: str, chance: random.Random) -> str:
    """The text with a few characters taken out, put in or put elsewhere."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(text))
        there = chance.randrange(len(text))
        text = chance.choice((
            text[:at] + text[at + chance.randint(1, 30):],
            text[:at] + chance.choice('"[]{}=.,#\n\\é\x00') + text[at:],
            text[:at] + text[there : there + 40] + text[at:],
        ))  # fmt: skip
    return text


def is_refused(act: Callable[[], object]) -> bool:
    """Whether it is refused as a file should be: every fault with its place and what was found."""
    refusal = _refusal(act)
    if refusal is None:
        return False
    assert [fault for fault in refusal.faults if not (fault.place and fault.found)] == []
    assert "\n" not in str(refusal)
    return True


def _refusal(act: Callable[[], object]) -> BadFile | None:
    try:
        act()
    except BadFile as bad:
        return bad
    return None


def test_damaged_facts_are_refused_or_assessed() -> None:
    refused = 0
    for number in range(400):
        document = damaged({"text": FACTS}, random.Random(number))
        law = LAWS[number % len(LAWS)]
        refused += is_refused(lambda d=document, w=law: assess(parse_facts(d), [w], now=NOW))
    assert 200 < refused < 400


def test_scratched_facts_files_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    for number in range(300):
        path.write_text(scratched(FACTS, random.Random(number)), "utf-8")
        is_refused(lambda: read_facts(path))


def test_damaged_facts_in_json_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    plain = json.dumps(tomllib.loads(FACTS), default=lambda moment: moment.isoformat())
    for number in range(200):
        path.write_text(scratched(plain, random.Random(number)), "utf-8")
        is_refused(lambda: read_facts(path))


@pytest.mark.parametrize("name", ["eu-dora", "us-hipaa", "sg-pdpa", "my-pdpa", "cn-minors"])
def test_a_damaged_law_is_refused_or_answers(name: str) -> None:
    text = (ROOT / "playbooks" / f"{name}.toml").read_text("utf-8")
    refused = 0
    for number in range(60):
        document = damaged({"text": text}, random.Random(number))
        refused += is_refused(
            lambda d=document: list(check(parse_playbook(d, place="law.toml"), today=NOW.date()))
        )
    assert refused > 20


@pytest.mark.parametrize("name", ["us-ia.toml", "eu-gdpr.toml", "base/us-state.toml"])
def test_a_scratched_law_file_is_refused_or_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "base").mkdir()
    for each in ("us-ia.toml", "eu-gdpr.toml", "base/us-state.toml"):
        (tmp_path / each).write_bytes((ROOT / "playbooks" / each).read_bytes())
    text = (tmp_path / name).read_text("utf-8")
    law = tmp_path / (name if "/" not in name else "us-ia.toml")
    for number in range(60):
        (tmp_path / name).write_text(scratched(text, random.Random(number)), "utf-8")
        is_refused(lambda: read_playbook(law))
