"""A day as a language writes it, by the patterns of its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel import Locale
from babel.dates import format_date


def written_day(day: date, forms: Mapping[str, str], locale: Locale) -> str:
    """A day by a catalogue's `[when]`: `date`, and `date_first` where the first of a month is
    written in a way of its own (French: 1er mars). Both are patterns of CLDR."""
    first = forms.get("date_first", "") if day.day == 1 else ""
    return format_date(day, first or forms["date"], locale=locale)
