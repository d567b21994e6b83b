"""A year in numbers: a page with a chart and its table, the chart alone as SVG, and a CSV.

The chart has a title and a description for those who cannot see it, every bar carries its number,
and whatever it shows stands in a table under it. No script, nothing fetched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident_engine.home import shipped
from incident_engine.notices.reports.report_csv import defused

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WIDE, _HIGH, _FOOT, _LEFT = 720, 240, 40, 40
Table = Sequence[tuple[str, int | float | str]]


def render_statistics(found: Mapping[str, Any]) -> dict[str, bytes]:
    """The files by name. `found` has `year`, `organisation`, `months` (twelve numbers) and
    `tables`: by title, pairs of a name and its number."""
    months: Sequence[int] = found["months"]
    chart = render_chart(int(found["year"]), months)
    environment = Environment(
        loader=FileSystemLoader(shipped("templates/notices/statistics")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = environment.get_template("page.html").render(
        **found, chart=chart, named=list(zip(MONTHS, months, strict=True))
    )
    tables = {"Incidents by month": list(zip(MONTHS, months, strict=True)), **found["tables"]}
    return {
        "index.html": page.encode(),
        "incidents.svg": f'<?xml version="1.0" encoding="UTF-8"?>\n{chart}\n'.encode(),
        "statistics.csv": _csv(tables),
    }


def render_chart(year: int, months: Sequence[int]) -> str:
    """A bar a month, as an SVG element."""
    most, step = max(1, *months), (_WIDE - _LEFT) / 12
    bars = []
    for index, number in enumerate(months):
        high = round((_HIGH - 2 * _FOOT) * number / most)
        x, top = round(_LEFT + index * step), _HIGH - _FOOT - high
        middle, wide = x + round(step / 2) - 4, round(step) - 8
        bars.append(
            f'<rect x="{x}" y="{top}" width="{wide}" height="{high}" fill="#1d4f91"/>'
            f'<text x="{middle}" y="{top - 6}" text-anchor="middle">{number}</text>'
            f'<text x="{middle}" y="{_HIGH - 16}" text-anchor="middle">{MONTHS[index]}</text>'
        )
    told = "; ".join(f"{name} {n}" for name, n in zip(MONTHS, months, strict=True))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" role="img" '
        'aria-labelledby="chart-title chart-words" font-family="sans-serif" font-size="14">'
        f'<title id="chart-title">Incidents opened in {year}, by month</title>'
        f'<desc id="chart-words">{told}.</desc>'
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/><g fill="#1a1a1a">{"".join(bars)}'
        f'<path d="M{_LEFT - 8} {_HIGH - _FOOT}H{_WIDE}" stroke="#595959"/></g></svg>'
    )


def _csv(tables: Mapping[str, Table]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("table", "what", "number"))
    for title, rows in tables.items():
        for name, number in rows:
            writer.writerow((defused(title), defused(str(name)), number))
    return b"\xef\xbb\xbf" + text.getvalue().encode()
