"""In which language each reader is written to: the nearest one in which the notice is whole.

A notice in a reader's own language that cannot say what the law wants said is no notice. Where
nobody has told the incident's story in a language, its readers get the next best one, and are
counted, so that somebody can see it before approval and tell the story in that language too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from incident_engine.notices.languages import available_languages, choose_language, in_language
from incident_engine.workflow.engine import Engine

IsWhole = Callable[[str], bool]


class ReadingLanguage:
    """Chooses languages for the readers of one notice. `is_whole` says of a language whether the
    notice would lack nothing in it; it is asked once for each language that is wanted."""

    def __init__(self, engine: Engine, told_in: dict[str, object], is_whole: IsWhole) -> None:
        self._notices = engine.settings.notices
        self._told_in = told_in
        self._is_whole = is_whole
        self._known: dict[str, bool] = {}

    def first_choice(self, wanted: str, place: str) -> str:
        """The language of that reader, were every language whole."""
        return self._choose(wanted, place, self._available)

    def choose(self, wanted: str, place: str) -> str:
        """The language of that reader. Where none is whole: the first choice of those in which
        the story is told, else of all, so that what is missing is named."""
        left = self._available
        while left:
            found = self._choose(wanted, place, left)
            if self._whole(found):
                return found
            left = tuple(each for each in left if each != found)
        return self._choose(wanted, place, self._told)

    @cached_property
    def _available(self) -> tuple[str, ...]:
        return available_languages(self._notices.templates)

    @cached_property
    def _told(self) -> tuple[str, ...]:
        told = [each for each in self._available if in_language(self._told_in, each) is not None]
        return tuple(told) or (self._choose("", "", self._available),)

    def _whole(self, language: str) -> bool:
        if language not in self._known:
            self._known[language] = self._is_whole(language)
        return self._known[language]

    def _choose(self, wanted: str, place: str, among: tuple[str, ...]) -> str:
        default = self._notices.default_language
        return choose_language(wanted or None, place or None, among, default)
