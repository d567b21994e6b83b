"""Notices a second: filling frozen words against rendering the whole notice for each person.

Both make subject, text and HTML for the same people in one run, in turns, so that whatever else
the machine does slows both. Run as `python -m tests.bench.bench_render`; exits with 1 when the
first is not ten times as fast.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from incident_engine.notices.catalogue import Catalogue, catalogue_of, library_of
from incident_engine.notices.languages import available_languages, direction_of
from incident_engine.notices.slots import slots_of
from incident_engine.notices.wording import Wording, fill
from tests.notices.conftest import TO_ADA, facts_with, worded

ROUNDS, FILLED, RENDERED, RATIO = 5, 4000, 60, 10
PEOPLE = ["Ada Lovelace", "欧阳娜娜", "O'Neil <b>", "Llanfair Jones", ""]

Make = Callable[[str, str], tuple[str, ...]]


def whole_render(catalogue: Catalogue) -> Make:
    """As mail merges do it: compiled once, every word rendered again for each person."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    library, facts = library_of(catalogue), facts_with()
    notice = environment.from_string(catalogue.notice)
    text = environment.from_string(library.text("email.txt"))
    page = environment.overlay(autoescape=True).from_string(library.text("email.html"))
    slots, outline = slots_of(facts, TO_ADA, catalogue), worded(language=catalogue.language).outline
    around: Mapping[str, Any] = {
        "title": outline.title,
        "preview": outline.title,
        "opening": list(outline.opening),
        "sections": [
            {**asdict(each), "points": asdict(each)["items"], "rule": "-" * len(each.heading)}
            for each in outline.sections
        ],
        "organisation": slots["organisation"],
        "language": catalogue.language,
        "direction": direction_of(catalogue.language),
    }

    def make(name: str, code: str) -> tuple[str, ...]:
        said = notice.render(**slots | {"greeting": f"Dear {name},", "verify": code})
        shown = {**around, "opening": [f"Dear {name},", *around["opening"], code]}
        return said, text.render(**shown), page.render(**shown)

    return make


def two_stages(wording: Wording) -> Make:
    """As this product does it: the incident once, the person cheaply."""

    def make(name: str, code: str) -> tuple[str, ...]:
        found = fill(wording, name=name, code=code)
        return found.subject, found.text, found.html

    return make


def rate(make: Make, times: int) -> float:
    """How many a second."""
    began = time.perf_counter()
    for number in range(times):
        make(f"{PEOPLE[number % len(PEOPLE)]} {number}", f"7K3M-9QXA-2BCD-{number:04d}")
    return times / (time.perf_counter() - began)


def main() -> int:
    """Measure each language, say the ratio, and keep to the smallest."""
    ratios = []
    for language in available_languages():
        filled, rendered = two_stages(worded(language=language)), whole_render(
            catalogue_of(language)
        )  # fmt: skip
        rates = [(rate(filled, FILLED), rate(rendered, RENDERED)) for _ in range(ROUNDS)]
        ratios.append(sorted(fast / slow for fast, slow in rates)[ROUNDS // 2])
        sys.stdout.write(
            f"{language}: {max(fast for fast, _ in rates):,.0f} notices a second filled, "
            f"{max(slow for _, slow in rates):,.0f} rendered whole: {ratios[-1]:.1f} times "
            f"(median of {ROUNDS}).\n"
        )
    sys.stdout.write(f"The smallest ratio is {min(ratios):.1f}; wanted is {RATIO}.\n")
    return 0 if min(ratios) >= RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
