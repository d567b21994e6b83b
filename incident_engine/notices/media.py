"""The other media: what a phone's screen, a banner, a voice, paper and the press are given.

All are made from the same slots as the notice, and none names a kind of data: whoever stands
beside the reader sees the screen, and an answering machine is heard by the whole family.
"""

from __future__ import annotations

from collections.abc import Iterator

from incident_engine.domain.delivery.segments import Encoding, not_in_gsm_7, segments
from incident_engine.domain.notice_code import ALPHABET
from incident_engine.notices.catalogue import Catalogue
from incident_engine.notices.outline import CLOSE, OPEN, Outline
from incident_engine.notices.phrase import phrase
from incident_engine.notices.slots import Slots

# One message costs least and arrives whole: 160 letters of Latin script, two of 70 others.
ROOM = {Encoding.GSM_7: 1, Encoding.UCS_2: 2}
SPOKEN = ("machine", "prompt", "content", "repeat", "goodbye")  # the parts of a call
LONGEST_PUSH = 178  # what a locked iOS screen shows of a notification before it cuts
_PLAIN_MARKS = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")  # to letters that GSM-7 has
_CODE = f"{OPEN}code{CLOSE}"
_A_CODE = "-".join([ALPHABET[-4:]] * 4)  # as long as every code is


def sms(slots: Slots, catalogue: Catalogue) -> str:
    """The fullest form that fits; the shortest where none does. With the code where one fits."""
    to = "guardian" if slots["guardian"] else "person"
    forms = catalogue.words["sms"][f"{to} suspected" if slots["suspected"] else to]
    said = [_in_gsm(form) for form in _with_code(forms, slots, catalogue)]
    return next((each for each in said if fits(each)), said[-1])


def fits(text: str) -> bool:
    """Whether an SMS stays in the room it may take, its code counted in."""
    found = segments(text.replace(_CODE, _A_CODE))
    return found.count <= ROOM[found.encoding]


def push(slots: Slots, catalogue: Catalogue) -> str:
    """One neutral sentence for a locked screen."""
    return phrase(catalogue.words["push"], **named(slots), link=way(slots, catalogue))


def banner(slots: Slots, catalogue: Catalogue) -> str:
    """One or two sentences for the top of a website."""
    form = catalogue.words["banner_suspected" if slots["suspected"] else "banner"]
    return phrase(form, **named(slots), link=way(slots, catalogue))


def voice(slots: Slots, catalogue: Catalogue) -> dict[str, str]:
    """What is spoken: `machine` to an answering machine, `prompt` to whoever answers; the rest
    only after a key was pressed."""
    link, words = way(slots, catalogue), catalogue.words["voice"]
    told = ("content", "guardian" * slots["guardian"], "suspected" * slots["suspected"])
    forms = {part: words[part] for part in SPOKEN} | {
        "content": words[" ".join(filter(None, told))]
    }
    return {part: phrase(form, **named(slots), link=link) for part, form in forms.items()}


def letter(slots: Slots, catalogue: Catalogue) -> dict[str, str]:
    """What stands on paper around the notice: labels, who writes, from where, and the day."""
    words = {key: str(value) for key, value in catalogue.words["letter"].items()}
    around = {"sender": "organisation", "address": "address", "date": "notice_date"}
    return words | {key: str(slots[name]) for key, name in around.items()}


def press(outline: Outline, slots: Slots, catalogue: Catalogue) -> str:
    """The public notice as a text for the press: that it may be used, then what it says."""
    words = catalogue.words["press"]
    lines = [words["heading"], words["line"], "", outline.title, "", *outline.opening]
    for section in outline.sections:
        lines += ["", section.heading, *section.paragraphs]
        lines += [f"- {item.text}" for item in section.items]
    contact = slots["contact"]
    return "\n".join([*lines, "", words["contact"], contact["name"], *contact["lines"]]) + "\n"


def way(slots: Slots, catalogue: Catalogue) -> str:
    """Where to read more: our own site, else a telephone number, else an address."""
    words, contact = catalogue.words, slots["contact"]
    if slots["website"] or not (contact["phone"] or contact["email"]):
        return str(slots["website"])
    if contact["phone"]:
        return phrase(words["call"], phone=contact["phone"])
    return phrase(words["write"], email=contact["email"])


def named(slots: Slots) -> dict[str, str]:
    """The slots that every short medium has."""
    return {key: str(slots[key]) for key in ("organisation", "reference")}


def _with_code(forms: list[str], slots: Slots, catalogue: Catalogue) -> Iterator[str]:
    """Each form with the code and without, the fuller first: to check is worth more than words."""
    link = way(slots, catalogue)
    said = [phrase(form, **named(slots), link=link) for form in forms]
    if slots["verify"]:
        label = phrase(catalogue.words["verify"]["short"], code=_CODE)
        yield from (f"{each} {label}" for each in said)
    yield from said


def _in_gsm(text: str) -> str:
    # One curly apostrophe in our own name would halve the room of every message.
    plain = text.translate(_PLAIN_MARKS)
    return text if not_in_gsm_7(plain.replace(_CODE, _A_CODE)) else plain
