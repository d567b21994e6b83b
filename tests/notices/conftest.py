"""The copied customer list, told by Kestrel Cloud to Ada and the others."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import incident_engine
from incident_engine.domain.facts.document import Facts, parse_facts
from incident_engine.domain.law.content import PROMISED
from incident_engine.notices.article import Article
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.languages import available_languages
from incident_engine.notices.public.announcement import Announcement
from incident_engine.notices.slots import Occasion, Sender
from incident_engine.notices.wording import Wording

LANGUAGES = available_languages()
FIRST_TWO = ("en", "zh-Hans")  # of which there are enough where every language would be the same
TOLD = ("en", "zh-Hans")  # those in which somebody wrote the story of the copied customer list
COPIED_LIST: dict[str, Any] = tomllib.loads(
    (Path(incident_engine.__file__).parent / "demo/facts.toml").read_text("utf-8")
)
del COPIED_LIST["data"]["not_involved"]  # the tests make it any data
# Told in two languages, and in no other: by codes it would be told in all.
del COPIED_LIST["remedies"]
for _measure in COPIED_LIST["measures"]:
    _measure.pop("code", None)
KESTREL = Sender(
    organisation="Kestrel Cloud",
    address="1 Harbour Road, Hangzhou, China",
    website="https://www.kestrel.example",
    contact_name="Kestrel help desk",
    contact_email="help@kestrel.example",
    contact_phone="+86 10 5555 0123",
)
TO_ADA = Occasion(
    sender=KESTREL,
    reference="INC-2026-0001",
    number=1,
    data_types=("name", "email"),
    guardian=False,
    public=False,
    content=frozenset(PROMISED),
    at=datetime(2026, 3, 7, 4, 0, tzinfo=UTC),
)
TO_ALL = replace(TO_ADA, public=True, data_types=())


def facts_with(changed: dict[str, Any] | None = None, *, without: tuple[str, ...] = ()) -> Facts:
    """The copied customer list with some facts changed (`{"data.types": …}`) or not known."""
    document = deepcopy(COPIED_LIST)
    for key in without:
        _put(document, key, None)
    for key, value in (changed or {}).items():
        _put(document, key, value)
    return parse_facts(document)


def bare(**known: Any) -> Facts:
    """An incident of which only this is known."""
    return parse_facts({"format": 1, **known})


def worded(
    facts: Facts | None = None, occasion: Occasion = TO_ADA, language: str = "en"
) -> Wording:
    """The notice in that language, from the shipped words."""
    return compose(facts or facts_with(), occasion, catalogue_of(language))


def article(facts: Facts | None = None, language: str = "en") -> Article:
    return worded(facts, TO_ALL, language).article


def page(**changed: Any) -> Announcement:
    """The public page of the copied customer list."""
    said = Announcement(
        reference="INC-2026-0001",
        organisation="Kestrel Cloud",
        email="incident@kestrel.example",
        hotline="+86 10 5555 0199",
        address="1 Harbour Road, Hangzhou, China",
        put_up_at=datetime(2026, 3, 7, 4, 0, tzinfo=UTC),
        zone="Asia/Shanghai",
        url="https://www.kestrel.example/incident/",
        articles=tuple(article(language=language) for language in TOLD),
    )
    return replace(said, **changed)


def _put(document: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for part in path:
        document = document.setdefault(part, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value
