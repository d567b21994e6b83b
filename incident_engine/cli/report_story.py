"""report diff, consistency, explain, matrix: one story, whoever is told it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.door import AsJson, Reference, Why, actor, answer, engine, say, table
from incident_engine.cli.report import Duty

if TYPE_CHECKING:
    from incident_engine.store.tables import Filing
    from incident_engine.workflow.reports.check_story import Disagreement, Statement


def add_to(report: typer.Typer) -> None:
    """Hang these commands on `report`."""
    report.command("diff")(report_diff)
    report.command("consistency")(report_consistency)
    report.command("explain")(report_explain)
    report.command("matrix")(report_matrix)


def report_diff(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    before: Annotated[
        str, typer.Option("--from", help="notify/1, or 1; left out: the one before.")
    ] = "",
    after: Annotated[str, typer.Option("--to", help="Left out: the newest version.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show field by field what changed between two versions of a report.

    Example: incident-engine report diff INC-2026-0001 eu-gdpr/authority --from 1 --to 2
    """
    from incident_engine.workflow.reports.compare_reports import compare_reports

    actor(ctx)
    found = compare_reports(engine(ctx), reference, duty, before=before, after=after)
    if as_json:
        return answer({
            "from": _version(found.before),
            "to": _version(found.after),
            "differences": [each.as_json() for each in found.differences],
        })  # fmt: skip
    title = f"{duty}: {_named(found.before)} → {_named(found.after)}"
    rows = [
        (each.field, each.label, "\n".join(each.was) or f"({each.was_status or 'not there'})",
         "\n".join(each.now) or f"({each.now_status or 'not there'})")
        for each in found.differences
    ]  # fmt: skip
    return table(title, ["no.", "question", "was", "is"], rows)


def report_consistency(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Name every number, date or cause on which two reports, a notice or the page differ.

    Ends with status 1 while a difference has no recorded reason.

    Example: incident-engine report consistency INC-2026-0001
    """
    from incident_engine.workflow.reports.check_story import disagreements

    actor(ctx)
    found = disagreements(engine(ctx), reference)
    unexplained = [each for each in found if not each.why]
    if as_json:
        answer([_differing(each) for each in found])
    elif not found:
        say("One story: no two papers differ on a number, a date or a cause.")
    for each in () if as_json else found:
        say(f"{'explained' if each.why else 'DIFFERS'}: {each.fact}")
        for one in each.statements:
            say(f"   {one.paper}{'' if one.at else ' (prepared)'}: {one.shown}")
        say(f"   because {each.why}" if each.why else
            f"   file a follow-up, or: incident-engine report explain {reference} "
            f"{each.fact.partition(' ')[0]} --why …")  # fmt: skip
    if unexplained:
        raise typer.Exit(1)


def report_explain(
    ctx: typer.Context,
    reference: Reference,
    fact: Annotated[str, typer.Argument(help="As `report consistency` names it: people.count.")],
    why: Why = "",
) -> None:
    """Record why papers differ on a fact. The reason holds for exactly these values.

    Example: incident-engine report explain INC-2026-0001 people.count --why "counted again"
    """
    from incident_engine.workflow.reports.check_story import explain

    found = explain(engine(ctx), actor(ctx), reference, fact, why=why)
    say(f"Recorded for {', '.join(each.fact for each in found)}.")


def report_matrix(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Show which fact went to whom: a row each fact, a column each authority, notice and page.

    Example: incident-engine report matrix INC-2026-0001
    """
    from incident_engine.workflow.reports.check_story import matrix

    actor(ctx)
    found = matrix(engine(ctx), reference)
    if as_json:
        return answer({
            fact: {to: _stated(each) for to, each in cells.items()}
            for fact, cells in found.cells.items()
        })  # fmt: skip
    rows = [
        (fact, *(_cell(cells.get(to)) for to in found.recipients))
        for fact, cells in found.cells.items()
    ]
    return table(f"Which fact went to whom: {reference}", ["fact", *found.recipients], rows)


def _cell(each: Statement | None) -> str:
    if each is None:
        return ""
    return f"{each.at:%Y-%m-%d}" if each.at else "worded"


def _stated(each: Statement) -> dict[str, Any]:
    at = each.at.isoformat() if each.at else None
    return {"paper": each.paper, "value": each.value, "at": at}


def _differing(each: Disagreement) -> dict[str, Any]:
    papers = [{"to": one.to} | _stated(one) for one in each.statements]
    return {"fact": each.fact, "why": each.why or None, "papers": papers}


def _named(filing: Filing) -> str:
    return f"{filing.phase} {filing.version}{'' if filing.filed_at else ' (not filed)'}"


def _version(filing: Filing) -> dict[str, Any]:
    return {
        "phase": filing.phase,
        "version": filing.version,
        "sha256": filing.sha256,
        "filed": filing.filed_at.isoformat() if filing.filed_at else None,
        "reference": filing.reference,
    }
