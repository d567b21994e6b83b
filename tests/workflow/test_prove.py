"""The inspection pack: everything of one incident, and nobody of any other."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from incident_engine.domain.errors import BadInput, NotFound, Refused
from incident_engine.proof.verify import verify
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch, stop
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.engine import Actor
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.proof.prove import prove
from incident_engine.workflow.reports.pack_for_controller import pack_for_controller
from tests.cast import BOTH, DOV, EVE, INCIDENT, INES, OTTO, House, typed
from tests.channels.fault_server import FaultServer
from tests.proof.conftest import (
    Closed,
    first_closed,  # noqa: F401  # a fixture
)
from tests.workflow.test_deliver import TAKEN_OR_NOT, one, through

NAMES = ["Ada Lovell", "Lovell", "Di Marsh", "薄一波", "Cy Roux", "Marsh"]
ADDRESSES = ["ada@people.example", "di@people.example", "8613912345678", "4915123456789"]


def inside(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


def packed(house: House, name: str = "proof.zip", *, personal_data: bool = False) -> Path:
    out = house.folder / name
    prove(house.engine, EVE, INCIDENT, out, personal_data=personal_data)
    return out


def faults(house: House, pack: Path) -> list[str]:
    home = house.engine.home
    kept = home.checkpoints.read_bytes()
    return verify(str(pack), (home.keys / "journal.pub").read_bytes(), kept).faults


@pytest.fixture
def faulty() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


def test_every_part_that_an_auditor_asks_for_is_there(first_closed: Closed) -> None:  # noqa: F811
    names = set(inside(first_closed.pack))
    assert names >= {
        "README.txt", "index.html", "verify.py", "manifest.json", "manifest.sig", "journal.pub",
        "facts.jsonl", "decisions/obligations.json", "decisions/log.jsonl", "law/index.json",
        "notices/index.json", "notices/1/manifest.json", "people.jsonl", "deliveries.jsonl",
        "reports/index.json", "announcement/index.json", "journal/entries.jsonl",
        "journal/checkpoints.jsonl", "users.json",
    }  # fmt: skip
    assert any(re.fullmatch(r"law/eu-gdpr-[0-9a-f]{16}\.toml", name) for name in names)
    assert any(name.endswith("-receipt.pdf") for name in names)
    assert {"receipts.jsonl", "reports/answers.json", "reports/answer-1.pdf"} <= names
    assert {"packets/index.json", "announcement/checks.jsonl"} <= names
    assert {"announcement/1/1/index.html", "announcement/1/2/en/index.html"} <= names


def test_what_came_later_is_in_it_with_its_words_believed_or_not(
    first_closed: Closed,  # noqa: F811
) -> None:
    arrived, forged = rows(inside(first_closed.pack), "receipts.jsonl")
    assert (arrived["outcome"], arrived["believed"]) == ("delivered", True)
    assert (forged["why"], forged["reply"]) == ("its mark is not ours", "user unknown")
    told = {each["reference"]: each for each in rows(inside(first_closed.pack), "deliveries.jsonl")}
    assert told[arrived["delivery"]]["outcome"] == "delivered"
    assert told[forged["delivery"]]["outcome"] == "accepted"


def test_what_an_authority_answered_is_in_it_with_its_letter(
    first_closed: Closed,  # noqa: F811
) -> None:
    files = inside(first_closed.pack)
    [answer] = json.loads(files["reports/answers.json"])
    assert (answer["verdict"], answer["said"]) == ("more-wanted", "How many minors?")
    assert files[answer["file"]] == b"%PDF- more"


def test_each_version_of_the_page_is_in_it_and_each_look(
    first_closed: Closed,  # noqa: F811
) -> None:
    files = inside(first_closed.pack)
    [page] = json.loads(files["announcement/index.json"])
    first, second = page["versions"]
    assert first["sha256"] != second["sha256"], "the second says that it was changed"
    assert files[first["kept"]["en/index.html"]] != files[second["kept"]["en/index.html"]]
    [look] = rows(files, "announcement/checks.jsonl")
    assert (look["found"], look["page"]) == ("as put up", first["sha256"])


PROCESSED = """\
id,name,email,where,language,controller
1,Ada Lovell,ada@people.example,DE,en,Heron Bank
2,Cy Roux,cy@people.example,DE,en,Wren Shop
"""


@pytest.mark.parametrize("personal_data", [False, True])
def test_a_controllers_packet_is_in_it_and_its_people_only_with_personal_data(
    house: House, personal_data: bool
) -> None:
    house.imported(PROCESSED, role="processor")
    out = house.folder / "heron"
    pack_for_controller(house.engine, OTTO, INCIDENT, "Heron Bank", out)
    pack = packed(house, personal_data=personal_data)
    files = inside(pack)
    assert faults(house, pack) == []
    assert files["packets/1/report.pdf"] == (out / "report.pdf").read_bytes()
    if personal_data:
        assert files["packets/1/people.csv"] == (out / "people.csv").read_bytes()
    else:
        assert "packets/1/people.csv" not in files
        assert not any(b"Lovell" in content for content in files.values())
    assert not any(
        b"Lovell" in path.read_bytes()
        for path in house.engine.home.evidence.rglob("*")
        if path.is_file()
    ), "on the disk its copy is sealed"


def test_a_packet_that_is_not_the_one_handed_over_is_found(house: House) -> None:
    house.imported(PROCESSED, role="processor")
    pack_for_controller(house.engine, OTTO, INCIDENT, "Heron Bank", house.folder / "heron")
    [copy] = house.engine.home.evidence.rglob("report.csv")
    copy.write_bytes(copy.read_bytes() + b"x")
    assert "not what the controller was handed" in "".join(faults(house, packed(house)))
    copy.unlink()
    found = verify(str(packed(house, "gone.zip")))
    assert found.faults == []
    assert any("no copy of it is there" in sentence for _, sentence in found.lines)
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM controller_packet")
    assert "was dropped" in "".join(faults(house, packed(house, "dropped.zip")))


def test_who_waived_what_and_why_is_in_it(first_closed: Closed) -> None:  # noqa: F811
    files = inside(first_closed.pack)
    duties = json.loads(files["decisions/obligations.json"])
    [waived] = [each for each in duties if each["state"] == "waived"]
    assert (waived["decided_by"], waived["duty"]) == ("otto", "cn-pipl/individuals/CN")
    assert waived["why"] == "the person was reached another way"
    assert all("answer" in each for each in duties), "and what the law said of the rest"
    log = rows(files, "decisions/log.jsonl")
    assert any(e["did"] == "notice-approved" and e["who"] == "dov" for e in log)


def test_each_delivery_has_its_tries_and_what_opened_it(first_closed: Closed) -> None:  # noqa: F811
    told = rows(inside(first_closed.pack), "deliveries.jsonl")
    assert len(told) == 4
    [opened] = [each for each in told if each["after"]]
    [bounced] = [each for each in told if each["reference"] == opened["after"]]
    assert (bounced["outcome"], opened["channel"]) == ("undeliverable", "sms")
    assert bounced["attempts"][0]["code"].startswith("5")


def test_without_personal_data_nobody_is_in_it_and_replies_are_still_read(house: House) -> None:
    house.sent()
    files = inside(packed(house))
    for name, content in files.items():
        for secret in NAMES + ADDRESSES:
            assert secret.encode() not in content, (secret, name)
    [bounced] = [r for r in rows(files, "deliveries.jsonl") if r["outcome"] == "undeliverable"]
    reply = bounced["attempts"][0]["reply"]
    assert reply.startswith("550")
    assert f"[address {bounced['address'][:16]}]" in reply or "@" not in reply


def test_with_personal_data_the_reply_is_word_for_word_and_proven(house: House) -> None:
    house.sent()
    pack = packed(house, personal_data=True)
    files = inside(pack)
    people = rows(files, "people.jsonl")
    assert people[0]["particulars"]["name"] == "Ada Lovell"
    found = verify(str(pack))
    assert found.faults == []
    assert any("replies are word for word" in sentence for _, sentence in found.lines)
    assert packed(house, "two.zip").stat().st_mode & 0o077 == 0, "for the owner alone"


def test_a_pack_is_made_and_whole_when_the_incidents_key_was_destroyed(house: House) -> None:
    house.sent()
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE incident SET wrapped_key = x''")
    pack = packed(house)
    assert faults(house, pack) == []
    [bounced] = [
        r for r in rows(inside(pack), "deliveries.jsonl") if r["outcome"] == "undeliverable"
    ]
    assert "key" in bounced["attempts"][0]["withheld"]
    with pytest.raises(BadInput, match="it was destroyed"):
        packed(house, "people.zip", personal_data=True)
    assert not (house.folder / "people.zip").exists()


def test_another_incidents_entries_are_hashes_alone(house: House) -> None:
    house.sent()
    house.opened(title="The other secret matter")
    files = inside(packed(house))
    lines = files["journal/entries.jsonl"].splitlines()
    hidden = [line for line in lines if re.fullmatch(rb'"[0-9a-f]{64}"', line)]
    assert len(hidden) == 2, "it was opened and assessed"
    assert not any(b"INC-2026-0002" in content for content in files.values())
    assert not any(b"other secret matter" in content for content in files.values())


def test_the_same_moment_gives_the_same_file(house: House) -> None:
    house.sent()
    first = packed(house)
    home, copy = house.engine.home.folder, house.folder / "copy"
    shutil.copytree(home, copy)
    # Both from the same rows: the journal grows by what was asked for in between.
    one_more, again = packed(house, "a.zip"), packed(house, "b.zip")
    names = set(inside(first)) - {"manifest.json", "manifest.sig", "index.html", "README.txt"}
    for name in names - {"journal/entries.jsonl", "journal/checkpoints.jsonl"}:
        assert inside(one_more)[name] == inside(again)[name] == inside(first)[name], name


def test_asking_and_giving_are_both_journaled(house: House) -> None:
    house.opened()
    out = packed(house)
    [asked], [made] = house.acts("proof-asked-for"), house.acts("proof-made")
    assert json.loads(asked.body) == {"personal_data": False}
    assert made.actor == "eve"
    assert json.loads(made.body)["size"] == out.stat().st_size


def test_an_incident_without_anything_yet_is_proved_as_well(house: House) -> None:
    house.opened()
    pack = packed(house)
    assert faults(house, pack) == []
    assert inside(pack)["deliveries.jsonl"] == b""


def test_a_doubt_that_was_decided_is_proved(house: House, faulty: FaultServer) -> None:
    house.launched()
    faulty.by_recipient["di@people.example"] = TAKEN_OR_NOT
    through(house, faulty)
    assert faults(house, packed(house, "1.zip")) == []
    doubtful = one(house, outcome="in_doubt")
    resolve(house.engine, OTTO, doubtful.reference, "resend", why="the law wants her told")
    assert faults(house, packed(house, "2.zip")) == []
    through(house, faulty)
    resolve(house.engine, OTTO, doubtful.reference, "undeliverable", why="not in the log")
    deliver(house.engine, OTTO, INCIDENT)
    assert faults(house, packed(house, "3.zip")) == []


def test_a_stopped_notice_and_the_one_after_it_are_proved(house: House) -> None:
    house.launched()
    stop(house.engine, OTTO, INCIDENT, why="a wrong date")
    second = prepare(house.engine, OTTO, INCIDENT, BOTH)
    typed("approve", INCIDENT, second.sha256)  # Maren may: she prepared nothing
    launch(house.engine, OTTO, INCIDENT)
    deliver(house.engine, OTTO, INCIDENT)
    pack = packed(house)
    assert faults(house, pack) == []
    notices = json.loads(inside(pack)["notices/index.json"])
    assert [each["state"] for each in notices] == ["stopped", "sending"]


def test_put_off_and_killed_is_proved(house: House, faulty: FaultServer) -> None:
    house.launched()
    faulty.by_recipient["di@people.example"] = "450 at RCPT"
    through(house, faulty)
    assert faults(house, packed(house, "1.zip")) == []
    for _ in range(12):
        house.clock.passes(days=1)
        through(house, faulty)
    assert faults(house, packed(house, "2.zip")) == []


def test_when_the_list_was_deleted_the_pack_is_whole_and_says_what_is_missing(
    house: House,
) -> None:
    house.sent()
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE person SET sealed = x''")
    pack = packed(house)
    found = verify(str(pack))
    assert found.faults == []
    assert any("particulars of 4 people were deleted" in s for _, s in found.lines)
    tries = [t for each in rows(inside(pack), "deliveries.jsonl") for t in each["attempts"]]
    assert all(each["reply"] is None and "deleted" in each["withheld"] for each in tries)


def test_a_law_whose_copy_is_gone_is_not_pretended(house: House) -> None:
    house.opened()
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM law_text WHERE playbook = 'eu-gdpr'")
    pack = packed(house)
    found = verify(str(pack))
    assert found.faults == []
    assert any("No copy was kept" in s and "eu-gdpr" in s for _, s in found.lines)
    assert b"GONE: no copy was kept of eu-gdpr" in inside(pack)["README.txt"]


def test_the_law_is_kept_as_it_was_read_though_the_folder_changes(
    house: House, tmp_path: Path
) -> None:
    from incident_engine.home import shipped

    laws = tmp_path / "laws"
    shutil.copytree(shipped("playbooks"), laws)
    house.set(playbooks_folder=str(laws))
    house.opened()
    text = (laws / "eu-gdpr.toml").read_bytes()
    (laws / "eu-gdpr.toml").write_bytes(text + b"\n# read again\n")
    files = inside(packed(house))
    [kept] = [c for name, c in files.items() if name.startswith("law/eu-gdpr-")]
    assert kept == text


def test_a_broken_journal_gives_no_pack(house: House) -> None:
    house.opened()
    checkpoint(house.engine, EVE)
    with house.engine.database.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER entry_no_update")
        connection.exec_driver_sql("UPDATE entry SET actor = 'x' WHERE act = 'incident-opened'")
    with pytest.raises(Refused, match="was changed after it was written"):
        packed(house)
    assert list(house.folder.glob("*proof.zip*")) == []


def test_evidence_is_never_overwritten_and_nothing_half_is_left(house: House) -> None:
    house.opened()
    packed(house)
    with pytest.raises(BadInput, match="exists already"):
        packed(house)
    with pytest.raises(BadInput, match="cannot be written"):
        packed(house, "no/such/folder/proof.zip")
    with pytest.raises(NotFound):
        prove(house.engine, EVE, "INC-1999-0001", house.folder / "x.zip")
    assert {p.name for p in house.folder.glob("*.zip*")} == {"proof.zip"}


@pytest.mark.parametrize("who", [OTTO, DOV, INES, EVE])
def test_anybody_of_the_house_may_prove(house: House, who: Actor) -> None:
    house.opened()
    assert prove(house.engine, who, INCIDENT, house.folder / "proof.zip").size > 1000


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_the_page_leads_to_every_file_and_runs_nothing(first_closed: Closed) -> None:  # noqa: F811
    files = inside(first_closed.pack)
    page = _Page()
    page.feed(files["index.html"].decode())
    assert "script" not in page.tags
    assert set(page.links) >= set(files) - {"index.html", "manifest.json", "manifest.sig"}
    assert page.tags.count("caption") == page.tags.count("table")


def test_typed_it_says_what_to_do_with_the_file(house: House) -> None:
    house.sent()
    out = house.folder / "typed.zip"
    answer = typed("proof", INCIDENT, "--out", out)
    assert answer.status == 0, answer.err
    assert "python3 verify.py typed.zip" in answer.out
    same = typed("proof", "pack", INCIDENT, "--out", house.folder / "two.zip", "--json")
    assert json.loads(same.out)["counts"]["deliveries"] == 4
    again = typed("proof", INCIDENT, "--out", out)
    assert again.status == 2
    again.must_be_one_sentence("exists already", "--out")
    assert typed("proof", "verify", out).status == 0
