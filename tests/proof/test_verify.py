"""A pack is whole, or the verifier says in a sentence where it is not."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from incident_engine.proof import verify as verifier
from incident_engine.proof.verify import Findings, main, verify
from incident_engine.store import checkpoints
from incident_engine.store.journal import link
from incident_engine.store.tables import Entry
from tests.cast import INCIDENT, typed
from tests.proof.conftest import Closed, digest, line_changed

SOURCE = Path(verifier.__file__)


def says(found: Findings, mark: str) -> str:
    return "\n".join(sentence for each, sentence in found.lines if each == mark)


# Whole --------------------------------------------------------------------------------------------


def test_an_untouched_pack_is_whole_and_says_what_it_looked_at(first_closed: Closed) -> None:
    found = first_closed.checked()
    assert found.faults == []
    said = says(found, "ok")
    for word in (
        "byte for byte", "key is the one", "manifest", "journal is whole", "kept elsewhere agree",
        "facts", "duties", "law files", "wording", "people", "deliveries", "came later",
        "reports", "answers", "packets", "public page",
    ):  # fmt: skip
        assert word in said, word


def test_it_says_what_it_could_not_tell(first_closed: Closed) -> None:
    said = says(verify(str(first_closed.pack)), "open")
    for word in ("fingerprint", "--checkpoints", "shown as hashes", "Replies", "mail server"):
        assert word in said, word


def test_the_verifier_in_the_pack_is_our_own_byte_for_byte(first_closed: Closed) -> None:
    with zipfile.ZipFile(first_closed.pack) as pack:
        assert pack.read("verify.py") == SOURCE.read_bytes()


def test_the_verifier_runs_alone_with_nothing_but_cryptography(closed: Closed) -> None:
    with zipfile.ZipFile(closed.pack) as pack:
        pack.extract("verify.py", closed.folder)
    command = [sys.executable, "-I", closed.folder / "verify.py", closed.pack]
    command += ["--key", closed.folder / "kept.pub", "--checkpoints", closed.folder / "kept.jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith(f"WHOLE: {closed.pack}")


def test_the_verifier_is_written_for_any_python_from_3_9_on() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 9))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    called = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    from_datetime = {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "datetime"
        for name in node.names
    }
    assert "UTC" not in from_datetime, "datetime.UTC came with 3.11"
    assert "strict" not in called, "zip(strict=…) came with 3.10"


# A stranger tampers -------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.data())
def test_no_changed_byte_goes_unseen(first_closed: Closed, data: st.DataObject) -> None:
    content = bytearray(first_closed.pack.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
    if bytes(content) == first_closed.pack.read_bytes():
        return  # the second change took the first one back
    forged = first_closed.folder / "flipped.zip"
    forged.write_bytes(content)
    assert verify(str(forged)).faults


@settings(max_examples=40)
@given(st.data())
def test_no_cut_and_no_addition_goes_unseen(first_closed: Closed, data: st.DataObject) -> None:
    content = first_closed.pack.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    extra = data.draw(st.binary(min_size=1, max_size=200))
    forged = first_closed.folder / "cut.zip"
    for each in (content[:at], content[:at] + extra + content[at:], content + extra):
        forged.write_bytes(each)
        assert verify(str(forged)).faults


@pytest.mark.parametrize("content", [b"", b"PK", b"not a pack at all" * 100])
def test_what_is_no_pack_is_said_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    [fault] = verify(str(tmp_path / "x.zip")).faults
    assert "no inspection pack" in fault


def test_any_other_zip_is_no_pack(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as other:
        other.writestr("hello.txt", "hello")
    assert "no inspection pack" in verify(str(tmp_path / "x.zip")).faults[0]


def test_a_key_that_is_not_the_kept_one_is_a_fault_however_well_all_is_signed(
    closed: Closed,
) -> None:
    """Somebody signs manifest, file and checkpoints anew with a key of their own."""
    shutil.rmtree(closed.home.keys)
    closed.home.keys.mkdir()
    checkpoints.create_signing_key(closed.home.keys)
    mine = checkpoints.public_key(closed.home.keys).encode()

    def sign_anew(name: str, content: bytes) -> bytes:
        if name == "journal.pub":
            return mine
        if name != "journal/checkpoints.jsonl":
            return content
        file = closed.folder / "signed-anew.jsonl"
        for line in map(json.loads, content.splitlines()):
            checkpoints.append(
                file, closed.home.keys, entries=line["entries"], head=line["head"],
                root=line["root"], at=closed.clock.at.fromisoformat(line["at"]),
            )  # fmt: skip
        return file.read_bytes()

    forged = closed.resigned(sign_anew)
    assert verify(str(forged)).faults == [], "nobody can see it without the key"
    assert "not the one that you kept" in closed.checked(forged).faults[0]


def test_a_key_put_into_the_pack_alone_signs_nothing_in_it(closed: Closed, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    checkpoints.create_signing_key(tmp_path / "keys")
    other = checkpoints.public_key(tmp_path / "keys").encode()
    forged = closed.resigned(lambda name, c: other if name == "journal.pub" else c)
    said = "\n".join(verify(str(forged)).faults)
    assert "byte for byte" in said
    assert "not signed by this key" in said


# Its maker tampers: the file is forged and signed again -----------------------------------------


def dropped_line(file: str, mark: bytes = b"") -> Callable[[str, bytes], bytes]:
    def tamper(name: str, content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        victim = next(i for i, line in enumerate(lines) if mark in line) if name == file else -1
        return b"".join(line for i, line in enumerate(lines) if i != victim)

    return tamper


def changed(file: str, old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: line_changed(content, old, new) if name == file else content


FORGERIES = {
    "a delivery dropped": (dropped_line("deliveries.jsonl"), "not those launched"),
    "an opened delivery dropped": (
        lambda name, content: b"".join(
            line for line in content.splitlines(keepends=True) if b'"after":null' in line
        ) if name == "deliveries.jsonl" else content,
        "A delivery was dropped",
    ),
    "a person dropped": (dropped_line("people.jsonl"), "people"),
    "a fact dropped": (dropped_line("facts.jsonl"), "facts of entry"),
    "a fact changed": (
        changed("facts.jsonl", b'"value":"hacking","text":"\\"hacking\\""',
                b'"value":"error","text":"\\"error\\""'),
        "facts of entry",
    ),
    "a fact told in two ways": (changed("facts.jsonl", b'"value":"hacking"', b'"value":"error"'),
                                "facts.jsonl cannot be read"),
    "a fact said earlier": (
        changed("facts.jsonl", b'"said_at":"2026-03-06T04', b'"said_at":"2026-03-06T03'),
        "facts of entry",
    ),
    "an outcome improved": (
        changed("deliveries.jsonl", b'"outcome":"undeliverable","after"',
                b'"outcome":"accepted","after"'),
        "no entry says so",
    ),
    "a reply's code changed": (changed("deliveries.jsonl", b'"code":"550"', b'"code":"250"'),
                               "other rows than those in the pack"),
    "a try dropped": (changed("deliveries.jsonl", b'"booked_entry":', b'"booked_entry":null,"x":'),
                      "other rows"),
    "a delivery given to another person": (
        lambda name, content: content.replace(
            *(json.loads(line)["person"].encode() for line in content.splitlines()[:2]), 1
        ) if name == "deliveries.jsonl" else content,
        "not those launched",
    ),
    "a wording changed": (
        lambda name, content: content.replace(b"test server", b"text server", 1)
        if name.startswith("notices/1/001") and name.endswith(".json") else content,
        "not the wording that was approved",
    ),
    "a wording dropped": (
        lambda name, content: None if name.startswith("notices/1/001") else content,
        "notices cannot be read",
    ),
    "an approval invented": (changed("notices/index.json", b'"by": "dov"', b'"by": "ines"'),
                             "no word of ines"),
    "a duty met by decree": (
        changed("decisions/obligations.json", b'"state": "owed"', b'"state": "met"'),
        "the journal says",
    ),
    "a waiver by another": (
        lambda name, content: json.dumps([
            each | ({"decided_by": "dov"} if each["state"] == "waived" else {})
            for each in json.loads(content)
        ]).encode() if name == "decisions/obligations.json" else content,
        "was not decided by dov",
    ),
    "a waiver forgotten": (
        lambda name, content: json.dumps(
            [each for each in json.loads(content) if each["state"] != "waived"]
        ).encode() if name == "decisions/obligations.json" else content,
        "and is not in the pack",
    ),
    "a law rewritten": (
        lambda name, content: content + b"# milder\n" if "eu-gdpr" in name else content,
        "not the law that was read",
    ),
    "a law left out of the list": (
        lambda name, content: json.dumps(json.loads(content)[1:]).encode()
        if name == "law/index.json" else content,
        "was used, and is not in the pack",
    ),
    "a report changed": (
        lambda name, content: content + b" "
        if name.startswith("reports/eu-gdpr") and name.endswith(".json") else content,
        "not the one that the journal names",
    ),
    "a receipt exchanged": (
        lambda name, content: b"%PDF- other" if name.endswith("-receipt.pdf") else content,
        "not the one that the journal names",
    ),
    "a report forgotten": (
        lambda name, content: b"[]" if name == "reports/index.json" else content,
        "was prepared, and is not in the pack",
    ),
    "the public page changed": (
        lambda name, content: content + b"<!-- x -->"
        if name == "announcement/1/1/index.html" else content,
        "not what was put up",
    ),
    "a version of the public page dropped": (
        lambda name, content: json.dumps([
            page | {"versions": page["versions"][1:]} for page in json.loads(content)
        ]).encode() if name == "announcement/index.json" else content,
        "The page of entry",
    ),
    "a version of the public page stood earlier": (
        changed("announcement/index.json", b'"since": "2026-03-06T04', b'"since": "2026-03-06T03'),
        "no page that stood since",
    ),
    "a look at the page dropped": (
        dropped_line("announcement/checks.jsonl"), "look at the page of entry",
    ),
    "a look at the page blackened": (
        changed("announcement/checks.jsonl", b'"differences":[]', b'"differences":["x"]'),
        "is not as it was recorded",
    ),
    "later news dropped": (dropped_line("receipts.jsonl"), "was dropped"),
    "later news of a forger dropped": (
        dropped_line("receipts.jsonl", b'"believed":false'), "was dropped",
    ),
    "later news believed": (
        changed("receipts.jsonl", b'"believed":false', b'"believed":true'), "not as it was kept",
    ),
    "later news given to another delivery": (
        lambda name, content: content.replace(
            *(json.loads(line)["delivery"].encode() for line in content.splitlines()), 1
        ) if name == "receipts.jsonl" else content,
        "not as it was kept",
    ),
    "an answer dropped": (
        lambda name, content: b"[]" if name == "reports/answers.json" else content,
        "answer of entry",
    ),
    "an answer softened": (
        changed("reports/answers.json", b'"verdict": "more-wanted"', b'"verdict": "accepted"'),
        "not the one recorded",
    ),
    "an answer's words changed": (
        changed("reports/answers.json", b"How many minors?", b"Well done."), "not the one recorded",
    ),
    "an answer's date put off": (
        changed("reports/answers.json", b'"due_at": "2026-03-20', b'"due_at": "2026-03-21'),
        "not the one recorded",
    ),
    "an answer's letter exchanged": (
        lambda name, content: b"%PDF- less" if name.startswith("reports/answer-1") else content,
        "not the one recorded",
    ),
    "the duty that an answer set dropped": (
        lambda name, content: json.dumps(
            [each for each in json.loads(content) if "-answer-" not in each["duty"]]
        ).encode() if name == "decisions/obligations.json" else content,
        "set a duty that is not in the pack",
    ),
    "an email to an authority invented": (
        changed("reports/index.json", b'"sent_outcome": ""', b'"sent_outcome": "accepted"'),
        "what became of the email",
    ),
    "an entry changed": (
        changed("journal/entries.jsonl", b'"actor":"dov"', b'"actor":"ines"'), "does not follow",
    ),
    "an entry dropped": (
        dropped_line("journal/entries.jsonl", b"notice-approved"), "does not follow",
    ),
    "another's entry changed": (
        lambda name, content: b"\n".join(
            b'"' + b"0" * 64 + b'"' if line.startswith(b'"') else line
            for line in content.splitlines()
        ) if name == "journal/entries.jsonl" else content,
        "does not follow",
    ),
    "the tail cut": (
        lambda name, content: b"".join(content.splitlines(keepends=True)[:-2])
        if name == "journal/entries.jsonl" else content,
        "ends at entry",
    ),
    "the tail cut with its checkpoint": (
        lambda name, content: b"".join(content.splitlines(keepends=True)[:-1])
        if name.startswith("journal/") else content,
        "not under a signed checkpoint",
    ),
    "a checkpoint changed": (changed("journal/checkpoints.jsonl", b'"entries": ', b'"entries": 1'),
                             "not signed by this key"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_every_forgery_is_found_though_it_was_signed_again(closed: Closed, name: str) -> None:
    tamper, fault = FORGERIES[name]
    forged = closed.resigned(tamper)
    assert digest(forged) != digest(closed.pack)
    faults = closed.checked(forged).faults
    assert faults, "nobody saw it"
    assert fault in "\n".join(faults)
    assert not any("byte for byte" in each for each in faults), "it was well signed"


def test_a_pack_signed_again_unchanged_is_the_same_file(closed: Closed) -> None:
    assert digest(closed.resigned(lambda _, content: content)) == digest(closed.pack)


# Its maker tampers with the rows and makes a new pack --------------------------------------------


DISK = {
    "DELETE FROM attempt WHERE id = 1": "other rows",
    "UPDATE attempt SET provider_reference = 'X' WHERE id = 1": "other rows",
    "UPDATE attempt SET ended_at = NULL, answered_entry = NULL WHERE id = 1": "other rows",
    "UPDATE delivery SET outcome = 'delivered' WHERE outcome = 'undeliverable'": "no entry says so",
    "UPDATE delivery SET person_id = 3 WHERE id = 1": "not those launched",
    "UPDATE delivery SET blind_address = 'x' WHERE id = 1": "not those launched",
    "UPDATE fact SET value = '\"error\"' WHERE key = 'cause.action'": "facts of entry",
    "UPDATE fact SET why = 'x' WHERE why = 'looked again'": "facts of entry",
    "UPDATE person SET place = 'FR' WHERE id = 1": "not those who were counted",
    "UPDATE person SET sealed = x'00' WHERE id = 3": "not those who were counted",
    "UPDATE obligation SET state = 'waived' WHERE state = 'owed' AND id = "
    "(SELECT min(id) FROM obligation WHERE state = 'owed')": "the journal says",
    "UPDATE approval SET by = 'ines'": "no word of ines",
    "UPDATE wording SET body = replace(body, 'test server', 'text server')": "not the wording",
    "UPDATE filing SET body = body || ' '": "not the one that the journal names",
    "UPDATE law_text SET text = text || '# milder'": "not the law that was read",
    "DELETE FROM receipt WHERE id = 1": "was dropped",
    "UPDATE receipt SET outcome = 'delivered' WHERE id = 2": "not as it was kept",
    "UPDATE delivery SET outcome = 'accepted' WHERE outcome = 'delivered'": "no entry says so",
    "UPDATE authority_answer SET said = 'Well done.'": "not the one recorded",
    "DELETE FROM authority_answer": "answer of entry",
    "DELETE FROM announcement_version WHERE id = 1": "The page of entry",
    "UPDATE announcement_version SET since = '2026-03-01 00:00:00.000000'": "page that stood",
    "UPDATE campaign SET manifest = replace(manifest, 'kestrel', 'k')": "not what was approved",
}


@pytest.mark.parametrize("statement", DISK)
def test_every_change_of_the_rows_is_found_in_the_next_pack(closed: Closed, statement: str) -> None:
    closed.with_the_disk(statement)
    faults = closed.checked(closed.proved()).faults
    assert DISK[statement] in "\n".join(faults)


def test_a_recomputed_chain_signed_again_is_found_by_the_kept_checkpoint_alone(
    closed: Closed,
) -> None:
    """Somebody with the disk and the key rewrites who approved, and everything after it."""
    engine = closed.engine()
    with engine.reading() as session:
        rows = list(session.exec(select(Entry).order_by(col(Entry.id))).all())
    previous, statements = "0" * 64, []
    for each in rows:
        fresh = Entry(**each.model_dump() | {"previous": previous})
        if each.act == "notice-approved":
            fresh.actor = "ines"
        fresh.sha256 = previous = link(fresh)
        statements.append(
            f"UPDATE entry SET actor = '{fresh.actor}', previous = '{fresh.previous}', "
            f"sha256 = '{fresh.sha256}' WHERE id = {each.id}"
        )
    engine.database.close()
    closed.with_the_disk(*statements, "UPDATE approval SET by = 'ines'")
    closed.home.checkpoints.unlink()
    forged = closed.proved()
    assert verify(str(forged), closed.key).faults == [], "without the kept copy it looks whole"
    assert "is not the one that the kept copy signed" in closed.checked(forged).faults[0]


def test_a_database_rolled_back_is_found_by_the_kept_checkpoint(closed: Closed) -> None:
    last = "(SELECT max(id) FROM entry)"
    closed.with_the_disk(*[f"DELETE FROM entry WHERE id = {last}"] * 5)
    closed.home.checkpoints.unlink()
    forged = closed.proved()
    assert "rolled back or written anew" in "\n".join(closed.checked(forged).faults)


def test_a_lost_file_of_checkpoints_accuses_nobody(closed: Closed) -> None:
    """The entries that the kept copy signed are all there, as they were."""
    closed.home.checkpoints.unlink()
    assert closed.checked(closed.proved()).faults == []


def test_a_kept_copy_that_somebody_changed_is_said_to_be_none(closed: Closed) -> None:
    changed_copy = closed.kept.replace(b'"entries": ', b'"entries": 1')
    faults = verify(str(closed.pack), closed.key, changed_copy).faults
    assert "not signed by this key" in faults[0]


def test_a_checkpoint_of_after_the_pack_says_nothing_against_it(closed: Closed) -> None:
    closed.clock.passes(days=1)
    closed.proved()
    later = closed.home.checkpoints.read_bytes()
    assert verify(str(closed.pack), closed.key, later).faults == []


# Typed --------------------------------------------------------------------------------------------


def test_typed_it_is_whole_or_one_sentence(
    closed: Closed, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = typed("proof", "verify", closed.pack, "--key", closed.folder / "kept.pub")
    assert whole.status == 0, whole.err
    content = closed.pack.read_bytes().replace(b"DE-4711", b"DE-4712", 1)
    bad = closed.folder / "bad.zip"
    bad.write_bytes(content[:1000] + b"x" + content[1001:])
    broken = typed("proof", "verify", bad, "--key", closed.folder / "kept.pub")
    assert broken.status == 1
    broken.must_be_one_sentence("bad.zip", "not whole", "keep this copy")
    assert "FAULT" in broken.out
    as_json = typed("proof", "verify", bad, "--json", "--key", closed.folder / "kept.pub")
    assert json.loads(as_json.out)["sound"] is False
    assert main([str(bad)]) == 1
    assert main([str(closed.folder / "none.zip")]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["none.zip"], ["here.zip", "--key", "none.pub"]])
def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "here.zip").write_bytes(b"x")
    given = [tmp_path / each if "." in each else each for each in words]
    answer = typed("proof", "verify", *given)
    assert answer.status == 2
    answer.must_be_one_sentence("cannot be read")


def test_the_incident_of_the_pack_is_named(first_closed: Closed) -> None:
    with zipfile.ZipFile(first_closed.pack) as pack:
        assert json.loads(pack.read("manifest.json"))["incident"] == INCIDENT
