"""The file a printer sends back, compared with what was handed over: by count and by every id.

CSV with a header and two columns, `reference` and `status`: printed, posted, returned (came back
as undeliverable) or spoiled (not to be posted). Read whole or refused whole.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from incident_engine.channels import Receipt
from incident_engine.channels.paper.letters import Sheet
from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.words import Outcome

STATUSES = {
    "printed": Outcome.ACCEPTED,
    "posted": Outcome.ACCEPTED,  # that it was put through the door nobody tells
    "returned": Outcome.UNDELIVERABLE,
    "spoiled": Outcome.BROKEN,  # our PDF or their machine: mend it, then print it again
}
_LARGEST = 50_000_000
_SHOWN = 40


@dataclass(frozen=True)
class Return:
    """What a printer says of one batch. `missing` are the references it says nothing of."""

    receipts: tuple[Receipt, ...]
    missing: tuple[str, ...]


def read_return(content: bytes, batch: str, sheets: Sequence[Sheet], *, name: str) -> Return:
    """Receipts for the letters of `batch`, and those not accounted for.

    Raises BadFile with every line that names a letter not of this batch, one twice, or a status
    that is no word of ours: then nothing of the file counts.
    """
    rows = list(_rows(content, name))
    known = {sheet.reference for sheet in sheets}
    times = Counter(reference for _, reference, _ in rows)
    faults = [
        fault
        for line, reference, status in rows
        for fault in _faults(f"{name}, line {line}", reference, status, known, times)
    ]
    if faults:
        raise BadFile(faults)
    return Return(
        tuple(_receipt(batch, reference, status) for _, reference, status in rows),
        tuple(sheet.reference for sheet in sheets if sheet.reference not in times),
    )


def _rows(content: bytes, name: str) -> Iterator[tuple[int, str, str]]:
    try:
        if len(content) > _LARGEST:
            raise ValueError("larger than 50 MB")
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if not {"reference", "status"} <= set(reader.fieldnames or ()):
            raise ValueError("without the columns reference and status")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"of another width in line {reader.line_num}")
            yield reader.line_num, row["reference"].strip().lower(), row["status"].strip().lower()
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        found = str(error) if type(error) is ValueError else "not CSV in UTF-8"
        fault = Fault(
            place=name,
            code="bad-printers-return",
            found=f"is {found}",
            expected="CSV in UTF-8 with the columns reference and status",
            next_step="Ask the printer for the file again.",
        )
        raise BadFile([fault]) from None


def _faults(
    place: str, reference: str, status: str, known: set[str], times: Counter[str]
) -> Iterator[Fault]:
    if reference not in known:
        yield Fault(
            place=place,
            code="not-of-this-batch",
            found=f"{reference[:_SHOWN]!r} is no letter of this batch",
            next_step="Name the batch this file is about.",
        )
    elif times[reference] > 1:
        yield Fault(
            place=place,
            code="letter-twice",
            found=f"{reference} stands {times[reference]} times in it",
            expected="each letter once",
            next_step="Ask the printer whether it was printed twice.",
        )
    if status not in STATUSES:
        yield Fault(
            place=place,
            code="unknown-status",
            found=f"{status[:_SHOWN]!r}",
            expected=", ".join(STATUSES),
        )


def _receipt(batch: str, reference: str, status: str) -> Receipt:
    return Receipt(
        key=f"{batch}|{reference}|{status}",
        reference=reference,
        kind=status,
        outcome=STATUSES[status],
        said=f"the printer's return for batch {batch}: {status}",
        provider_reference=batch,
    )
