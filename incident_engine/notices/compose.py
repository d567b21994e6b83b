"""Compose a notice: facts and an occasion in, one wording for email, SMS and the page out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from incident_engine.domain.facts import Facts
from incident_engine.domain.segments import Encoding, not_in_gsm_7, segments
from incident_engine.notices.catalogue import Catalogue, library_of
from incident_engine.notices.languages import direction_of
from incident_engine.notices.outline import Outline, as_value, read_outline
from incident_engine.notices.phrase import phrase
from incident_engine.notices.render import compile_template, render
from incident_engine.notices.slots import SLOTS, Occasion, Slots, slots_of
from incident_engine.notices.wording import Wording

_MEDIUM_SLOTS = frozenset(
    {"title", "preview", "opening", "sections", "organisation", "language", "direction"}
)
# One message costs least and arrives whole: 160 letters of Latin script, two of 70 others.
_ROOM = {Encoding.GSM_7: 1, Encoding.UCS_2: 2}
_PLAIN_MARKS = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")  # to letters that GSM-7 has
_PREVIEW = 110  # characters that mail programs show beside the subject


def compose(facts: Facts, occasion: Occasion, catalogue: Catalogue) -> Wording:
    """The words for one group of readers in the catalogue's language, personal slots still open.

    The same facts, occasion and catalogue give the same wording. Raises BadInput for a template
    that does not fit, naming file and line.
    """
    slots = slots_of(facts, occasion, catalogue)
    outline = _outline(slots, catalogue)
    return Wording(
        language=catalogue.language,
        reference=slots["reference"],
        number=occasion.number,
        guardian=occasion.guardian,
        public=occasion.public,
        subject=phrase(catalogue.words["subject"], **_named(slots)),
        text=_medium("email.txt", outline, slots, catalogue),
        html=_inliner(library_of(catalogue).text("email.css")).inline(
            _medium("email.html", outline, slots, catalogue)
        ),
        sms=_sms(slots, catalogue),
        outline=outline,
        slots={} if occasion.public else catalogue.words["slots"],
    )


def _outline(slots: Slots, catalogue: Catalogue) -> Outline:
    name = f"{catalogue.language}/notice.txt"
    template = compile_template(catalogue.notice, name=name, slots=SLOTS, finalize=as_value)
    return read_outline(render(template, slots, name=name), name=name)


def _medium(name: str, outline: Outline, slots: Slots, catalogue: Catalogue) -> str:
    source, markup = library_of(catalogue).text(name), name.endswith(".html")
    template = compile_template(source, name=name, slots=_MEDIUM_SLOTS, markup=markup)
    return render(template, _shown(outline, slots, catalogue), name=name)


def _shown(outline: Outline, slots: Slots, catalogue: Catalogue) -> Slots:
    return {
        "title": outline.title,
        "preview": _preview(outline, slots),
        "opening": list(outline.opening),
        "sections": [_section(asdict(each)) for each in outline.sections],
        "organisation": slots["organisation"],
        "language": catalogue.language,
        "direction": direction_of(catalogue.language),
    }


def _section(section: Mapping[str, Any]) -> Slots:
    # A template cannot count how wide a character is, so the rule under a heading is made here.
    heading = section["heading"]
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in heading)
    # Not "items": on a table a template would find the method of that name.
    return {
        "level": section["level"],
        "heading": heading,
        "rule": "-" * min(width, 60),
        "paragraphs": list(section["paragraphs"]),
        "points": [dict(item) for item in section["items"]],
    }


def _preview(outline: Outline, slots: Slots) -> str:
    """What a mail program shows beside the subject: a line without anybody's data."""
    personal = {slots["greeting"], slots["child"]}
    plain = [line for line in outline.opening if not any(each in line for each in personal)]
    first = plain[0] if plain else outline.title
    return first if len(first) <= _PREVIEW else first[: _PREVIEW - 1].rstrip() + "…"


@cache
def _inliner(style: str) -> Any:
    import css_inline

    # Mail programs drop style sheets; what stays in one is only what no attribute can say.
    return css_inline.CSSInliner(extra_css=style, keep_at_rules=True, load_remote_stylesheets=False)


def _sms(slots: Slots, catalogue: Catalogue) -> str:
    """The fullest form that fits; the shortest where none does. Never a kind of data in it."""
    to = "guardian" if slots["guardian"] else "person"
    forms = catalogue.words["sms"][f"{to} suspected" if slots["suspected"] else to]
    said = [_in_gsm(phrase(form, **_named(slots), link=_way(slots, catalogue))) for form in forms]
    return next((each for each in said if _fits(each)), said[-1])


def _in_gsm(text: str) -> str:
    # One curly apostrophe in our own name would halve the room of every message.
    return text.translate(_PLAIN_MARKS) if not not_in_gsm_7(text.translate(_PLAIN_MARKS)) else text


def _way(slots: Slots, catalogue: Catalogue) -> str:
    """Where to read more: our own site, else a telephone number, else an address."""
    words, contact = catalogue.words, slots["contact"]
    if slots["website"] or not (contact["phone"] or contact["email"]):
        return str(slots["website"])
    if contact["phone"]:
        return phrase(words["call"], phone=contact["phone"])
    return phrase(words["write"], email=contact["email"])


def _fits(text: str) -> bool:
    found = segments(text)
    return found.count <= _ROOM[found.encoding]


def _named(slots: Slots) -> dict[str, str]:
    return {key: str(slots[key]) for key in ("organisation", "reference")}
