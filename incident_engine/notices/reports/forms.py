"""Authorities' forms as files: which fields, from which facts, due in which submission.

A form holds closed words and no code. What was not read in full says so, and its report is
printed as a draft to copy into the authority's portal, never as the authority's own form.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from incident_engine.domain.errors import BadFile, BadInput, Fault
from incident_engine.domain.words import Audience, Evidence, Phase
from incident_engine.home import shipped
from incident_engine.notices.reports.form_answers import AnswerKind
from incident_engine.notices.reports.form_questions import FormFact

PLAIN = "plain"  # the form of every duty that has none of its own


class Due(StrEnum):
    """When a field must be answered."""

    ALWAYS = "always"  # in every submission
    IF_KNOWN = "if-known"  # wanted, not demanded
    IF_LATE = "if-late"  # only where the term has passed
    IF_FOLLOW_UP = "if-follow-up"  # only where something was filed before
    IF_NOT_TOLD = "if-not-told"  # only while the people have not been told
    IF_OTHERS = "if-others"  # only where a supplier or another controller is part of it
    IF_WITHDRAWN = "if-withdrawn"  # only where an earlier report is taken back


class FollowUp(StrEnum):
    """What a later submission carries."""

    WHOLE = "whole"  # the whole form again
    NEW = "new"  # only what is new


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Part):
    """The question stands only where an earlier field's choice holds this one."""

    field: str
    holds: str


class FormField(_Part):
    """One question. `facts` fill it, the first deciding whether it is answered at all.

    It is whole only with those that it `needs`; a person answers one of several as `id/fact`.
    `choices` is the portal's closed list and `codes` says which of ours is which of theirs;
    `answers` is declared where a published schema says what a program takes, and then kept.
    """

    id: str = Field(min_length=1, max_length=40)
    section: str
    label: Mapping[str, str] = Field(min_length=1)
    facts: tuple[FormFact, ...] = Field(min_length=1)
    needs: tuple[FormFact, ...] = ()  # of the facts, besides the first
    due: Due = Due.ALWAYS
    phases: tuple[Phase, ...] = ()  # empty: all phases of the form
    may_follow: StrictBool = False  # the law allows this one to come later
    law: str = ""
    limit: int | None = Field(default=None, gt=0)  # characters the portal takes
    ask: Mapping[str, str] = {}  # what to ask a person when no fact answers
    when: When | None = None
    answers: AnswerKind = AnswerKind.TEXT
    choices: tuple[str, ...] = ()
    several: StrictBool = False  # more than one of the choices
    codes: Mapping[str, str] = {}
    path: str = ""  # where the answer stands in the published schema


class Serves(_Part):
    """Which duty this form is for."""

    playbook: str
    audience: Audience = Audience.REGULATOR
    phase: Phase | None = None
    places: tuple[str, ...] = ()  # countries or parts; empty: wherever the law applies
    on_request: StrictBool = False  # only where a person names the form


class Export(_Part):
    """The authority's own machine format: the file to write and the schema that describes it."""

    file: str = Field(pattern=r"^[a-z0-9-]+\.json$")
    described_by: str
    constants: Mapping[str, str] = {}
    criteria: str = ""  # the key that names a criterion in the list of criteria


class FileBy(_Part):
    """Where a report may be handed in by email, read in the authority's own text."""

    email: str
    seen: date
    source: str


class Form(_Part):
    """One authority's form. `read` says how well we know it, `seen` when it was looked at."""

    format: int = Field(ge=1, le=1)
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    title: Mapping[str, str] = Field(min_length=1)
    authority: Mapping[str, str] = Field(min_length=1)
    law: str
    url: str = ""
    language: str = ""  # BCP 47, in which the authority works; empty: one of several
    read: Evidence
    read_words: str
    seen: date
    own_form: StrictBool = False  # true only where a published schema was read in full
    voluntary: StrictBool = False  # asked for by no duty: filing it meets none
    follow_up: FollowUp
    serves: tuple[Serves, ...] = ()
    export: Export | None = None
    file_by: FileBy | None = None
    phases: Mapping[Phase, Mapping[str, str]] = Field(min_length=1)
    sections: Mapping[str, Mapping[str, str]] = Field(min_length=1)
    fields: tuple[FormField, ...] = Field(min_length=1)
    sha256: str = ""

    def names_in(self, phase: Phase) -> tuple[str, ...]:
        """What a person may answer in this phase: each field, and each part of one of several."""
        fields = self.fields_in(phase)
        parts = (f"{each.id}/{fact}" for each in fields if len(each.facts) > 1
                 for fact in each.facts)  # fmt: skip
        return (*(each.id for each in fields), *parts)

    def fields_in(self, phase: Phase) -> tuple[FormField, ...]:
        """The questions that a submission of this phase asks, in the form's order."""
        return tuple(each for each in self.fields if not each.phases or phase in each.phases)


def read_form(file: Path) -> Form:
    """A form from its TOML file. Raises BadFile with every fault: key, found, expected."""
    text = file.read_bytes()
    try:
        document = tomllib.loads(text.decode("utf-8"))
        form = Form.model_validate(document | {"sha256": hashlib.sha256(text).hexdigest()})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("form-syntax", file.name, f"is not readable TOML ({error})") from None
    except ValidationError as error:
        raise BadFile([_fault(each, file) for each in error.errors()]) from None
    if faults := [*_inside_faults(form, file)]:
        raise BadFile(faults)
    return form


def read_forms(folder: Path | None = None) -> tuple[Form, ...]:
    """Every form of a folder, by id; left out, those shipped, which are read once."""
    return _forms_in(folder) if folder else _shipped_forms()


def form_by_id(name: str) -> Form:
    """The shipped form of that id. Raises BadInput where there is none any more."""
    for form in read_forms():
        if form.id == name:
            return form
    raise BadInput("no-form", name, "is no form of this release")


@cache
def _shipped_forms() -> tuple[Form, ...]:
    return _forms_in(shipped("templates/notices/authority"))


def _forms_in(folder: Path) -> tuple[Form, ...]:
    return tuple(read_form(file) for file in sorted(folder.glob("*.toml")))


def form_for(
    forms: Iterable[Form],
    *,
    playbook: str,
    audience: str,
    phase: str,
    place: str = "",
    named: str = "",
) -> Form:
    """The form for a duty: the one `named`, else that of its place, else its law's, else the plain.

    Raises BadInput when there is none of them, or the one named is not for this duty.
    """
    fitting: list[tuple[bool, Form]] = []
    plain = None
    for form in forms:
        found = [each for each in form.serves if _fits(each, playbook, audience, phase, place)]
        if named and form.id == named and (found or named == PLAIN):
            return form
        fitting += [
            (bool(each.places), form)
            for each in found
            if (named or not each.on_request) and phase in form.phases
        ]
        plain = form if form.id == PLAIN else plain
    if named:
        known = ", ".join([*(form.id for _, form in fitting), PLAIN])
        raise BadInput("no-form", named[:60], "is no form for this duty",
                       expected=f"one of {known}")  # fmt: skip
    if fitting:
        return max(fitting, key=lambda each: each[0])[1]
    if plain is None:
        raise BadInput("no-form", playbook, "has no form, and there is no plain one",
                       expected=f"{PLAIN}.toml beside the other forms")  # fmt: skip
    return plain


def _fits(serves: Serves, playbook: str, audience: str, phase: str, place: str) -> bool:
    return (
        serves.playbook == playbook
        and serves.audience == audience
        and serves.phase in (None, phase)
        and (not serves.places or {place, place.partition("-")[0]} & set(serves.places) != set())
    )


def _inside_faults(form: Form, file: Path) -> Iterable[Fault]:
    seen: set[str] = set()
    for field in form.fields:
        place = f"{file.name}, fields.{field.id}"
        if field.id in seen:
            yield Fault(place=place, code="field-twice", found="comes a second time")
        seen.add(field.id)
        if field.section not in form.sections:
            yield Fault(place=place, code="unknown-section", found=f"section {field.section!r}",
                        expected=f"one of {', '.join(form.sections)}")  # fmt: skip
        yield from _choice_faults(field, seen, form, place)
        for fact in sorted(set(field.needs) - set(field.facts[1:])):
            yield Fault(place=place, code="unknown-need", found=f"needs {fact.value!r}",
                        expected="one of its facts after the first")  # fmt: skip
        for phase in field.phases:
            if phase not in form.phases:
                yield Fault(place=place, code="unknown-phase", found=f"phase {phase!r}",
                            expected=f"one of {', '.join(form.phases)}")  # fmt: skip


def _choice_faults(field: FormField, seen: set[str], form: Form, place: str) -> Iterable[Fault]:
    if field.when and field.when.field not in seen - {field.id}:
        yield Fault(place=place, code="unknown-field", found=f"when {field.when.field!r}",
                    expected="a field before it")  # fmt: skip
    for theirs in sorted(set(field.codes.values()) - set(field.choices)):
        yield Fault(place=place, code="unknown-choice", found=f"a code for {theirs[:60]!r}",
                    expected="one of the field's choices")  # fmt: skip
    if field.path and form.export is None:
        yield Fault(place=place, code="no-export", found=f"path {field.path!r}",
                    expected="an [export] that says which schema")  # fmt: skip


def _fault(error: Mapping[str, object], file: Path) -> Fault:
    where = error["loc"]
    key = ".".join(str(part) for part in where) if isinstance(where, tuple) else str(where)
    message = str(error["msg"])
    return Fault(
        place=f"{file.name}, {key}",
        code=str(error["type"]).replace("_", "-"),
        found=f"found {str(error['input'])[:60]!r}",
        expected=message[:1].lower() + message[1:],
    )
