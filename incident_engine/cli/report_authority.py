"""report send, answer, packet: to the authority by email, what it answered, and to a controller."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, Reference, Why, actor, answer, engine, instant, say
from incident_engine.cli.report import Duty, shown_filing
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome, Verdict


def add_to(report: typer.Typer) -> None:
    """Hang these commands on `report`."""
    report.command("send")(report_send)
    report.command("answer")(report_answer)
    report.command("packet")(report_packet)


def report_send(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    to: Annotated[str, typer.Option(help="Left out: the address in the form's file.")] = "",
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Through the gateway of [reports] in the settings.")
    ] = False,
    not_arrived: Annotated[
        bool, typer.Option("--not-arrived", help="What was in doubt did not arrive.")
    ] = False,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Send the newest prepared version to the authority by email or webhook, once.

    Sent is not filed: `report file` with the authority's number meets the duty.

    Example: incident-engine report send INC-2026-0001 in-cert/cert --to incident@cert.example
    """
    from incident_engine.workflow.reports import send_report

    if not_arrived:
        filing = send_report.not_arrived(engine(ctx), actor(ctx), reference, duty, why=why)
        if as_json:
            return answer(shown_filing(filing))
        return say(f"{duty}, version {filing.version}: did not arrive. It may be sent again.")
    filing = send_report.send_report(
        engine(ctx), actor(ctx), reference, duty, to=to, webhook=webhook
    )
    if as_json:
        return answer(shown_filing(filing))
    said = f"{duty}, {filing.phase}, version {filing.version}, to {filing.sent_to}: "
    if filing.sent_outcome == Outcome.ACCEPTED:
        return say(f"{said}their server took it. Not filed until you give their number.")
    return say(f"{said}{filing.sent_outcome.replace('_', ' ')}: {filing.sent_said}")


def report_answer(
    ctx: typer.Context,
    reference: Reference,
    duty: Duty,
    outcome: Annotated[str, typer.Option(help="accepted, more-wanted or rejected.")],
    number: Annotated[str, typer.Option("--reference", help="The authority's number.")] = "",
    said: Annotated[str, typer.Option(help="What it wants, in a line.")] = "",
    due: Annotated[str, typer.Option(help="Until when it waits, with offset.")] = "",
    at: Annotated[str, typer.Option(help="When it answered, with offset; left out: now.")] = "",
    file: Annotated[Path | None, typer.Option(help="Its letter, a file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Keep what the authority answered. More wanted, or rejected, starts a duty with its date.

    Example: incident-engine report answer INC-2026-0001 eu-gdpr/authority
    --outcome more-wanted --reference DE-4711-2 --due 2026-04-01T12:00:00+02:00
    """
    from incident_engine.workflow.reports.answer_report import TheirAnswer, answer_report
    from incident_engine.workflow.reports.draft_report import duty_name

    theirs = TheirAnswer(
        verdict=_verdict(outcome),
        number=number,
        said=said,
        at=instant(at, "--at"),
        due=instant(due, "--due"),
        file=file,
    )
    found = answer_report(engine(ctx), actor(ctx), reference, duty, theirs)
    started = duty_name(found.duty) if found.duty else ""
    if as_json:
        return answer({
            "verdict": found.answer.verdict,
            "reference": found.answer.reference,
            "about": f"{found.filing.phase}/{found.filing.version}",
            "due": found.answer.due_at.isoformat() if found.answer.due_at else None,
            "starts": started or None,
            "file": found.answer.file_path,
            "file_sha256": found.answer.file_sha256,
        })  # fmt: skip
    say(f"{duty}, {found.filing.phase}, version {found.filing.version}: {found.answer.verdict}.")
    if started:
        say(f"Owed from now on: {started}. incident-engine report prepare {reference} {started}")
    return None


def report_packet(
    ctx: typer.Context,
    reference: Reference,
    controller: Annotated[str, typer.Argument(help="As the people file's column names it.")],
    out: Annotated[Path, typer.Option(help="A new folder for the packet.")],
    duty: Annotated[str, typer.Option(help="The duty it fulfils.")] = "contract/controller",
    as_json: AsJson = False,
) -> None:
    """Write one controller's packet, where we are its processor: its facts and its people alone.

    people.csv holds personal data: hand the folder over encrypted, then delete it. Nothing is
    filed with any authority; `obligation done` with their receipt meets the duty.

    Example: incident-engine report packet INC-2026-0001 "Heron Bank" --out heron
    """
    from incident_engine.notices.reports.report import completeness_in_words
    from incident_engine.workflow.reports.draft_report import duty_name
    from incident_engine.workflow.reports.pack_for_controller import pack_for_controller

    made = pack_for_controller(engine(ctx), actor(ctx), reference, controller, out, duty=duty)
    name = duty_name(made.duty)
    if as_json:
        return answer({
            "duty": name,
            "due": made.duty.due_at.isoformat() if made.duty.due_at else made.duty.due_words,
            "people": made.people,
            "files": [str(made.folder / file) for file in made.files],
        })  # fmt: skip
    say(f"{controller}: {made.people} people; the report: {completeness_in_words(made.report)}.")
    say(f"{name}: {made.duty.due_at or made.duty.due_words or 'no term'}")
    for file in made.files:
        say(str(made.folder / file))
    return None


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise BadInput("bad-outcome", "report answer --outcome", f"found {text[:40]!r}",
                       expected=f"one of {', '.join(Verdict)}") from None  # fmt: skip
