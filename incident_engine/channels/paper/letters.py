"""Letters: a batch of ready PDFs put into a printer's hot folder, whole or not at all.

Everything is written under a name the printer does not look at, read back and compared; then one
rename hands the batch over. That rename is the byte that cannot be taken back: the book is asked
just before it, and what the book does not hold is taken out of the batch first. A letter keeps one
name for ever, `<reference>.pdf`, and goes into no second batch.

A printer takes batches away, so what was handed over is also on record with us, written before
the rename. A record whose batch still lies there under its hidden name was not handed over; any
other was. So a kill leaves no doubt that `where_is` cannot end.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome

LETTER = "letter"
MANIFEST = "manifest.json"
_PART = ".part"
_REFERENCE = re.compile(r"[0-9a-f]{32}")
_LARGEST = 20_000_000  # bytes of one letter
_MOST_PAGES = 20  # what one envelope of a machine takes


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One letter in a manifest: no name, no address; the PDF has them, and only once."""

    reference: str
    file: str
    pages: int
    bytes: int
    sha256: str
    language: str


class LetterChannel:
    """Hands batches of letters to a printer. An envelope's `document` is the letter, as PDF.

    `record` is a folder of ours, made where it is missing. Raises BadInput if the hot folder is
    not there. Only one may send at a time: it clears away what a killed one left.
    """

    name: str = LETTER

    def __init__(self, folder: Path, record: Path) -> None:
        self.folder, self.record = folder, record
        if not folder.is_dir():
            raise BadInput(
                "no-hot-folder",
                str(folder),
                "is not a folder",
                expected="the folder the printer takes batches from",
                next_step="Set letters.folder.",
            )
        record.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handed = self._read_records()

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope; accepted is handed over, with the batch as its reference there.

        1. Refuse what is no letter; tell what was handed over before.
        2. Write and verify the rest under a name that is not looked at.
        3. Ask the book; take out what it does not hold.
        4. Rename, once, and tell.

        Raises Unreachable if the folder cannot be written, before the book was asked; and what
        `book` raises.
        """
        if not batch:
            return
        self._clear_away()
        waiting: dict[str, tuple[Envelope, Sheet]] = {}
        for envelope in batch:
            answer = _refusal(envelope) or _known(envelope, self._handed)
            sheet = None if answer else _sheet(envelope)
            if sheet is None:
                yield answer or _broken(envelope, "the document is no PDF of 1 to 20 pages")
            else:
                waiting[envelope.reference] = envelope, sheet
        if waiting:
            yield from self._handed_over(waiting, book)

    def where_is(self, reference: str) -> str:
        """The batch in which this letter was handed over, or an empty text: it was not."""
        return self._handed.get(reference, "")

    def manifest_of(self, batch: str) -> list[Sheet]:
        """What a batch held. BadInput if there is none of that name."""
        if batch not in self._handed.values():
            raise BadInput("no-such-batch", batch, "is no batch that was handed over")
        return _read_manifest(self._record_of(batch))

    def _read_records(self) -> dict[str, str]:
        """The batch of every letter that was handed over."""
        return {
            sheet.reference: path.stem
            for path in self.record.glob("letters-*.json")
            if not self._part_of(path.stem).exists()
            for sheet in _read_manifest(path)
        }

    def _clear_away(self) -> None:
        """What a kill left before the rename: it was never handed over."""
        for part in self.folder.glob(f".letters-*{_PART}"):
            name = part.name.removeprefix(".").removesuffix(_PART)
            self._record_of(name).unlink(missing_ok=True)  # first: it speaks of this part
            shutil.rmtree(part, ignore_errors=True)

    def _part_of(self, name: str) -> Path:
        return self.folder / f".{name}{_PART}"

    def _record_of(self, name: str) -> Path:
        return self.record / f"{name}.json"

    def _handed_over(
        self, waiting: dict[str, tuple[Envelope, Sheet]], book: Book
    ) -> Iterator[Reply]:
        name = _batch_name([sheet for _, sheet in waiting.values()])
        part = self._part_of(name)
        self._written(part, waiting)
        try:
            held = book.sending(list(waiting))
            outcome = self._renamed(part, name, [w[1] for r, w in waiting.items() if r in held])
        finally:
            shutil.rmtree(part, ignore_errors=True)
        for envelope, sheet in waiting.values():
            if sheet.reference not in held:
                yield _unheld(envelope)
            elif outcome is Outcome.ACCEPTED:
                yield _accepted(envelope, sheet, name)
            else:
                said = f"the hot folder did not take batch {name}, or has gone"
                yield _reply(envelope, outcome, said, "post")

    def _written(self, part: Path, waiting: dict[str, tuple[Envelope, Sheet]]) -> None:
        """All letters on the disk and compared with what was meant. Raises Unreachable."""
        try:
            shutil.rmtree(part, ignore_errors=True)  # of a kill before the rename: never handed
            part.mkdir(mode=0o700)
            for envelope, sheet in waiting.values():
                _write(part / sheet.file, envelope.document or b"")
                _must_be(part / sheet.file, sheet)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise self._unreachable(error) from None

    def _renamed(self, part: Path, name: str, sheets: list[Sheet]) -> Outcome:
        """Manifest, record, and the one step that hands it over: accepted, or deferred where it
        certainly was not, or in doubt where the folder itself has gone."""
        if not sheets:
            return Outcome.CANCELLED
        record, kept = self._record_of(name), {sheet.file for sheet in sheets}
        try:
            for path in part.glob("*.pdf"):
                if path.name not in kept:
                    path.unlink()
            _write(part / "manifest.csv", _as_csv(sheets))
            _write(part / MANIFEST, _as_json(name, sheets))
            _sync(part)
            _write(record, _as_json(name, sheets))
            _sync(self.record)
            part.rename(self.folder / name)
        except OSError:
            if part.exists():
                record.unlink(missing_ok=True)
                return Outcome.DEFERRED
            if not (self.folder / name).exists():
                return Outcome.IN_DOUBT
        _sync(self.folder)
        self._handed.update({sheet.reference: name for sheet in sheets})
        return Outcome.ACCEPTED

    def _unreachable(self, error: OSError) -> Unreachable:
        return Unreachable(
            "hot-folder-unreachable",
            f"hot folder {self.folder}",
            f"cannot be written ({error.strerror or type(error).__name__})",
            next_step="Nothing was handed over; check letters.folder and its room, then repeat.",
        )


def _read_manifest(path: Path) -> list[Sheet]:
    return [Sheet(**each) for each in json.loads(path.read_text("utf-8"))["letters"]]


def _sheet(envelope: Envelope) -> Sheet | None:
    """What the manifest says of this letter, counted by another program than the one that made it;
    None if it is no letter."""
    document = envelope.document or b""
    if not document.startswith(b"%PDF-") or len(document) > _LARGEST:
        return None
    try:
        pages = len(PdfReader(io.BytesIO(document), strict=False).pages)
    except (PyPdfError, ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return None
    if not 1 <= pages <= _MOST_PAGES:
        return None
    return Sheet(
        reference=envelope.reference,
        file=f"{envelope.reference}.pdf",
        pages=pages,
        bytes=len(document),
        sha256=sha256(document).hexdigest(),
        language=envelope.language,
    )


def _batch_name(sheets: Sequence[Sheet]) -> str:
    """The same for the same letters, whatever their order: a second try is no second batch."""
    told = "\n".join(sorted(f"{sheet.reference} {sheet.sha256}" for sheet in sheets))
    return f"letters-{sha256(told.encode()).hexdigest()[:16]}"


def _as_json(name: str, sheets: Sequence[Sheet]) -> bytes:
    told = {
        "batch": name,
        "letters": [asdict(sheet) for sheet in sheets],
        "count": len(sheets),
        "pages": sum(sheet.pages for sheet in sheets),
    }
    return json.dumps(told, indent=1).encode()


def _as_csv(sheets: Sequence[Sheet]) -> bytes:
    text = io.StringIO(newline="")
    columns = ["reference", "file", "pages", "bytes", "sha256", "language"]
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(asdict(sheet) for sheet in sheets)
    return text.getvalue().encode()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _must_be(path: Path, sheet: Sheet) -> None:
    found = path.read_bytes()
    if len(found) != sheet.bytes or sha256(found).hexdigest() != sheet.sha256:
        raise OSError("what was written reads back as something else")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(envelope: Envelope) -> Reply | None:
    if not _REFERENCE.fullmatch(envelope.reference):
        return _broken(envelope, "the reference is not 32 hexadecimal digits")
    if not envelope.address.strip():
        return _reply(envelope, Outcome.UNDELIVERABLE, "not sent: there is no postal address", "")
    return None


def _known(envelope: Envelope, handed: dict[str, str]) -> Reply | None:
    """A letter that lies in a batch already is never printed under another name."""
    batch = handed.get(envelope.reference)
    if batch is None:
        return None
    said = f"handed over before, in batch {batch}"
    return _reply(envelope, Outcome.ACCEPTED, said, "answer", batch)


def _accepted(envelope: Envelope, sheet: Sheet, batch: str) -> Reply:
    said = f"handed to the printer in batch {batch}: {sheet.pages} pages, SHA-256 {sheet.sha256}"
    return _reply(envelope, Outcome.ACCEPTED, said, "answer", batch)


def _unheld(envelope: Envelope) -> Reply:
    return _reply(envelope, Outcome.CANCELLED, "not sent: the book no longer holds it", "post")


def _broken(envelope: Envelope, flaw: str) -> Reply:
    return _reply(envelope, Outcome.BROKEN, f"not sent: {flaw}", "")


def _reply(envelope: Envelope, outcome: Outcome, said: str, phase: str, batch: str = "") -> Reply:
    return Reply(
        reference=envelope.reference,
        outcome=outcome,
        said=said,
        phase=phase,
        provider_reference=batch,
    )
