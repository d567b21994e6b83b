"""Check an inspection pack of Incident Engine, off line, trusting nothing but arithmetic.

    python3 verify.py proof.zip
    python3 verify.py proof.zip --key journal.pub --checkpoints checkpoints.jsonl

This one file is the whole verifier: Python 3.9 or later and the package `cryptography`, no
network. It says in sentences what was checked, what is wrong and what it could not check.
Exit status 0: everything checked is whole; 1: something is not.

`--key` and `--checkpoints` name copies that were kept elsewhere: without the first nobody can
tell one organisation's key from another's, without the second a journal that was rolled back and
signed again looks whole. `--roots` names certificates of time-stamping authorities (RFC 3161) that
you trust, where the pack has time stamps. The bytes under each root are those of
`domain/bulk_rows.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

FORMAT = 1
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "journal.pub"
JOURNAL, CHECKPOINTS = "journal/entries.jsonl", "journal/checkpoints.jsonl"
STAMPS = "journal/timestamps.jsonl"
SEAL_LENGTH = 128  # hex digits at the very end: the signature over every byte before them
_LARGEST = 64 * 1024 * 1024  # of a file that is read at once
_GENESIS = "0" * 64
_CHUNK = 1024 * 1024
_ONE_BY_ONE = ("deliveries-sending", "deliveries-answered")


class Findings:
    """What was found, in the order it was looked at: marks are ok, FAULT and open."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.fingerprint = ""

    @property
    def faults(self) -> list[str]:
        """Every sentence about something that is not as it was."""
        return [sentence for mark, sentence in self.lines if mark == "FAULT"]

    def ok(self, sentence: str) -> None:
        """Something was checked and is whole."""
        self.lines.append(("ok", sentence))

    def fault(self, sentence: str) -> None:
        """Something is not as it was written."""
        self.lines.append(("FAULT", sentence))

    def open(self, sentence: str) -> None:
        """Something that this check cannot tell."""
        self.lines.append(("open", sentence))

    def unless(self, faults: list[str], sentence: str) -> None:
        """The sentence when there is no fault, else the first few of them."""
        for each in faults[:5]:
            self.fault(each)
        if len(faults) > 5:
            self.fault(f"{len(faults) - 5} more of the same kind.")
        if not faults:
            self.ok(sentence)


class Tree:
    """A Merkle tree that grows at its right end (RFC 6962, 2.1); memory grows with its log."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of one row."""
        height, node = 0, leaf
        while self._stack and self._stack[-1][0] == height:
            node = _join(self._stack.pop()[1], node)
            height += 1
        self._stack.append((height, node))

    @property
    def root(self) -> str:
        """The root over everything added so far, in hex."""
        if not self._stack:
            return sha256(b"").hexdigest()
        node = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            node = _join(left, node)
        return node.hex()


def _join(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def leaf(content: bytes) -> bytes:
    """The hash of one row."""
    return sha256(b"\x00" + content).digest()


def root_of(leaves: Iterable[bytes]) -> str:
    """The root over rows whose order is that of their hashes."""
    tree = Tree()
    for each in sorted(leaves):
        tree.add(each)
    return tree.root


def row_leaf(*parts: Any) -> bytes:
    """The hash of one row as the journal's roots are made of it."""
    return leaf(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode())


class Pack:
    """An open pack: its files, whole or line by line."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = archive.namelist()

    def content(self, name: str) -> bytes:
        """A small file, whole."""
        if self._archive.getinfo(name).file_size > _LARGEST:
            raise ValueError(f"{name} is too large")
        return self._archive.read(name)

    def document(self, name: str) -> Any:
        """A JSON file."""
        return json.loads(self.content(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """A file of lines, one at a time, without their ends."""
        with self._archive.open(name) as file:
            for line in file:
                yield line.rstrip(b"\n")

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """A file of JSON lines, one at a time."""
        for line in self.lines(name):
            yield json.loads(line)

    def measure(self, name: str) -> tuple[str, int]:
        """A file's SHA-256 and size."""
        digest, size = sha256(), 0
        with self._archive.open(name) as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                digest.update(chunk)
                size += len(chunk)
        return digest.hexdigest(), size


class Verifier:
    """One pack under examination."""

    def __init__(self, pack: Pack, found: Findings) -> None:
        self.pack, self.found = pack, found
        self.public = b64decode(pack.content(KEY).strip(), validate=True)
        self.manifest: dict[str, Any] = {}
        self.acts: list[dict[str, Any]] = []  # this incident's entries but those below
        self.roots: dict[int, tuple[str, str]] = {}  # entry -> act and root, of single deliveries
        self.news: dict[int, tuple[str, str]] = {}  # entry -> delivery and root, of later news
        self.moved: dict[str, tuple[int, str]] = {}  # delivery -> entry and outcome, by news
        self.kept: dict[int, list[dict[str, Any]]] | None = None  # checkpoints kept elsewhere
        self.shown = 0  # words of later news that could be compared
        self.heads: dict[int, str] = {}  # the hash of each entry that one of those names

    @property
    def incident(self) -> str:
        """The incident's reference."""
        return str(self.manifest["incident"])

    def signed(self, signature: bytes, content: bytes) -> bool:
        """Whether the pack's key signed these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def of_act(self, *acts: str) -> list[dict[str, Any]]:
        """This incident's entries of these acts, oldest first."""
        return [each for each in self.acts if each["act"] in acts]

    # The container ------------------------------------------------------------------------------

    def check_key(self, kept: bytes | None) -> None:
        """Whose key it is: only a copy kept elsewhere can tell."""
        print_ = sha256(self.public).hexdigest()
        self.found.fingerprint = print_
        if kept is None:
            self.found.open(
                "Whose key this is was not checked. Ask the organisation, by a way you trust, for "
                f"its fingerprint and compare: {print_}"
            )
        elif b64decode(kept.strip()) == self.public:
            self.found.ok("The key is the one that you kept.")
        else:
            self.found.fault("The key is not the one that you kept: somebody else signed this.")

    def check_container(self, file: BinaryIO) -> None:
        """Every byte of the file but the signature at its end is under that signature."""
        file.seek(0, 2)
        left = file.tell() - SEAL_LENGTH
        file.seek(0)
        digest = sha256()
        while left > 0:
            chunk = file.read(min(_CHUNK, left))
            digest.update(chunk)
            left -= len(chunk)
        seal = file.read().decode("ascii", "replace")
        try:
            signature = bytes.fromhex(seal)
        except ValueError:
            signature = b""
        whole = signature.hex() == seal and self.signed(signature, seal_statement(digest.digest()))
        self.found.unless(
            [] if whole else ["The file is not byte for byte the one that was signed."],
            "The file is byte for byte the one that was signed.",
        )

    def check_files(self) -> None:
        """The manifest is signed, and every file is as it says, no more and no fewer."""
        text = self.pack.content(MANIFEST)
        signature = b64decode(self.pack.content(SIGNATURE).strip(), validate=True)
        if not self.signed(signature, text):
            self.found.fault("manifest.json is not as it was signed.")
        self.manifest = json.loads(text)
        if self.manifest["format"] != FORMAT:
            raise ValueError("the pack is of another format")
        listed = {each["path"]: each for each in self.manifest["files"]}
        present = [name for name in self.pack.names if name not in (MANIFEST, SIGNATURE)]
        faults = [
            f"{name} is in the pack twice." for name in set(present) if present.count(name) > 1
        ]
        faults += [f"{name} is in no list of this pack." for name in set(present) - set(listed)]
        for name, each in listed.items():
            if name not in present:
                faults.append(f"{name} is missing.")
            elif self.pack.measure(name) != (each["sha256"], each["size"]):
                faults.append(f"{name} was changed after it was packed.")
        self.found.unless(
            faults, f"The manifest is signed, and all {len(listed)} files are as it says."
        )

    # The journal --------------------------------------------------------------------------------

    def check_journal(self) -> None:
        """The chain from its beginning, and every checkpoint in the pack."""
        signed = self._checkpoints(self.pack.lines(CHECKPOINTS), "the pack")
        tree, previous, number, hidden = Tree(), _GENESIS, 0, 0
        faults: list[str] = []
        for number, line in enumerate(self.pack.lines(JOURNAL), start=1):
            if line.startswith(b"{"):
                entry = json.loads(line)
                if entry["number"] != number or entry["previous"] != previous:
                    faults.append(f"Entry {number} of the journal does not follow the one before.")
                previous = sha256(line).hexdigest()
                self._take(entry)
            else:
                previous, hidden = json.loads(line), hidden + 1
            tree.add(leaf(bytes.fromhex(previous)))
            for each in signed.get(number, ()):
                if each["head"] != previous or each.get("root", tree.root) != tree.root:
                    faults.append(f"Entry {number} is not the one that was signed {each['at']}.")
            if number in (self.kept or ()):
                self.heads[number] = previous
        faults += self._end(signed, number, hidden)
        self.found.unless(
            faults,
            f"The journal is whole: {number} entries, each bound to the one before, the last of "
            f"them signed; {len(signed)} signed checkpoints agree with it.",
        )
        if hidden:
            self.found.open(
                f"{hidden} entries are shown as hashes alone. That they are of other incidents is "
                "the organisation's word; `journal verify` in its installation shows them all."
            )

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["act"] in _ONE_BY_ONE:
            self.roots[entry["number"]] = (entry["act"], entry["body"]["root"])
        elif entry["act"] == "receipt-taken":
            body = entry["body"]
            self.news[entry["number"]] = (entry["subject"], body["root"])
            if body["now"] != body["was"]:
                self.moved[entry["subject"]] = (entry["number"], body["now"])
        elif entry["incident"] in (self.incident, ""):
            self.acts.append(entry)

    def _end(self, signed: dict[int, Any], number: int, hidden: int) -> list[str]:
        last = max(signed, default=0)
        if last > number:
            return [f"The journal ends at entry {number}, but a checkpoint signed {last}."]
        if last < number or number != self.manifest["journal"]["entries"]:
            return [f"The journal's end, entry {number}, is not under a signed checkpoint."]
        if hidden and not all("root" in each for each in signed[last]):
            return ["The last checkpoint signs no root, so entries shown as hashes prove nothing."]
        return []

    def _checkpoints(self, lines: Iterable[bytes], where: str) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {}
        for number, line in enumerate(lines, start=1):
            statement = json.loads(line)
            signature = b64decode(statement.pop("signature"))
            if not self.signed(signature, canonical(statement)):
                self.found.fault(f"Checkpoint {number} of {where} is not signed by this key.")
                continue
            found.setdefault(statement["entries"], []).append(statement)
        return found

    def read_kept(self, kept: bytes | None) -> None:
        """Take in the checkpoints that were kept elsewhere, before the journal is walked."""
        if kept is not None:
            self.kept = self._checkpoints(kept.splitlines(), "the copy kept elsewhere")

    def check_stamps(self, roots: bytes | None) -> None:
        """What time-stamping authorities said of checkpoints in this pack (RFC 3161)."""
        if STAMPS not in self.pack.names:
            self.found.open(
                "No outside clock: no checkpoint has a time stamp (RFC 3161), so that when this "
                "was written is the word of the organisation's own clock."
            )
            return
        if not hasattr(x509.Certificate, "verify_directly_issued_by"):
            self.found.open("Time stamps are not checked: that needs cryptography 40 or later.")
            return
        lines = {
            sha256(canonical(json.loads(each))).hexdigest() for each in self.pack.lines(CHECKPOINTS)
        }
        trusted = x509.load_pem_x509_certificates(roots) if roots else []
        for number, row in enumerate(self.pack.rows(STAMPS), start=1):
            try:
                self._stamp(row, lines, trusted)
            except Exception as error:  # whatever a token may be
                self.found.fault(f"Time stamp {number} is none that holds ({_why(error)}).")
        self.found.open(
            "Of time stamps it is not checked whether a certificate was revoked, nor whether the "
            "authority keeps its clock as its policy says."
            + ("" if roots else " Nor whether its root may be trusted: give --roots FILE (PEM).")
        )

    def _stamp(self, row: dict[str, Any], lines: set[str], trusted: list[Any]) -> None:
        token = Token(b64decode(row["token"]))
        if token.imprint != bytes.fromhex(row["checkpoint"]):
            raise ValueError("it stamps another hash than it is filed under")
        if row["checkpoint"] not in lines:
            raise ValueError("the checkpoint that it stamps is not in this pack")
        token.must_be_signed()
        token.must_be_chained(trusted)
        self.found.ok(
            f"The checkpoint of {row['entries']} entries was stamped {token.at.isoformat()} by "
            f"{token.signer.subject.rfc4514_string()}: hash, signature and "
            + ("chain up to a root that you gave." if trusted else "chain inside the token hold.")
        )

    def check_kept(self) -> None:
        """Checkpoints that were kept elsewhere: they see a journal rolled back or written anew."""
        if self.kept is None:
            self.found.open(
                "No checkpoint kept elsewhere was given (--checkpoints): a journal that was rolled "
                "back or written anew, and signed again by its owner, would look whole."
            )
            return
        faults, agreed, made = [], 0, self.manifest["made_at"]
        for number, lines in self.kept.items():
            for each in lines:
                if number in self.heads:
                    agreed += self.heads[number] == each["head"]
                    if self.heads[number] != each["head"]:
                        faults.append(f"Entry {number} is not the one that the kept copy signed.")
                elif each["at"] < made:
                    faults.append(
                        f"A checkpoint of {each['at']}, kept elsewhere, signed entry {number}, and "
                        "this journal ends before it: it was rolled back or written anew."
                    )
        self.found.unless(faults, f"{agreed} checkpoints that were kept elsewhere agree.")

    # What was decided ---------------------------------------------------------------------------

    def check_facts(self) -> None:
        """Every answer stands under the entry that recorded it, none dropped, none added."""
        rows, faults, count = self.pack.rows("facts.jsonl"), [], 0
        for entry in self.of_act("incident-opened", "facts-recorded"):
            body = entry["body"]
            wanted = body["facts"] if "facts" in body else len(body["keys"])
            found = list(islice(rows, wanted))
            count += len(found)
            if root_of(map(fact_leaf, found)) != body["root"] or any(
                row["said_at"] != entry["at"] for row in found
            ):
                faults.append(f"The facts of entry {entry['number']} are not those recorded.")
        if next(rows, None) is not None:
            faults.append("facts.jsonl holds more than the journal recorded.")
        self.found.unless(faults, f"All {count} facts, with their history, are those recorded.")

    def check_decisions(self) -> None:
        """Every settled duty was settled by the entry that says so."""
        last = {e["subject"]: e for e in self.acts if e["act"].startswith("obligation-")}
        duties, faults = self.pack.document("decisions/obligations.json"), []
        named = {duty["duty"] for duty in duties}
        faults += [f"{name} was settled, and is not in the pack." for name in set(last) - named]
        for duty in duties:
            entry = last.get(duty["duty"])
            now = entry["body"]["now"] if entry else "owed"
            settled = ("met", "waived", "held")
            if duty["state"] != now and (duty["state"] in settled or now in settled[:2]):
                faults.append(f"{duty['duty']} is {duty['state']}, and the journal says {now}.")
            elif entry and duty["state"] in settled and duty["decided_by"] != entry["actor"]:
                faults.append(f"{duty['duty']} was not decided by {duty['decided_by']}.")
        self.found.unless(
            faults, f"The state of all {len(duties)} duties follows from the journal."
        )

    def check_law(self) -> None:
        """The law files are those that the assessments name."""
        used = {sha for e in self.of_act("assessed") for sha in e["body"]["playbooks"].values()}
        kept, gone, faults = 0, [], []
        for each in self.pack.document("law/index.json"):
            used.discard(each["sha256"])
            if not each["file"]:
                gone.append(each["law"])
            elif self.pack.measure(each["file"])[0] == each["sha256"]:
                kept += 1
            else:
                faults.append(f"{each['file']} is not the law that was read.")
        faults += [f"The law file {sha[:16]} was used, and is not in the pack." for sha in used]
        self.found.unless(faults, f"All {kept} law files are word for word those that were read.")
        if gone:
            self.found.open(f"No copy was kept of the law as read then: {', '.join(gone)}.")

    def check_notices(self) -> None:
        """Each notice: its words and people are those frozen, and another person approved them."""
        faults, notices = [], self.pack.document("notices/index.json")
        for notice in notices:
            name = f"Notice {notice['number']}"
            faults += [f"{name}: {each}" for each in self._notice(notice)]
        self.found.unless(
            faults,
            f"{len(notices)} notices: every wording is the one frozen under the approved hash, and "
            "each that left was approved by somebody who had not prepared it.",
        )

    def _notice(self, notice: dict[str, Any]) -> Iterator[str]:
        folder, sha = f"notices/{notice['number']}", notice["sha256"]
        text = self.pack.content(f"{folder}/manifest.json")
        if sha256(text).hexdigest() != sha:
            yield "its manifest is not what was approved."
        frozen = json.loads(text)["wordings"]
        if {each["group"] for each in notice["wordings"]} != set(frozen):
            yield "a wording is missing or added."
        for each in notice["wordings"]:
            if self.pack.measure(each["file"])[0] != frozen.get(each["group"]):
                yield f"{each['file']} is not the wording that was approved."
        said = {(e["act"], e["actor"]) for e in self.acts if e["subject"] == sha}
        for each in notice["approvals"]:
            if (f"notice-{each['verdict']}", each["by"]) not in said:
                yield f"the journal knows of no word of {each['by']} on it."
        others = [a for a in notice["approvals"] if a["verdict"] == "approved"]
        if notice["launched_at"] and all(a["by"] == notice["prepared_by"] for a in others):
            yield "it was sent without a second person's approval."

    def check_people(self) -> None:
        """The people are those whom the imports and the approved notices counted."""
        wanted: dict[int, list[str]] = {}
        total = 0
        for entry in self.of_act("people-imported"):
            total += entry["body"]["new"]
            wanted.setdefault(total, []).append(entry["body"]["root"])
        for notice in self.pack.document("notices/index.json"):
            people = self.pack.document(f"notices/{notice['number']}/manifest.json")["people"]
            wanted.setdefault(people["count"], []).append(people["root"])
        tree, count, deleted, faults = Tree(), 0, 0, []
        for count, person in enumerate(self.pack.rows("people.jsonl"), start=1):
            deleted += person["sealed_sha256"] is None
            tree.add(person_leaf(person))
            if not deleted and any(root != tree.root for root in wanted.get(count, ())):
                faults.append(f"The first {count} people are not those who were counted.")
        if count != total:
            faults.append(f"{count} people are in the pack, {total} were imported.")
        self.found.unless(faults, f"All {count} people are those who were imported and counted.")
        if deleted:
            self.found.open(
                f"The particulars of {deleted} people were deleted, and with them what their part "
                "of the people's root was made of; their number was checked."
            )

    # What was told ------------------------------------------------------------------------------

    def check_deliveries(self) -> None:
        """Every delivery and every try, under the roots of the journal."""
        told = _Told(self)
        count = 0
        for row in self.pack.rows("deliveries.jsonl"):
            told.read(row)
            count += 1
        faults = told.faults + told.missing()
        self.found.unless(
            faults,
            f"All {count} deliveries and {told.tries} tries stand under the roots of the journal, "
            "none dropped, none added, and every outcome follows from them.",
        )
        shown = told.shown + self.shown
        if shown:
            self.found.ok(f"{shown} replies are word for word those that were booked.")
        if count and not shown:
            self.found.open(
                "Replies are shown with personal data replaced, or not at all: that they are word "
                "for word those booked can be checked in a pack with personal data."
            )
        self.found.open(
            "That a mail server or provider really said what is written as its reply is the "
            "organisation's record; its own reference, beside each, can be looked up there."
        )

    def check_receipts(self) -> None:
        """All that came later about a delivery, each under an entry of its own."""
        faults, count, left = [], len(self.news), dict(self.news)
        for row in self.pack.rows("receipts.jsonl"):
            entry = (row["delivery"], root_of([receipt_leaf(row)]))
            if left.pop(row["entry"], None) != entry:
                faults.append(f"Later news about {row['delivery'][:12]} is not as it was kept.")
            if row.get("reply_salt"):
                self.shown += 1
                if not _is_reply(row):
                    faults.append(f"The words about {row['delivery'][:12]} are not those kept.")
        faults += [
            f"Later news about {reference[:12]}, entry {number}, was dropped."
            for number, (reference, _) in left.items()
        ]
        self.found.unless(
            faults,
            f"All {count} bounces and receipts that came later are those kept, none dropped.",
        )

    def check_reports(self) -> None:
        """Reports and receipts are those that the journal names."""
        faults, count = self._sent(), 0
        pdfs = {e["subject"]: e["body"]["pdf"] for e in self.of_act("report-prepared")}
        filed = {e["subject"]: e["body"] for e in self.of_act("report-filed")}
        index = self.pack.document("reports/index.json")
        for each in index:
            sha = each["sha256"]
            wanted = [("json", sha), ("pdf", pdfs.pop(sha, ""))]
            wanted.append(("receipt", filed.get(sha, {}).get("receipt", "")))
            for part, expected in wanted:
                if each[part] and self.pack.measure(each[part])[0] != expected:
                    faults.append(f"{each[part]} is not the one that the journal names.")
                count += bool(each[part])
            if bool(each["filed_at"]) != (sha in filed):
                faults.append(f"The journal and the pack differ on whether {sha[:16]} was filed.")
        faults += [f"A report was prepared, and is not in the pack: {sha[:16]}." for sha in pdfs]
        self.found.unless(faults, f"{len(index)} reports, {count} files: those the journal names.")
        lacking = [each for each in index if each["lacking"]]
        for each in lacking:
            self.found.open(
                f"Report {each['sha256'][:16]}: {', '.join(each['lacking'])} not there."
            )

    def _sent(self) -> list[str]:
        """What left by email, to whom, and what was answered, as the journal's last word has it."""
        last: dict[str, tuple[str, str]] = {}
        for entry in self.of_act("report-sending", "report-sent", "report-not-arrived"):
            sha, body = entry["subject"], entry["body"]
            if entry["act"] == "report-not-arrived":
                last[sha] = ("cancelled", last[sha][1])
            else:
                last[sha] = (body.get("outcome", "sending"), body.get("said", ""))
        index = {each["sha256"]: each for each in self.pack.document("reports/index.json")}
        return [
            f"The journal says otherwise what became of the email with report {sha[:16]}."
            for sha, each in index.items()
            if (each["sent_outcome"], each["sent_said"]) != last.get(sha, ("", ""))
        ]

    def check_answers(self) -> None:
        """What authorities answered: each under an entry of its own, none dropped, none added."""
        left = {entry["number"]: entry for entry in self.of_act("report-answered")}
        duties = {each["duty"] for each in self.pack.document("decisions/obligations.json")}
        faults, index = [], self.pack.document("reports/answers.json")
        for each in index:
            entry = left.pop(each["entry"], None)
            if entry is None or not self._is_answer(each, entry):
                faults.append(f"Answer {each['number']} of an authority is not the one recorded.")
            elif entry["body"]["starts"] not in ("", *duties):
                faults.append(f"Answer {each['number']} set a duty that is not in the pack.")
            if each["lacking"]:
                self.found.open(f"Answer {each['number']}: the authority's file is not there.")
        faults += [f"The authority's answer of entry {number} was dropped." for number in left]
        self.found.unless(faults, f"{len(index)} answers of authorities: those recorded.")

    def _is_answer(self, each: dict[str, Any], entry: dict[str, Any]) -> bool:
        body = entry["body"]
        told = (each["report"], each["recorded_by"], each["recorded_at"], each["verdict"])
        file = self.pack.measure(each["file"])[0] if each["file"] else body["file"]
        return (
            told == (entry["subject"], entry["actor"], entry["at"], body["verdict"])
            and each["reference"] == body["reference"]
            and sha256(each["said"].encode()).hexdigest() == body["said"]
            and _same_moment(each["answered_at"], body["at"])
            and _same_moment(each["due_at"], body["due"])
            and file == body["file"]
        )

    def check_packets(self) -> None:
        """What controllers were handed: each packet's files are those that the journal names."""
        left = {entry["number"]: entry for entry in self.of_act("controller-packet")}
        faults, index = [], self.pack.document("packets/index.json")
        for each in index:
            entry = left.pop(each["entry"], None)
            told = {name: each[name] for name in ("controller", "duty", "people", "files")}
            if entry is None or entry["body"] != told or entry["subject"] != each["report"]:
                faults.append(f"Packet {each['number']} is not the one that was handed over.")
            faults += [
                f"{file} is not what the controller was handed."
                for name, file in each["kept"].items()
                if self.pack.measure(file)[0] != each["files"].get(name)
            ]
            for name in sorted(set(each["files"]) - set(each["kept"])):
                why = each["withheld"].get(name, "nobody says why")
                self.found.open(f"Packet {each['number']}: {name} is not here ({why}).")
        faults += [f"The packet of entry {number} was dropped." for number in left]
        self.found.unless(faults, f"{len(index)} packets for controllers: those handed over.")

    def check_announcements(self) -> None:
        """Every version of the public page that stood, and every look at it."""
        left = {entry["number"]: entry for entry in self.of_act(*_STOOD)}
        faults: list[str] = []
        pages = self.pack.document("announcement/index.json")
        versions = [version for page in pages for version in page["versions"]]
        for each in versions:
            faults += self._version(each, left.pop(each["entry"], None))
        faults += [f"The page of entry {number} was dropped." for number in left]
        faults += self._looks()
        self.found.unless(
            faults,
            f"{len(versions)} versions of the public page stood, and {len(self.of_act(*_LOOKS))} "
            "times somebody looked: files and findings are those recorded.",
        )

    def _version(self, each: dict[str, Any], entry: dict[str, Any] | None) -> Iterator[str]:
        files, since = each["files"], each["since"]
        listed = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
        told = (each["sha256"], since, each["by"])
        if entry is None or told != (entry["subject"], entry["at"], entry["actor"]):
            yield f"The journal knows of no page that stood since {since}."
        if sha256(listed.encode()).hexdigest() != each["sha256"]:
            yield f"The list of files of the page since {since} is not the one that was put up."
        for path, file in each["kept"].items():
            if self.pack.measure(file)[0] != files.get(path):
                yield f"{file} is not what was put up."
        if len(each["kept"]) < len(files):
            self.found.open(f"Of the page since {since} some files are no longer kept.")

    def _looks(self) -> list[str]:
        left = {entry["number"]: entry for entry in self.of_act(*_LOOKS)}
        faults = []
        for row in self.pack.rows("announcement/checks.jsonl"):
            entry = left.pop(row["entry"], None)
            found = "otherwise" if row["differences"] else "as put up"
            if entry is None or (row["at"], row["page"], row["differences"], row["found"]) != (
                entry["at"], entry["subject"], entry["body"]["differences"], found
            ):  # fmt: skip
                faults.append(f"The look at the page of {row['at']} is not as it was recorded.")
        return faults + [f"The look at the page of entry {number} was dropped." for number in left]


class Node:
    """One element of DER (X.690): its tag, its content, and both with their header."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
        self.end = start + length
        if self.end > len(data):
            raise ValueError("it is cut short")
        self.body, self.whole = data[start : self.end], data[at : self.end]

    @property
    def parts(self) -> list[Node]:
        """What is inside, in order."""
        found, at = [], 0
        while at < len(self.body):
            found.append(Node(self.body, at))
            at = found[-1].end
        return found


class Token:
    """A time-stamp token (RFC 3161, 2.4.2): signed data (RFC 5652) around what it says."""

    def __init__(self, der: bytes) -> None:
        signed = Node(der).parts[1].parts[0].parts
        kind, content = signed[2].parts
        if kind.body != _TST_INFO:
            raise ValueError("it is no time stamp")
        self.said = content.parts[0].body
        said = Node(self.said).parts
        over, imprint = said[2].parts
        if over.parts[0].body != _SHA256:
            raise ValueError("it is over another hash than SHA-256")
        self.imprint = imprint.body
        self.at = _moment(said[4].body.decode("ascii"))
        self.nonce = next((each.body for each in said[5:] if each.tag == 0x02), b"")
        certificates = [each for each in signed if each.tag == 0xA0]
        self.certificates = [
            x509.load_der_x509_certificate(each.whole)
            for group in certificates
            for each in group.parts
            if each.tag == 0x30
        ]
        self.info = signed[-1].parts[0].parts
        issuer, serial = self.info[1].parts
        self.signer = next(
            each
            for each in self.certificates
            if each.issuer.public_bytes() == issuer.whole
            and each.serial_number == int.from_bytes(serial.body, "big")
        )

    def must_be_signed(self) -> None:
        """Raise unless the signer signed exactly what it says, and may sign time stamps."""
        attributes = self.info[3]
        values = {each.parts[0].body: each.parts[1].parts[0] for each in attributes.parts}
        digest = hashes.Hash(_hash_of(self.info[2]))
        digest.update(self.said)
        if values[_MESSAGE_DIGEST].body != digest.finalize():
            raise ValueError("what it says is not what was signed")
        self._must_name_its_signer(values)
        usage = self.signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise ValueError("its signer may not sign time stamps")
        _verify(self.signer.public_key(), self.info[4:6], _hash_of(self.info[2]),
                b"\x31" + attributes.whole[1:])  # fmt: skip

    def _must_name_its_signer(self, values: dict[bytes, Node]) -> None:
        """The certificate is under the signature too (RFC 5816; RFC 2634 with SHA-1)."""
        named = values.get(_SIGNING_CERTIFICATE_2) or values[_SIGNING_CERTIFICATE]
        parts = named.parts[0].parts[0].parts
        stated = parts[0].tag == 0x30 and len(parts) > 1 and parts[1].tag == 0x04
        default = hashes.SHA256() if _SIGNING_CERTIFICATE_2 in values else hashes.SHA1()
        kind = _hash_of(parts[0]) if stated else default
        if parts[1 if stated else 0].body != self.signer.fingerprint(kind):
            raise ValueError("it names another certificate than its signer's")

    def must_be_chained(self, trusted: list[Any]) -> None:
        """Raise unless each certificate was valid then and is signed by the next, up to a trusted
        one where there are any."""
        link, seen = self.signer, [self.signer]
        while not _same(link, trusted):
            _must_be_valid(link, self.at)
            above = [
                each
                for each in [*trusted, *self.certificates]
                if each.subject == link.issuer and _issued(each, link)
            ]
            if not above and any(each.subject == link.issuer for each in self.certificates):
                raise ValueError("a certificate is not signed by the one above it")
            if not above or above[0] in seen:
                break
            link = above[0]
            seen.append(link)
        if trusted and not _same(link, trusted):
            raise ValueError("its chain ends at no root that you gave")


def _same(link: Any, trusted: list[Any]) -> bool:
    return any(link == each for each in trusted)


def _issued(above: Any, below: Any) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _must_be_valid(certificate: Any, at: datetime) -> None:
    # Names with _utc came with cryptography 42; those without are naive and mean UTC.
    first = getattr(certificate, "not_valid_before_utc", None)
    last = getattr(certificate, "not_valid_after_utc", None)
    first = first or certificate.not_valid_before.replace(tzinfo=timezone.utc)
    last = last or certificate.not_valid_after.replace(tzinfo=timezone.utc)
    if not first <= at <= last:
        raise ValueError("a certificate was not valid at that moment")


def _verify(key: Any, signature: list[Node], digest: Any, content: bytes) -> None:
    algorithm, value = signature
    named = _SIGNATURES.get(algorithm.parts[0].body)
    kind = named() if named else digest
    if isinstance(key, rsa.RSAPublicKey):
        how: Any = padding.PKCS1v15()
        if algorithm.parts[0].body == _PSS:
            how = padding.PSS(padding.MGF1(kind), kind.digest_size)
        key.verify(value.body, content, how, kind)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value.body, content, ec.ECDSA(kind))
    else:
        key.verify(value.body, content)


def _hash_of(algorithm: Node) -> Any:
    return _HASHES[algorithm.parts[0].body]()


def _moment(text: str) -> datetime:
    """GeneralizedTime in UTC, with or without a fraction of a second."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    found = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    return found.replace(microsecond=int(fraction.ljust(6, "0")[:6])) if fraction else found


def _why(error: Exception) -> str:
    return str(error) if type(error) is ValueError else _named(error)


class _Told:
    """Deliveries as they are read, against the entries that recorded them."""

    def __init__(self, verifier: Verifier) -> None:
        self.faults: list[str] = []
        self.tries = self.shown = 0
        self._roots = verifier.roots
        self._leaves: dict[int, list[bytes]] = {}
        self._launched: dict[str, list[bytes]] = {}
        self._launches = {e["subject"]: e["body"] for e in verifier.of_act("campaign-launched")}
        self._opened = {e["subject"]: e["body"]["root"] for e in verifier.of_act("delivery-opened")}
        self._stopped = {e["subject"] for e in verifier.of_act("campaign-stop")}
        self._doubts = {
            each: (entry["number"], "in_doubt")
            for entry in verifier.of_act("orphans-settled")
            for each in entry["body"]["in_doubt"]
        }
        self._moved = verifier.moved
        self._decided = {
            e["subject"]: (e["number"], e["body"]["decision"])
            for e in verifier.of_act("doubt-resolved")
        }

    def read(self, row: dict[str, Any]) -> None:
        """One delivery."""
        written = row_leaf("written", *(row[part] for part in _WRITTEN))
        if row["after"] is None:
            self._launched.setdefault(row["campaign"], []).append(written)
        elif self._opened.pop(row["reference"], "") != root_of([written]):
            self.faults.append(f"Delivery {row['reference'][:12]} is not as it was written.")
        for attempt in row["attempts"]:
            self._try(row, attempt)
        if row["outcome"] not in self._possible(row):
            self.faults.append(
                f"Delivery {row['reference'][:12]} is {row['outcome']}: no entry says so."
            )

    def _try(self, row: dict[str, Any], attempt: dict[str, Any]) -> None:
        self.tries += 1
        if attempt["booked_entry"] is not None:
            leaf_ = row_leaf("moved", row["reference"], "sending")
            self._leaves.setdefault(attempt["booked_entry"], []).append(leaf_)
        if attempt["answered_entry"] is not None:
            leaf_ = row_leaf("answered", row["reference"], *(attempt[part] for part in _ANSWERED))
            self._leaves.setdefault(attempt["answered_entry"], []).append(leaf_)
        if attempt.get("reply_salt"):
            self.shown += 1
            if not _is_reply(attempt):
                self.faults.append(f"A reply to {row['reference'][:12]} is not the one booked.")

    def _possible(self, row: dict[str, Any]) -> tuple[str, ...]:
        """What a delivery may stand as, by its last try and whatever was decided after it."""
        last = row["attempts"][-1] if row["attempts"] else None
        at = 0 if last is None else last["answered_entry"] or last["booked_entry"] or 0
        decided, decision = self._decided.get(row["reference"], (0, ""))
        doubted, _ = self._doubts.get(row["reference"], (0, ""))
        told, news = self._moved.get(row["reference"], (0, ""))
        rest = ("cancelled",) if row["campaign"] in self._stopped else ()
        if decided > max(at, doubted, told):
            return (decision,) if decision != "resend" else ("pending", "claimed", *rest)
        if told > at:
            return (news,) if news != "deferred" else ("deferred", "claimed", "pending", *rest)
        if last is None:
            return ("pending", "claimed", *rest)
        if last["answered_entry"] is None:
            return ("sending", "in_doubt")
        if last["settled_as"] == "deferred":
            return ("deferred", "claimed", "pending", *rest)
        return (last["settled_as"],)

    def missing(self) -> list[str]:
        """Roots that the deliveries in the pack do not give."""
        faults = [f"A delivery was dropped: {each[:12]}." for each in self._opened]
        for campaign, body in self._launches.items():
            leaves = self._launched.pop(campaign, [])
            if len(leaves) != body["deliveries"] or root_of(leaves) != body["root"]:
                faults.append(f"The deliveries of notice {campaign[:12]} are not those launched.")
        faults += [f"Deliveries of {each[:12]} were never launched." for each in self._launched]
        for number, (act, root) in self._roots.items():
            if root_of(self._leaves.pop(number, [])) != root:
                faults.append(f"Entry {number} ({act}) is of other rows than those in the pack.")
        return faults + [f"Tries name entry {number}, which is none." for number in self._leaves]


_WRITTEN = ("reference", "channel", "person", "addressee", "address", "wording")
_SHA256 = bytes.fromhex("608648016503040201")
_HASHES: dict[bytes, Any] = {
    _SHA256: hashes.SHA256,
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}
_SIGNATURES: dict[bytes, Any] = {
    bytes.fromhex("2a864886f70d01010b"): hashes.SHA256,  # with RSA
    bytes.fromhex("2a864886f70d01010c"): hashes.SHA384,
    bytes.fromhex("2a864886f70d01010d"): hashes.SHA512,
    bytes.fromhex("2a8648ce3d040302"): hashes.SHA256,  # with ECDSA
    bytes.fromhex("2a8648ce3d040303"): hashes.SHA384,
    bytes.fromhex("2a8648ce3d040304"): hashes.SHA512,
}
_PSS = bytes.fromhex("2a864886f70d01010a")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910020c")
_SIGNING_CERTIFICATE_2 = bytes.fromhex("2a864886f70d010910022f")
_NEWS = (
    "delivery", "at", "kind", "outcome", "code", "provider_reference", "believed", "why",
    "reply_digest",
)  # fmt: skip
_STOOD = ("announcement-put-up", "announcement-changed", "announcement-taken-down")
_LOOKS = ("announcement-stands", "announcement-differs", "announcement-not-seen")
_ANSWERED = (
    "number", "settled_as", "outcome", "phase", "code", "provider_reference", "reply_digest",
)  # fmt: skip


def fact_leaf(row: dict[str, Any]) -> bytes:
    """The hash of one fact."""
    if row["text"] is not None and json.loads(row["text"]) != row["value"]:
        raise ValueError("a fact is told in two ways")
    return row_leaf(
        "fact", row["key"], row["text"], row["standing"], row["source"], row["said_by"], row["why"]
    )


def receipt_leaf(row: dict[str, Any]) -> bytes:
    """The hash of one piece of later news."""
    return row_leaf("receipt", *(row[part] for part in _NEWS))


def _is_reply(row: dict[str, Any]) -> bool:
    said = f"{row['reply_salt']}\0{row['reply']}"
    return bool(sha256(said.encode()).hexdigest() == row["reply_digest"])


def _same_moment(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return not one and not other
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def person_leaf(person: dict[str, Any]) -> bytes:
    """The hash of one person: what is open, and the sealed cell by its hash."""
    flags = "".join(
        str(person[flag]) for flag in ("minor", "under_14", "deceased", "do_not_contact")
    )
    parts = (person["person"], person["place"], person["language"], person["data_types"], flags)
    return leaf("\0".join(parts).encode() + bytes.fromhex(person["sealed_sha256"] or ""))


def canonical(statement: dict[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of a flat statement of ASCII words and whole numbers."""
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def seal_statement(digest: bytes) -> bytes:
    """What the signature at the end of the file is over."""
    return canonical({"format": FORMAT, "pack": digest.hex()})


def verify(
    path: str, key: bytes | None = None, kept: bytes | None = None, roots: bytes | None = None
) -> Findings:
    """Check a pack. `key` and `kept` are copies of journal.pub and checkpoints.jsonl, as bytes;
    `roots` the certificates (PEM) of time-stamping authorities that the reader trusts.

    Raises OSError where the file cannot be read; whatever is wrong inside it is a finding.
    """
    found = Findings()
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                verifier = Verifier(Pack(archive), found)
                _run(found, [
                    ("its end", lambda: verifier.check_container(file)),
                    ("its key", lambda: verifier.check_key(key)),
                    (MANIFEST, verifier.check_files),
                    ("the kept checkpoints", lambda: verifier.read_kept(kept)),
                    (JOURNAL, verifier.check_journal),
                    ("the kept checkpoints", verifier.check_kept),
                    (STAMPS, lambda: verifier.check_stamps(roots)),
                    ("facts.jsonl", verifier.check_facts),
                    ("decisions", verifier.check_decisions),
                    ("law", verifier.check_law),
                    ("notices", verifier.check_notices),
                    ("people.jsonl", verifier.check_people),
                    ("receipts.jsonl", verifier.check_receipts),
                    ("deliveries.jsonl", verifier.check_deliveries),
                    ("reports", verifier.check_reports),
                    ("reports/answers.json", verifier.check_answers),
                    ("packets", verifier.check_packets),
                    ("announcement", verifier.check_announcements),
                ])  # fmt: skip
        except Exception as error:
            found.fault(f"It is no inspection pack, or damaged beyond reading ({_named(error)}).")
    return found


def _run(found: Findings, checks: list[tuple[str, Callable[[], None]]]) -> None:
    for name, check in checks:
        try:
            check()
        except Exception as error:  # a tampered file may break any reader, anywhere
            found.fault(f"{name} cannot be read ({_named(error)}).")


def _named(error: Exception) -> str:
    return type(error).__name__


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Check an inspection pack, off line.")
    parser.add_argument("pack", help="the file, for example proof.zip")
    parser.add_argument("--key", help="a copy of journal.pub that was kept elsewhere")
    parser.add_argument("--checkpoints", help="a copy of checkpoints.jsonl kept elsewhere")
    parser.add_argument("--roots", help="certificates (PEM) of time-stamping authorities you trust")
    given = parser.parse_args(arguments)
    try:
        names = (given.key, given.checkpoints, given.roots)
        kept = [_read(each) if each else None for each in names]
        found = verify(given.pack, *kept)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: cannot be read ({error.strerror}).\n")
        return 1
    count = len(found.faults)
    said = [f"{mark:5}  {sentence}" for mark, sentence in found.lines]
    said += ["", f"{'WHOLE' if not count else f'NOT WHOLE: {count} faults'}: {given.pack}", ""]
    try:
        sys.stdout.write("\n".join(said))
    except BrokenPipeError:  # whoever read it has read enough
        sys.stderr.close()
    return 1 if count else 0


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    raise SystemExit(main())
