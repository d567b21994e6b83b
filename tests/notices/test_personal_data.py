"""Nothing goes public that names one of the incident's own people, however it is written."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from incident_engine.domain.errors import Refused
from incident_engine.notices.public.announcement import build_site
from incident_engine.notices.public.personal_data import Particulars, refuse_personal_data
from tests.notices.conftest import article, facts_with, page

ADA = Particulars(
    names=("Ada Lovelace",),
    emails=("ada.lovelace@mail.example",),
    numbers=("+8613800138000", "11010519491231002X"),
)
BO = Particulars(names=("欧阳娜娜",), numbers=("+33612345678",))
CY = Particulars(names=("Cy",), emails=("cy@x.example",))  # a short name is mostly also a word
ORGANISATION = ("Kestrel Cloud", "incident@kestrel.example", "+86 10 5555 0199", "Maren Holt")

NAMED = {
    "as it is": "ada.lovelace@mail.example",
    "in capitals": "ADA.Lovelace@Mail.Example",
    "in full width": "ａｄａ．ｌｏｖｅｌａｃｅ＠ｍａｉｌ．ｅｘａｍｐｌｅ",
    "with [at]": "ada.lovelace [at] mail.example",
    "with (at) and no spaces": "ada.lovelace(AT)mail.example",
    "with spaces": "ada.lovelace @ mail.example",
    "with invisible marks": "ada.love\u200blace@mail\u00ad.example",
    "percent-encoded": "mailto:ada.lovelace%40mail.example",
    "percent-encoded whole": quote("ada.lovelace@mail.example", safe="").replace("a", "%61"),
    "in HTML escapes": "&#97;da.lovelace&#64;mail.example",
    "split by markup": "ada.<b>love</b>lace<wbr>@mail.example",
    "split by escaped markup": "ada.&lt;b&gt;love&lt;/b&gt;lace@mail.example",
    "in JSON escapes": r'"\u0061da.lovelace\u0040mail.example"',
    "in a data URL": "data:text/plain;base64,"
    + base64.b64encode(b"<p>To ada.lovelace@mail.example</p>").decode(),
    "a name": "We thank Ada Lovelace for it.",
    "a name turned round": "Lovelace, Ada",
    "a name in capitals": "ADA LOVELACE",
    "a name over two lines": "Ada\n  Lovelace",
    "a name split by markup": "A<b>da</b> Love<i>lace</i>",
    "a name in a URL": "/people/Ada%20Lovelace",
    "a telephone number": "+86 138 0013 8000",
    "one without its country": "138-0013-8000",
    "one with brackets and dots": "(0086) 138.0013.8000",
    "one in full width": "１３８００１３８０００",
    "an identity number": "110105 19491231 002X",
    "another country's number": "06 12 34 56 78",
    "a Chinese name": "感谢欧阳娜娜女士",
    "a Chinese name with a space": "欧阳 娜娜",
}


@pytest.mark.parametrize("spelling", NAMED)
def test_one_of_the_people_is_found_however_they_are_written(spelling: str) -> None:
    files = {
        "index.html": b"<p>Nothing.</p>",
        "en/index.html": f"<p>{NAMED[spelling]}</p>".encode(),
    }
    with pytest.raises(Refused) as refused:
        refuse_personal_data(files, [CY, BO, ADA], allowed=ORGANISATION)
    assert refused.value.place == "en/index.html"
    assert refused.value.next_step
    said = str(refused.value).casefold()
    for particular in ("lovelace", "13800138000", "娜娜", "12345678", "1949"):
        assert particular not in said  # the error itself names nobody


@pytest.mark.parametrize(
    "text",
    [
        "Kestrel Cloud, incident@kestrel.example, +86 10 5555 0199, Maren Holt",
        "A policy of ours. Cyber. cyan.",
        "Adam Lovelacey and Granada Lovelace-Smythe",
        "Lovelace and, elsewhere, Ada",
        "lovelace@mail.example, ada@mail.example",
        "INC-2026-0001, 2026-03-02T21:00:00+08:00, 1380013, 8000",
        "欧阳和娜娜",
    ],
)
def test_nobody_is_found_where_nobody_is_named(text: str) -> None:
    refuse_personal_data({"en/index.html": text.encode()}, [ADA, BO, CY], allowed=ORGANISATION)


def test_what_is_the_organisations_own_may_stand_though_a_person_has_it_too() -> None:
    maren = Particulars(
        names=("Maren Holt",), emails=("incident@kestrel.example",), numbers=("+861055550199",)
    )
    site = build_site(page())
    refuse_personal_data(site, [maren], allowed=ORGANISATION)
    with pytest.raises(Refused, match="the email address i•••@k•••"):
        refuse_personal_data(site, [maren])


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("part", ["public", "cause", "remedies"])
def test_a_name_that_crept_into_a_story_stops_the_page(language: str, part: str) -> None:
    facts = facts_with({f"story.{language}.{part}": "Ada Lovelace clicked. 欧阳娜娜也点了。"})
    site = build_site(page(articles=(article(facts, language),)))
    with pytest.raises(Refused):
        refuse_personal_data(site, [ADA], allowed=ORGANISATION)
    with pytest.raises(Refused):
        refuse_personal_data(site, [BO], allowed=ORGANISATION)


def test_the_document_for_programs_is_looked_through_too() -> None:
    for ascii_only in (True, False):
        document = json.dumps({"text": "欧阳娜娜\nAda Lovelace"}, ensure_ascii=ascii_only).encode()
        for person in (ADA, BO):
            with pytest.raises(Refused):
                refuse_personal_data({"announcement.json": document}, [person])
