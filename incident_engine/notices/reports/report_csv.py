"""A report as a table for copying into a portal: a line each question, UTF-8 with a BOM.

Opened in a spreadsheet by habit, so no cell may begin what a spreadsheet takes for a formula.
"""

from __future__ import annotations

import csv
import io

from incident_engine.notices.reports.report_document import Report

COLUMNS = ("field", "label", "their label", "answer", "their choice", "status", "law")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render_csv(report: Report) -> bytes:
    """The questions in the form's order with their answers; lines of one answer by line breaks."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in report.fields:
        cells = (
            each.id,
            each.label,
            each.own_label,
            "\n".join((*each.lines, *([each.ask] if each.ask else []))),
            "; ".join(each.choice),
            each.status + (f", {each.expected_by}" if each.expected_by else ""),
            each.law,
        )
        writer.writerow([defused(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def defused(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would compute."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
