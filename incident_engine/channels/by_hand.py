"""The list of people who must be called by one of us, and what the callers wrote into it.

This is no wire: nothing leaves when a list is written, and nobody answers but a person, days
later. So it has no `send`. A delivery by hand waits, is never claimed, and ends by a receipt that
names who called: the sheet goes out, comes back filled in, and every line of it is one such.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from incident_engine.channels import Receipt
from incident_engine.domain.errors import BadFile, BadInput, Fault
from incident_engine.domain.words import Outcome

COLUMNS = (
    "reference",
    "name",
    "number",
    "language",
    "call from",
    "call until",
    "outcome",
    "who",
    "when",
)
OUTCOMES = {
    "reached": Outcome.DELIVERED,  # spoken to, and the notice was read to them
    "no answer": Outcome.UNANSWERED,
    "wrong number": Outcome.UNDELIVERABLE,
    "will not hear it": Outcome.REFUSED,
}
_FILLED_IN = ("reference", "outcome", "who", "when")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LARGEST = 20_000_000
_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Call:
    """One person to be called. Times are the person's own, as text with their zone."""

    reference: str
    name: str
    number: str
    language: str
    call_from: str = ""
    call_until: str = ""


def call_sheet(calls: Iterable[Call]) -> bytes:
    """CSV for a spreadsheet (UTF-8 with a mark, CRLF), three columns left to be filled in.

    A name that a spreadsheet would run as a formula gets a quote before it; so does every
    number, since a plus sign makes one too. Personal data: hand it to the callers, keep no copy.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for call in calls:
        told = (call.reference, call.name, call.number, call.language)
        writer.writerow(
            [_plain(cell) for cell in (*told, call.call_from, call.call_until, "", "", "")]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def read_call_sheet(content: bytes, asked: Sequence[str], *, name: str) -> list[Receipt]:
    """What the callers wrote, one receipt a line filled in; lines left empty are not told yet.

    `asked` are the references that went out. Raises BadFile with every line at fault: a delivery
    we did not ask about, one told twice, a word that is none of OUTCOMES, nobody named; then
    nothing of the file counts.
    """
    rows = [row for row in _rows(content, name) if row[2]]
    times = Counter(row[1] for row in rows)
    known = set(asked)
    faults = [
        fault
        for line, reference, outcome, who, when in rows
        for fault in _faults(
            f"{name}, line {line}",
            outcome,
            who,
            when,
            known=reference in known,
            times=times[reference],
        )
    ]
    if faults:
        raise BadFile(faults)
    return [_receipt(*row[1:]) for row in rows]


def one_call(reference: str, outcome: str, who: str, when: str) -> Receipt:
    """What one call came to. Raises BadInput for a word that is none of OUTCOMES, or nobody and no
    time named."""
    told = outcome.strip().lower(), who.strip(), when.strip()
    for fault in _faults("the call", *told, known=True, times=1):
        raise BadInput(fault.code, fault.place, fault.found, expected=fault.expected)
    return _receipt(reference, *told)


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(content: bytes, name: str) -> Iterator[tuple[int, str, str, str, str]]:
    try:
        if len(content) > _LARGEST:
            raise ValueError("larger than 20 MB")
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if not set(_FILLED_IN) <= set(reader.fieldnames or ()):
            raise ValueError("without the columns reference, outcome, who and when")
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"of another width in line {reader.line_num}")
            reference, outcome, who, when = (row[each].strip() for each in _FILLED_IN)
            yield reader.line_num, reference.lower(), outcome.lower(), who, when
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        found = str(error) if type(error) is ValueError else "not CSV in UTF-8"
        fault = Fault(
            place=name,
            code="bad-call-sheet",
            found=f"is {found}",
            expected="the call sheet as it was written, with outcome, who and when filled in",
            next_step="Save it as CSV in UTF-8.",
        )
        raise BadFile([fault]) from None


def _faults(
    place: str, outcome: str, who: str, when: str, *, known: bool, times: int
) -> Iterator[Fault]:
    if not known:
        yield Fault(place=place, code="not-asked-for", found="this call is none of those asked for")
    if times > 1:
        yield Fault(place=place, code="told-twice", found=f"this call stands {times} times in it")
    if outcome not in OUTCOMES:
        yield Fault(
            place=place,
            code="unknown-outcome",
            found=f"{outcome[:_SHOWN]!r}",
            expected=", ".join(OUTCOMES),
        )
    if not who:
        yield Fault(place=place, code="nobody-named", found="it does not say who called")
    if not when:
        yield Fault(place=place, code="no-time", found="it does not say when they were called")


def _receipt(reference: str, outcome: str, who: str, when: str) -> Receipt:
    return Receipt(
        key=f"by-hand|{reference}|{outcome}|{who}|{when}",
        reference=reference,
        kind=outcome,
        outcome=OUTCOMES[outcome],
        said=f"{outcome}; called by {who[:200]}, {when[:60]}",
    )
