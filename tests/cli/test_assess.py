"""`assess` and `playbook`, as they are typed: no home, no database."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

FACTS = """
role = "controller"
kinds = ["confidentiality"]
clocks.aware = 2026-03-06T10:25:00+08:00
organisation.country = "CN"
data.types = ["name", "email"]
data.encrypted = false
finding.risk = "high"
finding.by = "Dov"
people = [{ where = "DE", count = 1200 }, { where = "CN", count = 4, minors = 0 }]
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.toml"
    path.write_text(FACTS, "utf-8")
    return path


def run(at: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "incident_engine", *words],
        cwd=at, input=stdin, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_facts_file_is_assessed_without_a_home(facts: Path) -> None:
    done = run(facts.parent, "assess", str(facts), "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    [duty] = [
        d for d in shown["obligations"]
        if (d["playbook"], d["audience"], d["where"]) == ("eu-gdpr", "regulator", "DE")
    ]  # fmt: skip
    assert duty["due"]["at"] == "2026-03-09T03:25:00+01:00"
    assert duty["due"]["from"] == "2026-03-06T10:25:00+08:00"


def test_json_comes_in_by_the_standard_input(facts: Path) -> None:
    done = run(facts.parent, "assess", "-", "--json", stdin='{"role": "processor"}')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["record"] is True


def test_people_get_a_table_that_says_what_is_late(facts: Path) -> None:
    done = run(facts.parent, "assess", str(facts), "--at", "2026-03-09T04:25:00Z")
    assert done.returncode == 0, done.stderr
    assert "LATE" in done.stdout
    assert "No lawyer has signed" in done.stdout
    assert "Record this incident" in done.stdout


def test_explain_shows_article_link_arithmetic_and_what_would_change_it(facts: Path) -> None:
    said = run(facts.parent, "assess", str(facts), "--explain").stdout
    for words in ("GDPR Art 33(1), https://", "72 hours", "in UTC", "verified", "would change"):
        assert words in said, words


def test_what_to_find_out_is_put_as_a_question_in_the_order_of_the_answer(facts: Path) -> None:
    facts.write_text(FACTS.replace("data.encrypted = false\n", ""), "utf-8")
    said = run(facts.parent, "assess", str(facts), "--explain").stdout
    assert "  to find out   data.encrypted: Was all of the data encrypted" in said
    asks = json.loads(run(facts.parent, "assess", str(facts), "--json").stdout)["asks"]
    listed = said[said.index("settles most first") :].splitlines()[1 : len(asks) + 1]
    assert [line.split(":")[0].strip() for line in listed] == asks


def test_only_the_laws_of_the_answer_are_named_as_unsigned(facts: Path) -> None:
    said = run(facts.parent, "assess", str(facts)).stdout
    unsigned = said[said.index("No lawyer has signed") :]
    assert "eu-gdpr" in unsigned
    assert "us-ca" not in unsigned


def test_what_binds_stands_before_what_does_not(facts: Path) -> None:
    facts.write_text(FACTS.replace('"high"', '"likely"'), "utf-8")
    said = run(facts.parent, "assess", str(facts)).stdout
    assert "required" in said
    assert said.rindex("required  ") < said.index("not-required")


def test_what_was_written_from_memory_carries_a_banner(facts: Path) -> None:
    facts.write_text(FACTS.replace('"controller"', '"processor"'), "utf-8")
    assert "Written from memory" in run(facts.parent, "assess", str(facts)).stdout
    assert "NOT CHECKED" in run(facts.parent, "assess", str(facts), "--explain").stdout


def test_an_instant_without_offset_is_refused_in_one_sentence(facts: Path) -> None:
    done = run(facts.parent, "assess", str(facts), "--at", "2026-03-09T04:25:00")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--at" in done.stderr


def test_the_shipped_law_files_pass_their_own_check(tmp_path: Path) -> None:
    done = run(tmp_path, "playbook", "check", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["faults"] == 0


def test_a_law_is_listed_and_shown(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "playbook", "list", "--json").stdout)
    assert "eu-gdpr" in [law["id"] for law in listed]
    assert "Art 33(1)" in run(tmp_path, "playbook", "show", "eu-gdpr").stdout
    assert run(tmp_path, "playbook", "show", "eu-gdrp").returncode == 2


def test_a_law_is_shown_whole_as_its_hash_has_it(tmp_path: Path) -> None:
    whole = run(tmp_path, "playbook", "show", "us-ia", "--whole").stdout
    shown = json.loads(run(tmp_path, "playbook", "show", "us-ia", "--json").stdout)
    assert shown["sha256"] == sha256(whole.encode()).hexdigest()
    assert "US-IA" in whole
    assert "<place>" not in whole


def test_what_was_written_from_memory_is_counted_and_said(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "playbook", "list", "--json").stdout)
    assert next(law for law in listed if law["id"] == "us-ia")["unverified"] > 0
    assert "NOT CHECKED" in run(tmp_path, "playbook", "list").stdout
    assert "WRITTEN FROM MEMORY" in run(tmp_path, "playbook", "show", "us-ia").stdout


def test_the_check_shows_every_fault_of_a_file_with_its_line(tmp_path: Path) -> None:
    law = (Path(__file__).parents[2] / "playbooks" / "eu-gdpr.toml").read_text("utf-8")
    law = law.replace('within = "72 hours"', 'within = "0 hours"', 1).replace(
        "Europe/Brussels", "Mars/Olympus"
    )
    (tmp_path / "eu-gdpr.toml").write_text(law, "utf-8")
    done = run(tmp_path, "playbook", "check", "eu-gdpr.toml")
    assert done.returncode == 2
    assert [row.partition(": ")[0] for row in done.stdout.splitlines()] == ["fault", "fault"]
    assert "eu-gdpr.toml line" in done.stdout
    assert "Mars/Olympus" in done.stdout
