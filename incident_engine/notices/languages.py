"""In which language a person is written to (BCP 47, matched as CLDR's distances say)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import langcodes
from babel import Locale
from babel.core import UnknownLocaleError, get_global

from incident_engine.domain.places import country_of
from incident_engine.notices.library import open_library

Said = TypeVar("Said")

SAME = 10  # the same language: en-GB for en, zh-CN for zh-Hans
NEAR = 60  # another script or region of it, read with some effort: zh-Hant for zh-Hans
LAST_RESORT = "en"


def available_languages(templates: str = "") -> tuple[str, ...]:
    """The languages in which there is a notice; `templates` is the organisation's own folder."""
    return open_library(templates).languages


def choose_language(
    wanted: str | None, where: str | None, available: Sequence[str], default: str
) -> str:
    """The language of a person's notice, one of `available`.

    In this order: what the person wants; the languages spoken where they live (`where` is an ISO
    3166 code), the most spoken first; the organisation's `default`; English; the first there is.
    What a person wants is also met by a close relative (Simplified for Traditional Chinese), but
    a guess from the place only by the language itself.
    """
    return _choose(wanted or "", where or "", tuple(available), default)


def in_language(said: Mapping[str, Said], language: str) -> Said | None:
    """What is said in this language (`zh-CN` serves `zh-Hans`); never what another one says."""
    if language in said:
        return said[language]
    tag = _closest(language, tuple(said), SAME)
    return said[tag] if tag else None


def direction_of(language: str) -> str:
    """`ltr` or `rtl`, as HTML's dir has it."""
    try:
        return "rtl" if Locale.parse(language, sep="-").text_direction == "rtl" else "ltr"
    except (UnknownLocaleError, ValueError):
        return "ltr"


@lru_cache(maxsize=4096)
def _choose(wanted: str, where: str, available: tuple[str, ...], default: str) -> str:
    asked = [(wanted, NEAR)]
    asked += [(tag, SAME) for tag in _spoken_in(where)]
    asked += [(default, NEAR), (LAST_RESORT, SAME)]
    found = (_closest(tag, available, distance) for tag, distance in asked)
    return next((tag for tag in found if tag), available[0])


def _closest(tag: str, available: Iterable[str], distance: int) -> str:
    if not tag:
        return ""
    try:
        found, far = langcodes.closest_match(tag, list(available), max_distance=distance)
    except ValueError:
        return ""
    same_family = langcodes.get(found).language == langcodes.get(tag).language
    return str(found) if far <= SAME or (far <= distance and same_family) else ""


def _spoken_in(where: str) -> list[str]:
    territories = get_global("territory_languages")
    spoken = territories.get(country_of(where), {}) if where else {}
    official = {
        tag: facts["population_percent"]
        for tag, facts in spoken.items()
        if facts.get("official_status")
    }
    by_speakers = sorted(official, key=lambda tag: -official[tag])
    return [f"{tag.replace('_', '-')}-{country_of(where)}" for tag in by_speakers]
