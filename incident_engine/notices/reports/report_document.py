"""What a report is: one version of one filled form, with every gap named. JSON and a hash."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any

import jsonschema
import rfc8785
from pydantic import BaseModel, ConfigDict

from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Evidence, Phase
from incident_engine.home import shipped
from incident_engine.notices.reports.form_questions import FormFact

FORMAT = 1


class FieldStatus(StrEnum):
    """Whether a question is answered."""

    FILLED = "filled"  # from the facts, or by a person
    ESTIMATED = "estimated"  # answered with a figure that will move
    TO_FOLLOW = "to-follow"  # not yet known; the law lets it come later
    ASKED = "asked"  # due now, and somebody must answer it
    LEFT_BLANK = "left-blank"  # wanted, not demanded, not known
    NOT_APPLICABLE = "not-applicable"  # its condition does not hold


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldAnswer(_Part):
    """One question with its answer: `lines` for people, `value` for programs."""

    id: str
    label: str
    own_label: str = ""  # in the authority's own language, where the report is in another
    status: FieldStatus
    lines: tuple[str, ...] = ()
    value: Any = None
    choice: tuple[str, ...] = ()  # of the portal's closed list
    language: str = ""  # of the answer, where it is not the report's
    expected_by: date | None = None
    ask: str = ""  # what to ask a person, where nothing answers
    facts: tuple[str, ...] = ()
    law: str = ""
    given: bool = False  # by a person for this report, not taken from the facts
    lacks: tuple[str, ...] = ()  # the facts that a half-answered question still lacks
    parts: dict[str, str] = {}  # what a person gave of it, by fact, beside what the facts say


class ReportSection(_Part):
    """Questions under one heading."""

    id: str
    title: str
    fields: tuple[FieldAnswer, ...]


class FormStamp(_Part):
    """Which form this is and how well it is known."""

    id: str
    title: str
    authority: str
    law: str
    url: str
    language: str
    read: Evidence
    read_words: str
    seen: date
    own_form: bool
    sha256: str


class DutyStamp(_Part):
    """The duty that this report serves, as the assessment had it. `due_at` is aware."""

    playbook: str
    id: str
    where: str
    title: str
    citation: str
    due_at: datetime | None
    due_words: str | None
    to: tuple[str, ...] = ()  # where one report goes to several authorities


class SubmissionStamp(_Part):
    """Which submission this is. `prepared_at` is aware, `zone` IANA, `language` BCP 47."""

    phase: Phase
    kind: str
    version: int
    prepared_at: datetime
    zone: str
    language: str
    late: bool
    earlier: str
    only_new: bool = False  # carries only what was not filed before

    def is_in_language_of(self, form: FormStamp) -> bool:
        """Whether the authority reads it in the language it works in."""
        return form.language.partition("-")[0] in ("", self.language.partition("-")[0])


class Completeness(_Part):
    """How much of what this submission asks is answered."""

    fields: int
    filled: int
    missing: int
    may_follow: int


class AttachedText(_Part):
    """A text that goes with the report."""

    name: str
    mime: str
    sha256: str
    text: str


class Report(_Part):
    """One version of one report. Its JSON is described by `report.schema.json`."""

    format: int = FORMAT
    incident: str
    organisation: str
    form: FormStamp
    duty: DutyStamp
    submission: SubmissionStamp
    completeness: Completeness
    sections: tuple[ReportSection, ...]
    attached: tuple[AttachedText, ...] = ()

    @property
    def fields(self) -> tuple[FieldAnswer, ...]:
        """Every question in the form's order."""
        return tuple(each for section in self.sections for each in section.fields)

    @property
    def missing(self) -> tuple[FieldAnswer, ...]:
        """The questions that are due and not answered."""
        open_ones = (FieldStatus.ASKED, FieldStatus.TO_FOLLOW)
        return tuple(each for each in self.fields if each.status in open_ones)

    @property
    def lacks_late_reason(self) -> bool:
        """Whether the term has passed and nobody has said why."""
        return any(FormFact.REPORT_LATE_REASON in each.facts for each in self.missing)

    @property
    def content(self) -> dict[str, Any]:
        """What it says, whenever it was prepared: two of the same content are one version."""
        return self.model_dump(mode="json", exclude={"submission": {"prepared_at"}})

    def as_json(self) -> bytes:
        """Canonical JSON (RFC 8785), UTF-8: what the hash is of."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON, hex."""
        return sha256(self.as_json()).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report's JSON; shipped as `report.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(mode="serialization"),
    }


def must_match_schema(report: Report) -> None:
    """Raise BadInput unless the report's JSON is what `report.schema.json` describes."""
    error = jsonschema.exceptions.best_match(_validator().iter_errors(json.loads(report.as_json())))
    if error:
        place = ".".join(str(step) for step in error.absolute_path)
        raise BadInput("not-our-schema", place or "the report", error.message[:200],
                       expected="what report.schema.json describes")  # fmt: skip


@cache
def _validator() -> Any:
    file = shipped("templates/notices/authority") / "report.schema.json"
    return jsonschema.Draft202012Validator(json.loads(file.read_text("utf-8")))
