"""A thousand people, each with a token of their own in every field: nobody meets another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import product

import pypdf
import pytest

from incident_engine.domain.notice_code import code_of
from incident_engine.notices.letter import set_letter
from incident_engine.notices.wording import Wording, fill
from tests.notices.conftest import FIRST_TWO, TO_ADA, worded
from tests.notices.test_letter import AT

KEY = bytes(32)
READERS, LETTERS = 1000, 20
TOKEN = re.compile(r"canary[a-z]+\d{5}")
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}")
WORDINGS = [
    worded(
        occasion=replace(TO_ADA, check="kestrel.example/check", guardian=guardian),
        language=language,
    )
    for language, guardian in product(FIRST_TWO, (False, True))
]


def particulars(number: int) -> dict[str, str]:
    """A name, a child's name and a code that are this reader's alone."""
    return {
        "name": f"Canaryname{number:05d} Reader".replace("C", "c", 1),
        "about": f"canarychild{number:05d}",
        "code": code_of(KEY, "INC-2026-0001/1", f"canary-{number}"),
    }


def artefacts(wording: Wording, own: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Everything that one reader gets, by medium."""
    found = fill(wording, **own)
    yield from (("subject", found.subject), ("text", found.text), ("html", found.html))
    yield from (("sms", found.sms), ("push", found.push))
    yield from ((f"voice {part}", said) for part, said in found.voice.items())


def foreign(said: str, own: dict[str, str]) -> set[str]:
    """Tokens and codes in an artefact that are not its reader's."""
    found = {*TOKEN.findall(said), *CODE.findall(said)}
    return found - {own["name"].split()[0], own["about"], own["code"]}


def test_no_artefact_of_a_thousand_readers_holds_a_token_of_another() -> None:
    seen = 0
    for number in range(READERS):
        own, wording = particulars(number), WORDINGS[number % len(WORDINGS)]
        for medium, said in artefacts(wording, own):
            assert foreign(said, own) == set(), (number, medium)
            seen += own["code"] in said
    assert seen >= 2 * READERS, "the codes were looked for where there are some"


def test_what_a_bystander_sees_or_hears_holds_no_token_at_all() -> None:
    for wording, number in zip(WORDINGS, range(READERS), strict=False):
        found = fill(wording, **particulars(number))
        for said in (found.subject, found.push, *found.voice.values()):
            assert not TOKEN.search(said)
            assert not CODE.search(said)


@pytest.mark.parametrize("wording", WORDINGS, ids=["en", "en guardian", "zh", "zh guardian"])
def test_no_letter_holds_a_token_of_another(wording: Wording) -> None:
    for number in range(LETTERS // len(WORDINGS)):
        own = particulars(number)
        address = (f"canarystreet{number:05d}", f"canarycity{number:05d}")
        pdf = set_letter(wording, **own, address=address, at=AT)  # type: ignore[arg-type]
        said = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages)
        assert own["code"] in said
        assert foreign(said, own) <= set(address)
        assert set(address) <= set(TOKEN.findall(said))
