"""One question of a form, answered from the facts or by a person, or left open with the reason."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from incident_engine.domain.words import Phase
from incident_engine.notices.reports import form_facts
from incident_engine.notices.reports import form_sources as sources
from incident_engine.notices.reports.form_answers import (
    AnswerKind,
    band_of,
    days_hours_minutes,
    read_answer,
    utc_second,
)
from incident_engine.notices.reports.form_questions import FormFact
from incident_engine.notices.reports.form_sources import Answer, Asked, others_take_part
from incident_engine.notices.reports.form_words import FormWords
from incident_engine.notices.reports.forms import Due, FormField
from incident_engine.notices.reports.report_document import FieldAnswer, FieldStatus

_CHOICES = (AnswerKind.CHOICE, AnswerKind.CRITERIA)
_SHOWN_CHOICES = 12  # a question names so many of a closed list; the form's file has all


def answered(
    field: FormField, asked: Asked, before: Mapping[str, FieldAnswer], *, late: bool, language: str
) -> FieldAnswer:
    """The answer to one field. `before` are the fields answered so far, by id.

    `language` is the authority's own: its label of the question goes beside ours.
    """
    words = asked.words
    blank = FieldAnswer(
        id=field.id,
        label=_label(field, words),
        own_label=field.label.get(language, "") if language not in ("en", words.language) else "",
        status=FieldStatus.LEFT_BLANK,
        facts=tuple(fact.value for fact in field.facts),
        law=field.law,
    )
    if given := asked.submission.answers.get(field.id, "").strip():
        return blank.model_copy(update=_given(field, given))
    if field.when and field.when.holds not in before[field.when.field].choice:
        return blank.model_copy(update={"status": FieldStatus.NOT_APPLICABLE})
    parts = _parts(field, asked)
    found = {
        fact: sources.line(parts.get(fact.value)) or form_facts.answer(fact, asked)
        for fact in field.facts
    }
    known = {fact.value: each for fact, each in found.items() if each is not None}
    if not known:
        return blank.model_copy(update=_open(field, asked, late=late))
    lacking = [fact for fact in (field.facts[0], *field.needs) if fact not in known]
    blank = blank.model_copy(update=_known(field, known, asked) | {"parts": parts})
    if lacking and blank.status is not FieldStatus.ASKED:
        return blank.model_copy(update=_still_open(field, lacking, asked, late=late))
    return blank


def _parts(field: FormField, asked: Asked) -> dict[str, str]:
    """What a person gave of a field of several facts, by fact."""
    given = {fact.value: asked.submission.answers.get(f"{field.id}/{fact}", "").strip()
             for fact in field.facts}  # fmt: skip
    return {fact: text for fact, text in given.items() if text}


def _still_open(
    field: FormField, lacking: Iterable[FormFact], asked: Asked, *, late: bool
) -> dict[str, Any]:
    """What is known of it stays; what is not is asked for by its own name."""
    found = _open(field, asked, late=late)
    if "ask" not in found:
        return {}
    missing = tuple(lacking)
    asks = " ".join(_ask_for(fact, asked.words) for fact in missing)
    return found | {"ask": asks, "lacks": tuple(fact.value for fact in missing)}


def _ask_for(fact: FormFact, words: FormWords) -> str:
    name = words.of("fact", fact)
    return words.tables["ask"].get(fact.value) or words.label("ask_for").format(name=name)


def for_programs(field: FormField, answer: FieldAnswer) -> Any:
    """The answer as the published schema takes it, or None where it is not in that form yet."""
    if answer.status not in (FieldStatus.FILLED, FieldStatus.ESTIMATED):
        return None
    if field.answers in _CHOICES:
        return (
            (list(answer.choice) if field.several else answer.choice[0]) if answer.choice else None
        )
    if field.answers in (AnswerKind.TEXT, AnswerKind.EMAIL, AnswerKind.PHONE):
        return "\n".join(answer.lines) or None
    with contextlib.suppress(ValueError, TypeError):
        if answer.given:
            return read_answer(answer.value, field.answers)
        return _typed(field.answers, next(iter(answer.value.values())))
    return None


def _typed(kind: AnswerKind, value: Any) -> Any:
    """A fact's value as that kind. Raises ValueError or TypeError where it is not one."""
    if kind is AnswerKind.YES_NO:
        return value if isinstance(value, bool) else bool(value)
    if kind is AnswerKind.INSTANT:
        return utc_second(value)
    if kind is AnswerKind.SPAN:
        return days_hours_minutes(value)
    return read_answer(str(value), kind)


def _label(field: FormField, words: FormWords) -> str:
    """The form's label in this language, else the names of its facts, else the form's English."""
    if words.language in field.label or words.language == "en":
        return words.in_words(field.label)
    names = [words.tables["fact"].get(fact.value, "") for fact in field.facts]
    return words.label("joint").join(names) if all(names) else words.in_words(field.label)


def _given(field: FormField, text: str) -> dict[str, Any]:
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    choice: list[str] = []
    if field.choices:
        with contextlib.suppress(ValueError):
            choice = read_answer(text, AnswerKind.CHOICE, field.choices, several=field.several)
    return {
        "status": FieldStatus.FILLED,
        "lines": lines,
        "value": text,
        "given": True,
        "choice": tuple(choice),
    }


def _known(field: FormField, known: Mapping[str, Answer], asked: Asked) -> dict[str, Any]:
    words = asked.words
    several = len(field.facts) > 1
    lines = tuple(
        line
        for fact, each in known.items()
        for line in (words.labelled(fact, each.lines) if several else each.lines)
    )
    estimated = any(each.estimated for each in known.values())
    found: dict[str, Any] = {
        "status": FieldStatus.ESTIMATED if estimated else FieldStatus.FILLED,
        "lines": lines,
        "value": {name: each.value for name, each in known.items()},
        "language": next((each.language for each in known.values() if each.language), ""),
        "choice": _coded(field, known, asked),
    }
    if field.limit and len("\n".join(lines)) > field.limit:
        over = words.label("over_limit").format(limit=field.limit)
        return found | {"status": FieldStatus.ASKED, "lines": (over, *lines)}
    if field.answers is not AnswerKind.TEXT and not _fits_schema(field, found):
        return found | {"status": FieldStatus.ASKED, "ask": _ask(field, words)}
    return found


def _fits_schema(field: FormField, found: Mapping[str, Any]) -> bool:
    probe = FieldAnswer(id=field.id, label="", **found)
    return for_programs(field, probe) is not None


def _coded(field: FormField, known: Mapping[str, Answer], asked: Asked) -> tuple[str, ...]:
    """Our codes as the portal's choices; a closed list that shares our codes needs no map.

    Where the portal makes one choice of two of our answers, the map joins them by a plus; what is
    a choice of its own only for people of one country is `code@COUNTRY`; a number finds its band.
    """
    codes = [code for fact, each in known.items() for code in _codes_in(each.value, fact)]
    joined = "+".join(each.value for each in known.values() if isinstance(each.value, str))
    codes = [joined] if joined in field.codes else codes
    homes = dict.fromkeys(each.where.partition("-")[0] for each in asked.facts.people)
    at_home = [f"{code}@{home}" for code in codes for home in homes]
    taken = [field.codes.get(code, code) for code in (*codes, *at_home)]
    taken += [band_of(number, field.choices) for number in _numbers(known)]
    chosen = list(dict.fromkeys(each for each in taken if each in field.choices))
    return tuple(chosen if field.several else chosen[:1])


def _numbers(known: Mapping[str, Answer]) -> Iterable[int]:
    count = known.get(FormFact.PEOPLE_COUNT)
    if count and isinstance(best := count.value.get("value"), int):
        yield best


def _codes_in(value: Any, fact: str) -> Iterable[str]:
    if isinstance(value, Mapping):
        if fact == FormFact.PEOPLE_CATEGORIES:
            return list(value)
        return [str(value[key]) for key in ("phase", "who") if key in value]
    if isinstance(value, (list, tuple)):
        return [code for each in value for code in _codes_in(each, fact)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _open(field: FormField, asked: Asked, *, late: bool) -> dict[str, Any]:
    expected_by = asked.submission.expected.get(field.id)
    if not expected_by and not _is_due(field.due, asked, late=late):
        blank = field.due is Due.IF_KNOWN
        return {"status": FieldStatus.LEFT_BLANK if blank else FieldStatus.NOT_APPLICABLE}
    follows = field.may_follow and asked.submission.phase != Phase.FINAL
    status = FieldStatus.TO_FOLLOW if follows or expected_by else FieldStatus.ASKED
    return {"status": status, "expected_by": expected_by, "ask": _ask(field, asked.words)}


def _ask(field: FormField, words: FormWords) -> str:
    """The form's own question, else that of its first fact, with the closed list behind it."""
    name = _label(field, words)
    first = words.tables["ask"].get(field.facts[0].value)
    own = words.in_words(field.ask)
    asked = own or first or words.label("ask_for").format(name=name)
    if not field.choices:
        return asked
    shown = "; ".join(field.choices[:_SHOWN_CHOICES])
    more = "; …" if len(field.choices) > _SHOWN_CHOICES else ""
    label = words.label("some_of" if field.several else "one_of")
    return f"{asked} {label.format(choices=shown + more)}"


def _is_due(due: Due, asked: Asked, *, late: bool) -> bool:
    submission, notified = asked.submission, asked.submission.notified
    conditions = {
        Due.ALWAYS: True,
        Due.IF_KNOWN: False,
        Due.IF_LATE: late,
        Due.IF_FOLLOW_UP: submission.phase not in (Phase.EARLY_WARNING, Phase.NOTIFY),
        Due.IF_NOT_TOLD: notified is None or notified.told < notified.people,
        Due.IF_OTHERS: others_take_part(asked.facts),
        Due.IF_WITHDRAWN: submission.phase is Phase.WITHDRAWAL,
    }
    return conditions[due]
