"""The register of incidents as a table: what GDPR Art 33(5) wants documented of each breach.

Its facts, its effects and the remedial action taken; and what was decided about telling whom, with
the reason, so that an authority can verify it. UTF-8 with a BOM, one line an incident.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from incident_engine.notices.reports.report_csv import defused

COLUMNS = (
    "incident", "title", "state", "opened at", "our role", "began", "detected", "aware",
    "contained", "kinds", "action", "scenario", "what happened", "kinds of data", "people by place",
    "people in all", "risk", "why that risk", "effects", "measures", "reports filed",
    "people told", "first told at", "told by", "public page since",
    "not told, and why", "still owed",
)  # fmt: skip


def render_register(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The table. A row has a text for each of COLUMNS; one that it lacks stays empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([defused(row.get(name, "")) for name in COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
