"""The words of reports: codes, dates, numbers and places as a clerk of that language reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import langcodes
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.document import Count
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.facts.words import Basis
from incident_engine.home import shipped

_FAR = 25  # langcodes' distance up to which one language serves for another (zh-CN for zh-Hans)
_EAST_ASIAN = ("zh", "ja")


@dataclass(frozen=True)
class FormWords:
    """The words of one language (BCP 47), from its file."""

    language: str
    tables: Mapping[str, Mapping[str, str]]

    @property
    def locale(self) -> Locale:
        """Babel's locale of the language."""
        return Locale.parse(self.language, sep="-")

    def of(self, table: str, code: str) -> str:
        """The word for a code; the code itself, spelt out, where the file has none."""
        return self.tables.get(table, {}).get(str(code)) or str(code).replace("_", " ")

    def label(self, name: str) -> str:
        """One of the report's own fixed words."""
        return self.of("report", name)

    def labels(self) -> dict[str, str]:
        """All of the report's own fixed words."""
        return dict(self.tables["report"])

    def in_words(self, by_language: Mapping[str, str]) -> str:
        """A form's own label: in this language, else in English."""
        return self.text(by_language)[0]

    def text(self, by_language: Mapping[str, str]) -> tuple[str, str]:
        """A text by language: ours or the nearest, and the tag it is in where that is another."""
        known = {tag: text for tag, text in by_language.items() if text}
        if not known:
            return "", ""
        nearest = langcodes.closest_match(self.language, list(known), max_distance=_FAR)[0]
        if nearest in known:
            return known[nearest], ""
        other = "en" if "en" in known else next(iter(known))
        return known[other], other

    def language_name(self, tag: str) -> str:
        """The name of a language in this language."""
        return Locale.parse(tag, sep="-").get_display_name(self.locale) or tag

    def number(self, number: int) -> str:
        """A whole number with this language's separators."""
        return format_decimal(number, locale=self.locale)

    def count(self, count: Count | None) -> str:
        """A count with how well it is known: "1,200 (estimate, 900 to 1,500)"."""
        if count is None or count.best is None:
            return self.label("not_known")
        notes = [] if count.basis is Basis.EXACT else [self.of("basis", count.basis)]
        if count.least is not None and count.most is not None and count.least != count.most:
            low, high = self.number(count.least), self.number(count.most)
            notes.append(self.label("between").format(low=low, high=high))
        return self.noted(self.number(count.best), *notes) if notes else self.number(count.best)

    def place(self, code: str) -> str:
        """A country's name, or a part's code behind its country's name."""
        country, _, part = code.partition("-")
        name = self.locale.territories.get(country) or country
        return self.noted(name, code) if part else name

    def moment(self, moment: Moment, zone: str) -> str:
        """A moment as it is known: a day stays a day, an instant is shown in `zone`."""
        if moment.at is not None:
            return self.instant(moment.at, zone)
        return self.day(moment.day) if moment.day else moment.said

    def instant(self, at: datetime, zone: str) -> str:
        """An instant in `zone`, with its offset printed: forms often have no place for it."""
        local = at.astimezone(ZoneInfo(zone))
        shown = format_datetime(local, f"{self._day} HH:mm", locale=self.locale)
        return f"{shown} {_offset(local)}"

    def day(self, day: date) -> str:
        """A day, with the month in words."""
        return str(format_date(day, self._day, locale=self.locale))

    def noted(self, text: str, *notes: str) -> str:
        """A text with notes in this language's brackets."""
        return self.label("noted").format(text=text, notes=self.label("comma").join(notes))

    def pair(self, name: str, text: str) -> str:
        """A name and what belongs to it, with this language's colon."""
        return self.label("pair").format(name=name, text=text)

    def labelled(self, fact: str, lines: Sequence[str]) -> tuple[str, ...]:
        """The lines behind the fact's own name, where it has one, for a field of several facts."""
        name = self.tables["several"].get(fact)
        joined = self.label("joint").join(lines)
        return (self.pair(name, joined),) if name else tuple(lines)

    def span(self, span: timedelta) -> str:
        """A duration in days, hours and minutes."""
        minutes = int(span.total_seconds() // 60)
        parts = (
            (minutes // 1440, "days"),
            (minutes % 1440 // 60, "hours"),
            (minutes % 60, "minutes"),
        )
        said = [f"{number} {self.label(unit)}" for number, unit in parts if number]
        return " ".join(said) or f"0 {self.label('minutes')}"

    @property
    def _day(self) -> str:
        return "y年M月d日" if self.locale.language in _EAST_ASIAN else "d MMMM y"


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def worded_languages(folder: Path | None = None) -> tuple[str, ...]:
    """The languages in which a report can be worded, as BCP 47 tags."""
    words = (folder or shipped("templates/notices/authority")) / "words"
    return tuple(sorted(each.stem for each in words.glob("*.toml")))


def read_words(language: str, folder: Path | None = None) -> FormWords:
    """The words of a language, from `words/<language>.toml` beside the forms.

    Those shipped are read once. Raises BadInput, naming those there are, where there is none.
    """
    return _read(language, folder) if folder else _shipped_words(language)


@cache
def _shipped_words(language: str) -> FormWords:
    return _read(language, None)


def _read(language: str, folder: Path | None) -> FormWords:
    words = (folder or shipped("templates/notices/authority")) / "words"
    file = words / f"{language}.toml"
    if not file.is_file():
        raise BadInput(
            "no-words",
            language,
            "reports are not worded in this language",
            expected=f"one of {', '.join(worded_languages(folder))}",
        )
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return FormWords(language, tables | {"data_type": _data_types(words.parents[1] / language)})


def _data_types(folder: Path) -> dict[str, str]:
    """The kinds of data by the names that readers of notices get: one name for one thing."""
    file = folder / "data-types.toml"
    if not file.is_file():
        return {}
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {code: words["name"] for code, words in table.items()}
