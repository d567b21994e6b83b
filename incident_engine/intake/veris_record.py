"""A VERIS record as it is asked for, with a mark on every value that some fact took over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.intake.foreign import Left, Path, leaves, path_text, shortly
from incident_engine.intake.veris_words import NOTHING_SAID, SILENT, TEXTS, WHY

MOST = 1e12  # no number of records, hours or years is larger
_DISCLOSED = ("Yes", "No", "Potentially", "Unknown")


class Record:
    """One incident. Reading a value of a wrong kind raises BadFile with its path."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self._document = document
        self._name = name
        self._taken: set[Path] = set()
        self.sayings: list[str] = []

    def say(self, text: str) -> None:
        """A sentence for the person who opens it; once, however often it is said."""
        if text not in self.sayings:
            self.sayings.append(text)

    def refuse(self, path: Path, found: str, expected: str) -> NoReturn:
        """Refuse the whole file for what stands at a path."""
        place = f"{self._name}: {path_text(path)}" if path else self._name
        raise BadFile([Fault(place=place, code="not-veris", found=found, expected=expected)])

    def table(self, *path: str) -> Mapping[str, Any]:
        """The table at a path; an empty one where it is left out."""
        found: Mapping[str, Any] = self._document
        for depth, part in enumerate(path, start=1):
            inner = found.get(part)
            if inner is None:
                return {}
            if not isinstance(inner, Mapping):
                self.refuse(path[:depth], _kind(inner), "a table")
            found = inner
        return found

    def has(self, *path: str) -> bool:
        """Whether there is such a table, however little it says."""
        *outer, last = path
        if self.table(*outer).get(last) is None:
            return False
        self.table(*path)
        return True

    def value(self, *path: str) -> Any:
        """Whatever stands at a path, or None."""
        *outer, last = path
        return self.table(*outer).get(last)

    def words(self, *path: str, take: bool = False) -> list[str]:
        """The words of a list, or of one word that stands alone, those that say nothing left out.

        `take` marks them as taken over.
        """
        found = self.value(*path)
        several = found if isinstance(found, list) else [] if found is None else [found]
        for index, word in enumerate(several):
            if not isinstance(word, str):
                self.refuse((*path, index), _kind(word), "a word of VERIS")
        said = [word.strip() for word in several]
        if take:
            self.took(*path)
            self._taken.update((*path, index) for index in range(len(said)))
        return [word for word in said if word not in NOTHING_SAID]

    def untake(self, *path: str, keep: frozenset[str]) -> None:
        """Mark the words of a list as taken only where they are among those kept."""
        found = self.value(*path)
        several = found if isinstance(found, list) else [found]
        for index, word in enumerate(several):
            mark: Path = (*path, index) if isinstance(found, list) else path
            (self._taken.add if word in keep else self._taken.discard)(mark)

    def word(self, *path: str, take: bool = False) -> str | None:
        """One word, or None where it is left out or says nothing."""
        found = self.value(*path)
        if found is not None and not isinstance(found, str):
            self.refuse(path, _kind(found), "a word of VERIS")
        return next(iter(self.words(*path, take=take)), None)

    def number(self, *path: str, most: float = MOST, whole: bool = False) -> float | None:
        """A number that is not negative, or None."""
        return self.as_number(path, self.value(*path), most=most, whole=whole)

    def as_number(
        self, path: Path, found: object, *, most: float = MOST, whole: bool = False
    ) -> float | None:
        """A value that must be such a number, or None where there is none."""
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            self.refuse(path, _kind(found), "a number")
        if not 0 <= found <= most or (whole and found != int(found)):
            kind = "a whole number" if whole else "a number"
            self.refuse(path, str(found)[:40], f"{kind} from 0 to {most:g}")
        return found

    def unit(self, *path: str, take: bool = False) -> str | None:
        """The unit of a span of time; Never, NA and Unknown are units of VERIS."""
        found = self.table(*path).get("unit")
        if found is not None and not isinstance(found, str):
            self.refuse((*path, "unit"), _kind(found), "a unit of time")
        if take and found:
            self.took(*path, "unit")
        return found

    def took(self, *path: str | int) -> None:
        """Mark a value as taken over."""
        self._taken.add(path)

    def assets(self) -> list[str]:
        """The kinds of things affected."""
        found = self.value("asset", "assets")
        if found is None:
            return []
        if not isinstance(found, list):
            self.refuse(("asset", "assets"), _kind(found), "a list of tables")
        return [word for word in self._varieties(("asset", "assets"), found) if word]

    def data(self) -> list[tuple[str, int, Any]]:
        """Each kind of data with its place in the list and its amount, if any."""
        path = ("attribute", "confidentiality", "data")
        found = self.value(*path)
        if found is None:
            return []
        if not isinstance(found, list):
            self.refuse(path, _kind(found), "a list of tables")
        words = self._varieties(path, found)
        return [
            (word, i, self.as_number((*path, i, "amount"), each.get("amount"), whole=True))
            for i, (word, each) in enumerate(zip(words, found, strict=True))
        ]

    def _varieties(self, path: Path, found: list[Any]) -> list[str]:
        words = []
        for index, each in enumerate(found):
            if not isinstance(each, Mapping):
                self.refuse((*path, index), _kind(each), "a table")
            word = each.get("variety", "")
            if not isinstance(word, str):
                self.refuse((*path, index, "variety"), _kind(word), "a word of VERIS")
            words.append("" if word in NOTHING_SAID else word)
        return words

    @property
    def disclosed(self) -> str | None:
        """Whether data was disclosed: Yes, No, Potentially, Unknown; None where nobody said."""
        path = ("attribute", "confidentiality", "data_disclosure")
        found = self.value(*path)
        if found is not None and found not in _DISCLOSED:
            shown = shortly(found) if isinstance(found, str) else _kind(found)
            self.refuse(path, shown, ", ".join(_DISCLOSED))
        self.took(*path)
        return None if found is None else str(found)

    def left(self) -> Iterator[Left]:
        """Every value that says something and that no fact took over, with the reason."""
        for path, value in leaves(self._document):
            if path in self._taken or path[0] in SILENT or value in NOTHING_SAID or value is True:
                continue
            found = f"a text of {len(str(value))} characters" if path[-1] in TEXTS else value
            yield Left(path_text(path), shortly(found), _why(path))


def _why(path: Path) -> str:
    if path[-1] == "notes":
        return "free text: read it"
    named = [str(part) for part in path if isinstance(part, str)]
    for length in range(len(named), -1, -1):
        if found := WHY.get(".".join(named[:length])):
            return found
    return WHY[""]


def _kind(found: object) -> str:
    if isinstance(found, Mapping):
        return "a table"
    if isinstance(found, list):
        return "a list"
    return {bool: "a truth value", str: "a text"}.get(type(found), "a number")
