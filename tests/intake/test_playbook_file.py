"""A law file with one thing wrong is refused, by file, line and name."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.intake.playbook_file import read_playbook, read_playbooks

SHIPPED = Path(__file__).parents[2] / "playbooks"
GDPR = (SHIPPED / "eu-gdpr.toml").read_text("utf-8")


def refused(folder: Path, text: str, name: str = "eu-gdpr.toml") -> BadFile:
    path = folder / name
    path.write_text(text, "utf-8")
    with pytest.raises(BadFile) as caught:
        read_playbooks(folder)
    return caught.value


def test_a_law_is_known_by_the_hash_of_its_bytes() -> None:
    law = read_playbook(SHIPPED / "eu-gdpr.toml")
    assert law.sha256 == sha256((SHIPPED / "eu-gdpr.toml").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("good", "bad", "code", "said"),
    [
        ('title    = "Notify the sup', 'titel    = "Notify the sup', "unknown-key", "title"),
        ("{ risk = ", "{ rsk = ", "unknown-fact", "risk"),
        ("{ risk = \"unlikely\"", "{ risk = \"unlikly\"", "unknown-word", "unlikely"),
        ('"gdpr Art 33(2)"\nevidence', '"gdrp Art 33(2)"\nevidence', "unknown-source", "gdpr"),
        ("Europe/Brussels", "Europe/Brusels", "unknown-zone", "Europe/Brussels"),
        ('within = "72 hours"', 'within = "0 hours"', "bad-period", "72 hours"),
        ('within = "72 hours"', 'within = "-72 hours"', "bad-period", "72 hours"),
        ('within = "72 hours"', 'within = "999999 hours"', "bad-period", "72 hours"),
        ('within = "72 hours"', 'within = "900 business days"', "bad-period", "72 hours"),
        ('after  = "aware"', 'after  = "awre"', "unknown-clock", "aware"),
        ('after  = "aware"', 'after  = "finding.matrial"', "unknown-clock", "finding.material"),
        ('after  = "aware"', 'after  = "done nobody"', "unknown-obligation", "controller"),
        ('territory = ["EEA"]', 'territory = ["XX"]', "unknown-place", "ISO 3166"),
        ('id       = "controller"', 'id       = "authority"', "duplicate-id", "its own"),
        ("basic-situation =", "basic-situatoin =", "unknown-word", "basic-situation"),
        ('authority   = "required; due', 'authoritee  = "required; due', "unknown-obligation",
         "authority"),
        ('"left out"', '"forgotten"', "unknown-word", "required"),
        ('{ role = "processor" }', '{ people = 500 }', "wrong-kind", "more than 500"),
        ('{ role = "processor" }', '{ "data.types" = "@money" }', "unknown-list", "elements"),
        ('effect   = "not-required"', 'effect   = "notrequired"', "unknown-word", "not-required"),
        ('id      = "eu-gdpr"', 'id      = "eu-other"', "wrong-name", "eu-gdpr"),
        ("[scope]", "[scope", "not-toml", "TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_what_was_meant(
    tmp_path: Path, good: str, bad: str, code: str, said: str
) -> None:
    assert good in GDPR
    faults = refused(tmp_path, GDPR.replace(good, bad, 1)).faults
    fault = next(fault for fault in faults if fault.code == code)
    assert said in f"{fault.expected} {fault.next_step}"
    assert "eu-gdpr.toml" in fault.place


def test_a_fault_names_its_line(tmp_path: Path) -> None:
    text = GDPR.replace('within = "72 hours"', 'within = "0 hours"', 1)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"0 hours"' in row)
    assert f"eu-gdpr.toml line {line}: obligation[0].due[0].within" in str(refused(tmp_path, text))


def test_a_list_is_not_called_empty_for_what_was_refused_in_it(tmp_path: Path) -> None:
    bad = refused(tmp_path, GDPR.replace('within = "72 hours"', 'within = "0 hours"', 1))
    assert [fault.code for fault in bad.faults] == ["bad-period"]


def test_a_word_that_the_pattern_never_uses_is_found_on_its_line(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "base", tmp_path / "base")
    iowa = (SHIPPED / "us-ia.toml").read_text("utf-8").replace("crowd ", "crwd ", 1)
    line = next(n for n, row in enumerate(iowa.splitlines(), 1) if row.startswith("crwd"))
    [fault] = refused(tmp_path, iowa, "us-ia.toml").faults
    assert (fault.place, fault.next_step) == (
        f"us-ia.toml line {line}: fill.crwd", "Did you mean crowd?",
    )  # fmt: skip


def test_a_citation_or_term_that_leads_nowhere_is_found_on_its_own_line(tmp_path: Path) -> None:
    text = GDPR.replace('= "gdpr Art 33(2)"', '= "gdrp Art 33(2)"').replace(
        '{ role = "processor" }', '{ term = "processors" }', 1
    )
    lines = dict(enumerate(text.splitlines(), 1))
    faults = refused(tmp_path, text).faults
    assert {fault.code for fault in faults} == {"unknown-source", "unknown-term"}
    for fault in faults:
        line = int(fault.place.partition(" line ")[2].partition(":")[0])
        assert fault.found in lines[line]


def test_a_fault_of_a_pattern_is_named_once(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    base = tmp_path / "base" / "us-state.toml"
    text = base.read_text("utf-8").replace('"act <cite_bureaus>"', '"atc <cite_bureaus>"', 1)
    base.write_text(text, "utf-8")
    with pytest.raises(BadFile) as caught:
        read_playbooks(tmp_path)
    assert len({fault.place for fault in caught.value.faults}) == len(caught.value.faults) == 1


def test_a_circle_of_orders_is_refused(tmp_path: Path) -> None:
    california = (SHIPPED / "us-ca.toml").read_text("utf-8")
    back = (
        '  [[obligation.order]]\n  must = "after"\n  than = "attorney-general"\n  says = "."\n'
        '  source = "code"\n  evidence = "unverified"\n\n'
    )
    first = california.index("  [[obligation.due]]")
    bad = refused(tmp_path, california[:first] + back + california[first:], "us-ca.toml")
    assert bad.code == "cycle"
    assert "attorney-general" in bad.found


def test_every_fault_of_every_file_is_listed(tmp_path: Path) -> None:
    (tmp_path / "sg-pdpa.toml").write_text("format = 2\n", "utf-8")
    bad = refused(tmp_path, GDPR.replace("Europe/Brussels", "Mars/Olympus"))
    places = " ".join(fault.place for fault in bad.faults)
    assert "eu-gdpr.toml" in places
    assert "sg-pdpa.toml" in places


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    outside = tmp_path / "eu-gdpr.toml"
    shutil.copy(SHIPPED / "eu-gdpr.toml", outside)
    (folder / "eu-gdpr.toml").symlink_to(outside)
    with pytest.raises(BadFile) as caught:
        read_playbooks(folder)
    assert caught.value.code == "outside"


def test_a_folder_without_laws_is_not_a_set_of_laws(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadFile) as caught:
            read_playbooks(folder)
        assert caught.value.code == "no-playbooks"


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    for content, code in ((b"\xff\xfe", "not-utf8"), (b"#" * 600_000, "too-large")):
        (tmp_path / "eu-gdpr.toml").write_bytes(content)
        with pytest.raises(BadFile) as caught:
            read_playbooks(tmp_path)
        assert caught.value.code == code


def test_a_mutated_file_is_read_or_refused_and_never_breaks(tmp_path: Path) -> None:
    chance = random.Random(7)
    path = tmp_path / "eu-gdpr.toml"
    lines = GDPR.splitlines()
    for _ in range(150):
        text = list(lines)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text))
            text[at] = chance.choice(
                ["", text[at][: chance.randint(0, len(text[at]))], text[at].replace('"', ""),
                 text[at].replace("=", "= [") + "]", text[at] * 2, "x = 1", "[a]"]
            )  # fmt: skip
        path.write_text("\n".join(text), "utf-8")
        with suppress(BadFile):
            assert read_playbook(path).id == "eu-gdpr"
