"""A people file made to break importers: sound rows, and thirty kinds of fault between them."""

from __future__ import annotations

from collections.abc import Iterator

HEADER = "id,name,email,phone,where,language,birth_date,minor,deceased,guardian_email,data_types"

# What stands in place of a sound cell: the column, what is written, and the fault it is.
FAULTS: tuple[tuple[str, str, str], ...] = (
    ("email", "not an address", "no-domain"),
    ("email", "postmaster", "no-domain"),
    ("email", '"a@x.example, b@x.example"', "two-addresses"),
    ("email", "a@x@y.example", "two-addresses"),
    ("email", "=?utf-8?q?a?=@x.example", "encoded-word"),
    ("email", '"a@x.example\nBcc: b@x.example"', "control-character"),
    ("email", "ada@kestrel.example.", ""),
    ("email", "ada@[127.0.0.1]", ""),
    ("email", "ada@127.0.0.1", ""),
    ("email", '"Ada <ada@x.example>"', ""),
    ("email", "ada@-x.example", ""),
    ("email", f"{'a' * 65}@x.example", ""),
    ("email", "=HYPERLINK(1)", ""),
    ("phone", "4.4E+11", "spreadsheet-number"),
    ("phone", "12", ""),
    ("phone", "+999123456789", ""),
    ("phone", "call me", ""),
    ("phone", "+49 (0) call 151", ""),
    ("where", "Germany", "unknown-place"),
    ("where", "XX", "unknown-place"),
    ("language", "not a language", "bad-language"),
    ("birth_date", "2090-01-01", ""),
    ("birth_date", "31.02.2001", ""),
    ("birth_date", "yesterday", ""),
    ("minor", "perhaps", ""),
    ("deceased", "maybe", ""),
    ("guardian_email", "nobody", ""),
    ("data_types", "name;shoe_size", ""),
    ("name", "@SUM(1)", "formula"),
    ("name", '"A\nda"', "control-character"),
)
_COLUMNS = HEADER.split(",")
_EVERY = 10  # one row in ten is at fault
_DOUBLE = 7  # and one in seven of the sound ones stands there twice


def rows(people: int) -> Iterator[tuple[str, int | None]]:
    """Each line and which fault it has (None: it is sound); every fault in its turn."""
    for number in range(people):
        fault = number // _EVERY % len(FAULTS) if number % _EVERY == 0 else None
        is_twin = number % _DOUBLE == 2 and number % _EVERY > 1  # of the row before, a sound one
        who = number - 1 if is_twin else number
        cells = {
            "id": str(who), "name": f"Ada Lovell {who}", "email": f"p{who}@people.example",
            "phone": f"+49151{who:08d}", "where": "DE", "language": "en",
            "birth_date": "1980-01-02", "minor": "no", "deceased": "no",
            "guardian_email": "", "data_types": "name;email",
        }  # fmt: skip
        if fault is not None:
            column, said, _ = FAULTS[fault]
            cells[column] = said
        yield ",".join(cells[each] for each in _COLUMNS), fault


def nasty_people(people: int) -> bytes:
    """The whole file, in UTF-8."""
    return "\n".join([HEADER, *(line for line, _ in rows(people)), ""]).encode()
