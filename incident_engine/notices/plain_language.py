"""Plain language: what in a notice a frightened reader would stumble over, and a better sentence.

Checked are the words somebody wrote for this incident as well as ours: long sentences, words that
hedge whether the reader is hit, "no evidence of", soothing and threatening phrases, words of the
trade, walls of passive sentences, and the reading level by a measure made for the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from incident_engine.domain.errors import BadInput
from incident_engine.notices.library import open_library
from incident_engine.notices.outline import CLOSE, OPEN, Outline
from incident_engine.notices.readability import Measured, measure, sentences_of, words_in

PLAIN = "plain.toml"
_SLOT = re.compile(f"{OPEN}[a-z_]+{CLOSE}")
_SPACES = re.compile(r"\s+(?=[,.;:!?])|\s{2,}")


class Rules(BaseModel):
    """The rules of one language, as its plain.toml has them. `avoid` is kind, then words to what
    stands better in their place (empty: leave it out; the same: keep it)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    formula: str
    limit: float
    longest: int = Field(gt=0)  # words in a sentence, characters in Chinese and Japanese
    passive: str = ""  # a pattern of passive sentences, where the language has a reliable one
    wall: int = 3  # so many of them in a row are a wall
    near: tuple[str, ...] = ()  # a hedge counts only beside one of these; empty: everywhere
    joints: tuple[str, ...] = ()  # where a long sentence can be cut
    avoid: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Finding:
    """One sentence to be mended: which rule, what in it, and the sentence as it could be."""

    rule: str
    sentence: str
    found: str
    better: str


@dataclass(frozen=True)
class Reading:
    """How one text reads: its level, and what to mend in it."""

    language: str
    level: Measured
    findings: tuple[Finding, ...]

    @property
    def count(self) -> int:
        """How many findings, the level counting as one where it does not hold."""
        return len(self.findings) + (not self.level.holds)


@cache
def rules_of(language: str, templates: str = "") -> Rules:
    """The rules of a language; `templates` is the organisation's own folder. Raises BadInput."""
    name = f"{language}/{PLAIN}"
    try:
        return Rules.model_validate(open_library(templates).table(name))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadInput("bad-rules", f"{name}, {key}", first["msg"].lower(),
                       expected="a rule as in the English file") from None  # fmt: skip


def read_plainly(outline: Outline, language: str, rules: Rules) -> Reading:
    """What a reader of this notice would stumble over, sentence by sentence."""
    sentences = sentences_of(_paragraphs(outline))
    level = measure(sentences, language, formula=rules.formula, limit=rules.limit)
    findings = [*_each(sentences, language, rules), *_walls(sentences, rules)]
    return Reading(language, level, tuple(dict.fromkeys(findings)))


def _paragraphs(outline: Outline) -> Iterator[str]:
    lines: list[str] = [*outline.opening]
    for section in outline.sections:
        lines += section.paragraphs
        lines += [text for item in section.items for text in (item.text, item.note) if text]
    return (_SLOT.sub("", line) for line in lines)


def _each(sentences: Iterable[str], language: str, rules: Rules) -> Iterator[Finding]:
    for sentence in sentences:
        yield from _words(sentence, rules)
        length = len(words_in(sentence, language))
        if length > rules.longest:
            found = f"{length} long, at most {rules.longest}"
            yield Finding("sentence-length", sentence, found, _cut(sentence, rules.joints))


def _words(sentence: str, rules: Rules) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for kind, table in rules.avoid.items():
        if kind == "hedge" and rules.near and not any(each in sentence for each in rules.near):
            continue
        for words, instead in table.items():
            for hit in _pattern(words).finditer(sentence):
                if any(start <= hit.start() < end for start, end in taken):
                    continue  # part of a longer phrase that was found already
                taken.append(hit.span())
                if instead == words:
                    continue  # named so that the shorter one in it is left alone
                yield Finding(kind, sentence, hit[0], _with(sentence, hit, instead))


@cache
def _pattern(words: str) -> re.Pattern[str]:
    # A word is a word: "certain" is not "certainly". Chinese has no borders to look for.
    edge = r"\b" if words[:1].isascii() or (words[:1].isalpha() and ord(words[0]) < 0x0900) else ""
    flags = 0 if words.isupper() else re.IGNORECASE
    said = re.escape(words).replace("'", "['’]")
    return re.compile(f"{edge}{said}{edge}", flags)


def _with(sentence: str, hit: re.Match[str], instead: str) -> str:
    mended = _SPACES.sub(" ", sentence[: hit.start()] + instead + sentence[hit.end() :])
    mended = re.sub(r" (?=[,.;:!?])", "", mended).strip()
    return mended[:1].upper() + mended[1:]


def _cut(sentence: str, joints: Iterable[str]) -> str:
    """The sentence in two, cut at the joint nearest to its middle."""
    middle = len(sentence) / 2
    places = [
        (abs(hit.start() - middle), hit.start(), joint)
        for joint in joints
        for hit in re.finditer(re.escape(joint), sentence)
    ]
    if not places:
        return ""
    _, at, joint = min(places)
    head, tail = sentence[:at].rstrip(" ,，、;；"), sentence[at + len(joint) :].strip()
    stop = "。" if ord(sentence[-1]) > 0x2E7F else ". "
    return f"{head}{stop}{tail[:1].upper()}{tail[1:]}"


def _walls(sentences: list[str], rules: Rules) -> Iterator[Finding]:
    if not rules.passive:
        return
    passive, run = re.compile(rules.passive, re.IGNORECASE), 0
    for sentence in sentences:
        run = run + 1 if passive.search(sentence) else 0
        if run == rules.wall:
            yield Finding("passive-wall", sentence, f"{run} passive sentences in a row", "")


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading for programs: language, level, findings."""
    return {
        "language": reading.language,
        "level": vars(reading.level) | {"holds": reading.level.holds},
        "findings": [vars(each) for each in reading.findings],
    }
