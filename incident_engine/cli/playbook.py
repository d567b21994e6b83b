"""playbook: the law files, who read them, and whether their examples hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.assess import laws, this_moment
from incident_engine.cli.door import AsJson, answer, group, say, table
from incident_engine.domain.errors import NotFound, Refused

if TYPE_CHECKING:
    from incident_engine.domain.playbook import Obligation, Playbook

playbook = group("The law files: what each asks, who read it, whether its examples hold.")

Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="For example eu-gdpr.")]


@playbook.command("list")
def playbook_list(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the laws this installation reads.

    Example: incident-engine playbook list
    """
    rows = [_summary(law) for law in laws(ctx)]
    if as_json:
        return answer(rows)
    columns = ["id", "title", "status", "from", "obligations", "unverified", "read_by", "read_next"]
    return table("Law files", columns, [[row[name] for name in columns] for row in rows])


def _summary(law: Playbook) -> dict[str, Any]:
    return {
        "id": law.id, "title": law.title, "version": law.version, "sha256": law.sha256,
        "status": law.status.value, "from": law.from_.isoformat(),
        "obligations": len(law.obligation),
        "unverified": sum(duty.evidence == "unverified" for duty in law.obligation),
        "read_by": law.review.read_by or "nobody yet",
        "read_on": law.review.read_on.isoformat(), "read_next": law.review.read_next.isoformat(),
    }  # fmt: skip


@playbook.command("show")
def playbook_show(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show what one law asks, with its sources.

    Example: incident-engine playbook show eu-gdpr
    """
    law = _named(laws(ctx), name)
    if as_json:
        return answer(_summary(law) | {"duties": [_duty(law, duty) for duty in law.obligation]})
    say(f"{law.title} ({law.id}, version {law.version})")
    say(f"Read by {law.review.read_by or 'no lawyer yet'} on {law.review.read_on}.")
    for text in law.review.watch:
        say(f"Watch: {text}")
    for duty in law.obligation:
        say("")
        for key, value in _duty(law, duty).items():
            say(f"{key:<10} {'; '.join(value) if isinstance(value, list) else value}")
    return None


def _duty(law: Playbook, duty: Obligation) -> dict[str, Any]:
    citation, url = law.cite(duty.source)
    return {
        "id": duty.id, "title": duty.title, "audience": duty.audience.value,
        "phase": duty.phase.value, "says": duty.says, "source": f"{citation}, {url}",
        "evidence": duty.evidence.value,
        "due": [f"{due.within or due.words} after {' or '.join(due.after)} (from {due.from_})"
                for due in duty.due],
        "unless": [f"{e.id}: {e.says}" for e in duty.exception],
        "content": sorted(item.value for item in duty.content.required),
    }  # fmt: skip


@playbook.command("check")
def playbook_check(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="One law file or a folder; else all in use.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check law files: form, sources, every example. Exit status 1 where one is at fault.

    Example: incident-engine playbook check playbooks/eu-gdpr.toml
    """
    from incident_engine.domain.playbook_check import check

    today = this_moment().date()
    read = _files(file) if file else laws(ctx)
    findings = [finding for law in read for finding in check(law, today=today)]
    examples = sum(len(law.example) for law in read)
    faults = sum(finding.is_fault for finding in findings)
    if as_json:
        shown = [vars(finding) for finding in findings]
        answer({"files": len(read), "examples": examples, "faults": faults, "findings": shown})
    else:
        for finding in findings:
            say(str(finding))
        say(f"{len(read)} law files, {examples} examples, {faults} faults.")
    if faults:
        raise Refused("playbook-fault", "playbook check", f"{faults} faults in the law files")


def _files(path: Path) -> list[Playbook]:
    from incident_engine.intake.playbook_file import read_playbook, read_playbooks

    return read_playbooks(path) if path.is_dir() else [read_playbook(path)]


def _named(read: list[Playbook], name: str) -> Playbook:
    found = next((law for law in read if law.id == name), None)
    if found is None:
        raise NotFound(
            "no-such-playbook", name, "is not a law file in use",
            expected=", ".join(law.id for law in read),
        )  # fmt: skip
    return found
