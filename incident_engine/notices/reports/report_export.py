"""A report in the authority's own machine format, checked against its published schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from incident_engine.domain.errors import BadInput
from incident_engine.home import shipped
from incident_engine.notices.reports.form_answers import AnswerKind
from incident_engine.notices.reports.forms import Export, Form
from incident_engine.notices.reports.report_document import Report
from incident_engine.notices.reports.report_field import for_programs

_STEP = re.compile(r"(?P<key>\w+)(?:\[(?P<within>[\w-]+)\])?")
_SHOWN = 8  # faults


def export(form: Form, report: Report) -> dict[str, Any]:
    """The report as the form's `[export]` describes it. What is not known is left out.

    Raises BadInput for a form that has no such format.
    """
    described = _described(form)
    fields = {each.id: each for each in form.fields}
    document: dict[str, Any] = {}
    for answer in report.fields:
        field = fields.get(answer.id)
        value = for_programs(field, answer) if field and field.path else None
        if field and value is not None:
            if field.answers is AnswerKind.CRITERIA:
                value = [{described.criteria: each} for each in value]
            _put(document, field.path, value, described.criteria)
    for path, constant in described.constants.items():
        if path.rpartition(".")[0] and _has(document, path):
            _put(document, path, constant, described.criteria)
    return document


def schema_faults(form: Form, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the document is not what the published schema wants, a sentence each, with the fields.

    The schema names draft 2020-12 and uses `dependencies`, which only older drafts know: it is
    read as both, so that neither kind of reader at the authority's end refuses it.
    """
    described = _described(form)
    found: dict[str, None] = {}
    for validator in _validators(described.described_by):
        for error in sorted(validator.iter_errors(document), key=lambda each: list(each.path)):
            found.setdefault(_sentence(form, error))
    return tuple(found)


def render_export(form: Form, report: Report) -> bytes:
    """The document as UTF-8 JSON. Raises BadInput, naming fields, unless the schema takes it."""
    document = export(form, report)
    if faults := schema_faults(form, document):
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise BadInput(
            "not-their-schema",
            _described(form).file,
            "; ".join(faults[:_SHOWN]) + more,
            expected=f"what {_described(form).described_by} describes",
            next_step="Answer those fields and prepare the report again.",
        )
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _described(form: Form) -> Export:
    if form.export is None:
        raise BadInput("no-export", form.id, "has no published machine format")
    return form.export


@cache
def _validators(name: str) -> tuple[Any, ...]:
    file = shipped("templates/notices/authority") / Path(name).name
    schema = json.loads(file.read_text("utf-8"))
    return (
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()),
        jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()),
    )


def _sentence(form: Form, error: Any) -> str:
    inner = max(error.context, key=lambda each: len(each.path), default=error)
    place = ".".join(str(step) for step in inner.absolute_path if isinstance(step, str))
    lacking = re.match(r"'(?P<name>[\w-]+)' is a required property", inner.message)
    full = ".".join(part for part in (place, lacking["name"] if lacking else "") if part)
    plain = re.compile(r"\[[\w-]+\]")
    numbers = [each.id for each in form.fields if each.path
               and plain.sub("", each.path).startswith(full)]  # fmt: skip
    what = "is missing" if lacking else inner.message[:120]
    named = f" (field {', '.join(numbers[:4])})" if numbers and full else ""
    return f"{full or 'the document'}{named} {what}"


def _put(document: dict[str, Any], path: str, value: Any, criteria: str) -> None:
    """Write a value at its place, making the way there; under a criterion that stands alone."""
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = _step_into(place, step, criteria)
        if place is None:
            return
    place[last] = value


def _step_into(place: dict[str, Any], step: str, criteria: str) -> dict[str, Any] | None:
    found = _STEP.fullmatch(step)
    assert found, step
    key, within = found["key"], found["within"]
    if within is None:
        inner: dict[str, Any] = place.setdefault(key, {})
        return inner
    if within.isdecimal():
        rows: list[dict[str, Any]] = place.setdefault(key, [{}])
        return rows[int(within)]
    return next((row for row in place.get(key, []) if row.get(criteria) == within), None)


def _has(document: Mapping[str, Any], path: str) -> bool:
    return path.partition(".")[0].partition("[")[0] in document
