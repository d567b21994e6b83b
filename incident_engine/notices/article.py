"""What the public page says in one language, frozen with the notice it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.notices.outline import Section


@dataclass(frozen=True, kw_only=True)
class Article:
    """What is said in one language (a BCP 47 tag); `lead` is the first thing read. `press` and
    `banner` are the same for the press and for the top of a website; empty where there is none."""

    language: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    press: str = ""
    banner: str = ""
