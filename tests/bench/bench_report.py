"""A regulator report of 30 fields and more, from facts to PDF/A-3 with its JSON, below 300 ms.

In the same run, in turns, the same typesetter sets an empty page: the ratio of the two says what
the report itself costs on whatever machine this is. Run as `python -m tests.bench.bench_report`;
exits with 1 when the median report takes longer than its limit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from incident_engine.notices.pdf import typeset
from incident_engine.notices.reports.report_csv import render_csv
from incident_engine.notices.reports.report_document import must_match_schema
from incident_engine.notices.reports.report_pdf import render_pdf
from tests.notices.conftest import facts_with
from tests.notices.test_report import FORMS, TOLD, said

ROUNDS, LIMIT, LEAST_FIELDS = 15, 0.3, 30  # seconds
AT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
EMPTY = '#set document(title: "empty")\n#set text(lang: "en", font: "Noto Sans")\nNothing.\n'


def report() -> int:
    """One whole report as `report prepare` makes it; the number of its fields."""
    made = said(facts_with(), FORMS["eu-gdpr-art33"], notified=TOLD)
    must_match_schema(made)
    render_pdf(made)
    render_csv(made)
    return len(made.fields)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    """Measure both in turns, say both, and keep to the limit."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "empty.typ"
        page.write_text(EMPTY, "utf-8")

        def empty() -> object:
            return typeset(page, {}, at=AT)

        empty()
        fields = report()  # the first of each loads fonts and words
        pairs = [(seconds(report), seconds(empty)) for _ in range(ROUNDS)]
    took, nothing = median(a for a, _ in pairs), median(b for _, b in pairs)
    sys.stdout.write(
        f"A report of {fields} fields: {took * 1000:.0f} ms; an empty page: {nothing * 1000:.0f} ms "
        f"({took / nothing:.1f} times; medians of {ROUNDS}). The limit is {LIMIT * 1000:.0f} ms.\n"
    )
    return 0 if took < LIMIT and fields >= LEAST_FIELDS else 1


if __name__ == "__main__":
    sys.exit(main())
