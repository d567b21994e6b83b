"""Compose a notice: facts and an occasion in, one wording for email, SMS and the page out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.domain.facts.document import Facts
from incident_engine.notices import media
from incident_engine.notices.cage import Cage, Job, open_cage
from incident_engine.notices.catalogue import Catalogue, library_of
from incident_engine.notices.languages import direction_of
from incident_engine.notices.markup import loads
from incident_engine.notices.outline import Outline, read_outline
from incident_engine.notices.phrase import phrase
from incident_engine.notices.slots import SLOTS, Occasion, Slots, slots_of
from incident_engine.notices.unbroken import unbroken
from incident_engine.notices.wording import Wording, slot

_MEDIUM_SLOTS = frozenset(
    {"title", "preview", "opening", "sections", "organisation", "language", "direction"}
)
_PREVIEW = 110  # characters that mail programs show beside the subject


def compose(
    facts: Facts, occasion: Occasion, catalogue: Catalogue, cage: Cage | None = None
) -> Wording:
    """The words for one group of readers in the catalogue's language, personal slots still open.

    The same facts, occasion and catalogue give the same wording. `cage` runs the templates, and
    is shared by the groups of one notice. Raises BadInput for a template that does not fit,
    naming file, line and slot.
    """
    if cage is None:
        with open_cage() as alone:
            return compose(facts, occasion, catalogue, alone)
    slots = slots_of(facts, occasion, catalogue)
    outline = _outline(slots, catalogue, cage, whole=bool(occasion.headings))
    return Wording(
        language=catalogue.language,
        reference=slots["reference"],
        number=occasion.number,
        guardian=occasion.guardian,
        public=occasion.public,
        subject=phrase(catalogue.words["subject"], **media.named(slots)),
        text=_medium("email.txt", outline, slots, catalogue, cage),
        html=_inliner(_style(catalogue)).inline(
            unbroken(_medium("email.html", outline, slots, catalogue, cage), slots["reference"])
        ),
        sms=media.sms(slots, catalogue),
        push=media.push(slots, catalogue),
        voice=media.voice(slots, catalogue),
        banner=media.banner(slots, catalogue) if occasion.public else "",
        press=media.press(outline, slots, catalogue) if occasion.public else "",
        letter=media.letter(slots, catalogue),
        outline=outline,
        slots={} if occasion.public else _personal(catalogue),
    )


def outline_of(facts: Facts, occasion: Occasion, catalogue: Catalogue, cage: Cage) -> Outline:
    """What the notice says from top to bottom, in no medium yet. Raises BadInput as `compose`."""
    slots = slots_of(facts, occasion, catalogue)
    return _outline(slots, catalogue, cage, whole=bool(occasion.headings))


def _personal(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The slots that wait for a reader. The code is the same whoever reads."""
    slots = {name: dict(forms) for name, forms in catalogue.words["slots"].items()}
    return slots | {"code": {"named": "{name}", "nameless": ""}}


def _outline(slots: Slots, catalogue: Catalogue, cage: Cage, *, whole: bool) -> Outline:
    name = f"{catalogue.language}/notice.txt"
    text = cage.run(
        Job(
            source=catalogue.notice,
            name=name,
            slots=SLOTS,
            values=slots,
            own=library_of(catalogue).is_own(name),
            as_lines=True,
        )
    )
    return read_outline(text, name=name, whole=whole)


def _medium(name: str, outline: Outline, slots: Slots, catalogue: Catalogue, cage: Cage) -> str:
    library = library_of(catalogue)
    return cage.run(
        Job(
            source=library.text(name),
            name=name,
            slots=_MEDIUM_SLOTS,
            values=_shown(outline, slots, catalogue),
            own=library.is_own(name),
            markup=name.endswith(".html"),
        )
    )


def _style(catalogue: Catalogue) -> str:
    style = library_of(catalogue).text("email.css")
    if loads(style):
        raise BadInput("bad-template", "email.css", "loads something by url() or @import",
                       expected="a style sheet that is whole in itself",
                       next_step="Take it out: its host would see who reads.")  # fmt: skip
    return style


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
    personal = {slots["greeting"], slots["child"], slot("code")}
    plain = [line for line in outline.opening if not any(each in line for each in personal)]
    first = plain[0] if plain else outline.title
    if not first.startswith(slots["organisation"]):  # a name is written as its owner writes it
        first = first[:1].upper() + first[1:]  # a German letter goes on small after its greeting
    return first if len(first) <= _PREVIEW else first[: _PREVIEW - 1].rstrip() + "…"


@cache
def _inliner(style: str) -> Any:
    import css_inline

    # Mail programs drop style sheets; what stays in one is only what no attribute can say.
    return css_inline.CSSInliner(extra_css=style, keep_at_rules=True, load_remote_stylesheets=False)
