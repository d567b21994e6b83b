"""Lay two versions of a duty's report beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.errors import NotFound
from incident_engine.notices.reports.report_diff import Difference, differences
from incident_engine.notices.reports.report_document import Report
from incident_engine.store import filings, incidents
from incident_engine.store.tables import Filing
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.reports.draft_report import duty_name, reportable


@dataclass(frozen=True)
class Compared:
    """Two versions and what differs."""

    before: Filing
    after: Filing
    differences: list[Difference]


def compare_reports(
    engine: Engine, reference: str, duty: str, *, before: str = "", after: str = ""
) -> Compared:
    """The differences between two versions of a duty's report, named `phase/number` or `number`.

    Left out, `after` is the newest version and `before` the one made before it. Raises NotFound
    where a version does not exist, or where there is only one.
    """
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        row = reportable(session, incident, duty)
        versions = filings.of_duty(session, row.id or 0)
    name = duty_name(row)
    newer = _named(versions, after, name) if after else _nth(versions, -1, name)
    older = _named(versions, before, name) if before else _before(versions, newer, name)
    texts = [Report.model_validate_json(each.body) for each in (older, newer)]
    return Compared(older, newer, differences(*texts))


def _before(versions: list[Filing], newer: Filing, name: str) -> Filing:
    return _nth([each for each in versions if (each.id or 0) < (newer.id or 0)], -1, name)


def _nth(versions: list[Filing], index: int, name: str) -> Filing:
    if not versions:
        raise NotFound(
            "no-versions", name, "has no two versions to compare",
            next_step="`incident-engine report prepare` freezes one when something has changed.",
        )  # fmt: skip
    return versions[index]


def _named(versions: list[Filing], asked: str, name: str) -> Filing:
    phase, _, number = asked.rpartition("/")
    found = [each for each in versions if str(each.version) == number and phase in ("", each.phase)]
    if len(found) != 1:
        known = ", ".join(f"{each.phase}/{each.version}" for each in versions)
        raise NotFound(
            "no-version",
            name,
            f"{asked[:40]!r} names {'more than one version' if found else 'no version'}",
            expected=f"one of {known}" if known else "",
        )
    return found[0]
