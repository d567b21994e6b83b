"""What changed between two versions of a report, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from incident_engine.notices.reports.report_document import FieldAnswer, Report


@dataclass(frozen=True)
class Difference:
    """One field that says something else: `kind` is added, removed or changed."""

    kind: str
    field: str
    label: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    was_status: str = ""
    now_status: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {key: list(value) if isinstance(value, tuple) else value
                for key, value in vars(self).items()}  # fmt: skip


def differences(before: Report, after: Report) -> list[Difference]:
    """Every field that differs in words, in choice or in standing, in the newer form's order.

    A follow-up that carries only what is new leaves the rest out: what it does not carry is as
    it was, and is no difference.
    """
    old = {each.id: each for each in before.fields}
    new = {each.id: each for each in after.fields}
    found = [_compared(old.get(name), each) for name, each in new.items()]
    if not after.submission.only_new:
        found += [_removed(each) for name, each in old.items() if name not in new]
    return [each for each in found if each]


def _compared(was: FieldAnswer | None, now: FieldAnswer) -> Difference | None:
    if was is None:
        return Difference("added", now.id, now.label, (), _said(now), "", now.status)
    if (_said(was), was.status, was.expected_by) == (_said(now), now.status, now.expected_by):
        return None
    kind = "changed" if _said(was) else "added"
    return Difference(kind, now.id, now.label, _said(was), _said(now), was.status, now.status)


def _removed(was: FieldAnswer) -> Difference:
    return Difference("removed", was.id, was.label, _said(was), (), was.status)


def _said(answer: FieldAnswer) -> tuple[str, ...]:
    return (*answer.lines, *(f"[{each}]" for each in answer.choice))
