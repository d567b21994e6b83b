"""Letters into a printer's hot folder: whole or not at all, each once, and accounted for."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest

from incident_engine.channels import Envelope, Reply
from incident_engine.channels.paper.letters import LetterChannel
from incident_engine.channels.paper.printers_return import STATUSES, read_return
from incident_engine.domain.errors import BadFile, BadInput, Unreachable
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference

ADDRESS = "Ada Lovelace\n1 Harbour Road\nHangzhou"


def pdf(pages: int = 1, title: str = "") -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.docinfo["/Title"] = title
    out = io.BytesIO()
    made.save(out, deterministic_id=True)
    return out.getvalue()


def letter(n: int, pages: int = 1, **changed: object) -> Envelope:
    return letter_to(ADDRESS, n, **({"document": pdf(pages, str(n))} | changed))


@pytest.fixture
def hot(tmp_path: Path) -> Path:
    (tmp_path / "hot").mkdir()
    return tmp_path / "hot"


def channel(hot: Path) -> LetterChannel:
    return LetterChannel(hot, hot.parent / "record")


def send(hot: Path, *letters: Envelope, book: Ledger | None = None) -> list[Reply]:
    return list(channel(hot).send(letters, book or Ledger()))


def batches(hot: Path) -> list[Path]:
    return sorted(hot.glob("letters-*"))


def test_a_batch_is_a_folder_with_each_letter_once_and_a_manifest_that_holds(hot: Path) -> None:
    replies = send(hot, letter(1), letter(2, pages=3))
    assert [r.outcome for r in replies] == [Outcome.ACCEPTED] * 2
    [batch] = batches(hot)
    assert {r.provider_reference for r in replies} == {batch.name}
    told = json.loads((batch / "manifest.json").read_text())
    assert (told["batch"], told["count"], told["pages"]) == (batch.name, 2, 4)
    for sheet in told["letters"]:
        content = (batch / sheet["file"]).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (sheet["bytes"], sheet["sha256"])
    rows = list(csv.DictReader((batch / "manifest.csv").read_text().splitlines()))
    assert [row["reference"] for row in rows] == [reference(1), reference(2)]
    assert [row["pages"] for row in rows] == ["1", "3"]


def test_no_name_and_no_address_stands_in_a_manifest_or_a_file_name(hot: Path) -> None:
    send(hot, letter(1))
    [batch] = batches(hot)
    listed = " ".join(path.name for path in batch.iterdir())
    told = (batch / "manifest.json").read_text() + (batch / "manifest.csv").read_text()
    assert "Ada" not in listed + told
    assert "Harbour" not in listed + told
    assert {path.stat().st_mode & 0o777 for path in batch.iterdir()} == {0o600}


def test_a_letter_goes_into_one_batch_though_it_is_asked_for_twice(hot: Path) -> None:
    [first] = send(hot, letter(1))
    again, new = send(hot, letter(1), letter(2))
    assert (again.outcome, again.provider_reference) == (
        Outcome.ACCEPTED,
        first.provider_reference,
    )
    assert new.provider_reference != first.provider_reference
    assert len(list(hot.glob(f"*/{reference(1)}.pdf"))) == 1


def test_a_printer_that_takes_the_batch_away_changes_nothing_of_that(hot: Path) -> None:
    [first] = send(hot, letter(1))
    batches(hot)[0].rename(hot.parent / "taken")
    [again] = send(hot, letter(1))
    assert again.provider_reference == first.provider_reference
    assert batches(hot) == []
    assert channel(hot).where_is(reference(1)) == first.provider_reference


def test_what_the_book_does_not_hold_is_not_in_the_batch(hot: Path) -> None:
    book = Ledger(holds=lambda name: name != reference(2))
    replies = {r.reference: r.outcome for r in send(hot, letter(1), letter(2), book=book)}
    assert replies == {reference(1): Outcome.ACCEPTED, reference(2): Outcome.CANCELLED}
    [batch] = batches(hot)
    assert [path.name for path in batch.glob("*.pdf")] == [f"{reference(1)}.pdf"]
    assert json.loads((batch / "manifest.json").read_text())["count"] == 1


NO_LETTERS = {
    "nothing": None,
    "no bytes": b"",
    "a web page": b"<html>hello</html>",
    "half a PDF": pdf()[:40],
    "no pages": pdf(0),
    "a book": pdf(21),
}


@pytest.mark.parametrize("document", NO_LETTERS)
def test_what_is_no_letter_is_our_own_fault_and_stops_no_other(hot: Path, document: str) -> None:
    replies = send(hot, letter(1, document=NO_LETTERS[document]), letter(2))
    assert [r.outcome for r in replies] == [Outcome.BROKEN, Outcome.ACCEPTED]


def test_no_file_is_ever_named_by_what_comes_from_outside(hot: Path) -> None:
    [reply] = send(hot, letter(1, reference="../../etc/passwd"))
    assert reply.outcome is Outcome.BROKEN
    assert batches(hot) == []


def test_an_address_of_no_lines_is_undeliverable(hot: Path) -> None:
    [reply] = send(hot, letter_to(" \n", 1, document=pdf()))
    assert reply.outcome is Outcome.UNDELIVERABLE


def test_a_hot_folder_that_is_not_there_is_said_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"letters\.folder"):
        LetterChannel(tmp_path / "nowhere", tmp_path / "record")


def test_a_folder_that_goes_before_anything_was_booked_is_unreachable(hot: Path) -> None:
    wire = channel(hot)
    hot.rename(hot.parent / "gone")
    book = Ledger()
    with pytest.raises(Unreachable, match="hot folder"):
        list(wire.send([letter(1)], book))
    assert book.commits == []


def test_a_folder_that_goes_between_booking_and_hand_over_leaves_a_doubt(hot: Path) -> None:
    def unmount(_: str) -> bool:
        hot.rename(hot.parent / "gone")
        return True

    [reply] = send(hot, letter(1), book=Ledger(holds=unmount))
    assert reply.outcome is Outcome.IN_DOUBT


def test_a_batch_that_cannot_be_renamed_was_certainly_not_handed_over(hot: Path) -> None:
    def block(_: str) -> bool:
        [part] = hot.glob(".letters-*.part")
        name = part.name.removeprefix(".").removesuffix(".part")
        (hot / name).mkdir()
        (hot / name / "in the way").touch()
        return True

    [reply] = send(hot, letter(1), book=Ledger(holds=block))
    assert reply.outcome is Outcome.DEFERRED
    assert channel(hot).where_is(reference(1)) == ""
    assert list(hot.glob(".letters-*")) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.channels.conftest import Ledger
from tests.channels.test_letters import channel, letter
import incident_engine.channels.paper.letters as letters

where, hot = sys.argv[1], Path(sys.argv[2])
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
class Book(Ledger):
    def sending(self, references):
        if where == "before booking":
            die()
        return super().sending(references)
if where == "between record and hand-over":
    Path.rename = die
if where == "after hand-over":
    after = letters._sync
    def watched(folder):
        after(folder)
        if folder == hot:
            die()
    letters._sync = watched
list(channel(hot).send([letter(1), letter(2)], Book()))
"""


@pytest.mark.parametrize(
    ("where", "handed"),
    [("before booking", 0), ("between record and hand-over", 0), ("after hand-over", 2)],
)
def test_after_a_kill_a_look_tells_which_letters_were_handed_over(
    hot: Path, where: str, handed: int
) -> None:
    command = [sys.executable, "-c", KILLED, where, str(hot)]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2], env=os.environ)
    assert done.returncode == -signal.SIGKILL
    wire = channel(hot)
    assert sum(wire.where_is(reference(n)) != "" for n in (1, 2)) == handed
    assert len(batches(hot)) == (1 if handed else 0)
    replies = send(hot, letter(1), letter(2))
    assert [r.outcome for r in replies] == [Outcome.ACCEPTED] * 2
    assert len(list(hot.glob("letters-*/*.pdf"))) == 2
    assert list(hot.glob(".letters-*")) == []


def returned(hot: Path, lines: Sequence[str], head: str = "reference,status") -> bytes:
    send(hot, letter(1), letter(2), letter(3))
    return "\r\n".join([head, *lines]).encode()


def read(hot: Path, content: bytes) -> object:
    wire = channel(hot)
    batch = wire.where_is(reference(1))
    return read_return(content, batch, wire.manifest_of(batch), name="return.csv")


def test_a_printers_return_is_compared_letter_by_letter(hot: Path) -> None:
    content = returned(hot, [f"{reference(1)},posted", f"{reference(2)},returned"])
    found = read(hot, content)
    assert [r.outcome for r in found.receipts] == [Outcome.ACCEPTED, Outcome.UNDELIVERABLE]  # type: ignore[attr-defined]
    assert found.missing == (reference(3),)  # type: ignore[attr-defined]


def test_every_status_of_a_printer_has_a_meaning(hot: Path) -> None:
    for status, outcome in STATUSES.items():
        content = returned(hot, [f"{reference(1)},{status.upper()}"])
        [receipt] = read(hot, content).receipts  # type: ignore[attr-defined]
        assert receipt.outcome is outcome


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([f"{reference(1)},posted", f"{reference(1)},posted"], "letter-twice"),
        ([f"{reference(9)},posted"], "not-of-this-batch"),
        ([f"{reference(1)},lost"], "unknown-status"),
        ([f"{reference(1)},posted,extra"], "bad-printers-return"),
        ([f"{reference(1)}"], "bad-printers-return"),
        ([f'"{reference(1)},posted'], "bad-printers-return"),
    ],
)
def test_a_return_that_does_not_add_up_is_refused_whole(
    hot: Path, lines: list[str], code: str
) -> None:
    content = returned(hot, [f"{reference(2)},posted", *lines])
    with pytest.raises(BadFile) as told:
        read(hot, content)
    assert {fault.code for fault in told.value.faults} == {code}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\r\n1,2\r\n"])
def test_a_file_that_is_no_return_is_refused(hot: Path, content: bytes) -> None:
    returned(hot, [])
    with pytest.raises(BadFile, match=r"return\.csv"):
        read(hot, content)
