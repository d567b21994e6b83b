"""playbook: the law files, who read them, and whether their examples hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.assess import folder, laws, this_moment
from incident_engine.cli.door import AsJson, actor, answer, engine, group, say, table
from incident_engine.domain.errors import NotFound, Refused

if TYPE_CHECKING:
    from incident_engine.domain.law.playbook import Due, Obligation, Playbook
    from incident_engine.workflow.incidents.compare_laws import Touched

playbook = group("The law files: what each asks, who read it, whether its examples hold.")

Name = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="For example eu-gdpr.")]


@playbook.command("list")
def playbook_list(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the laws this installation reads, and how much of each was written from memory.

    Example: incident-engine playbook list
    """
    read = laws(ctx)
    rows = [_summary(law) for law in read]
    if as_json:
        return answer(rows)
    unread = sum(row["unverified"] for row in rows)
    columns = ["id", "title", "status", "from", "obligations", "unverified", "read_by", "read_next"]
    table("Law files", columns, [[row[name] for name in columns] for row in rows])
    unsigned = sum(not law.review.read_by for law in read)
    return say(
        f"{len(rows)} laws, {unsigned} of them signed by no lawyer; {unread} statements written "
        "from memory and NOT CHECKED against the law."
    )


def _summary(law: Playbook) -> dict[str, Any]:
    return {
        "id": law.id, "title": law.title, "version": law.version, "sha256": law.sha256,
        "status": law.status.value, "from": law.from_.isoformat(),
        "obligations": len(law.obligation), "unverified": len(list(law.unread())),
        "read_by": law.review.read_by or "nobody yet",
        "read_on": law.review.read_on.isoformat(), "read_next": law.review.read_next.isoformat(),
    }  # fmt: skip


@playbook.command("show")
def playbook_show(
    ctx: typer.Context,
    name: Name,
    as_json: AsJson = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="The whole law as one text, its pattern filled in.")
    ] = False,
) -> None:
    """Show what one law asks, with its sources.

    The sha256 of a law is that of the text that --whole prints.

    Example: incident-engine playbook show us-ia --whole
    """
    if whole:
        return _show_whole(ctx, name)
    law = _named(laws(ctx), name)
    if as_json:
        return answer(_summary(law) | {"duties": [_duty(law, duty) for duty in law.obligation]})
    _show_head(law)
    for duty in law.obligation:
        _show_duty(law, duty)
    for kept in law.retention:
        say("")
        say(f"{'keep':<10} {kept.says} ({kept.keep or 'no time named'}; {kept.evidence})")
    return None


def _show_head(law: Playbook) -> None:
    say(f"{law.title} ({law.id}, version {law.version}, sha256 {law.sha256})")
    say(f"Read by {law.review.read_by or 'no lawyer yet'} on {law.review.read_on}.")
    if law.base:
        say(f"Filled from the pattern {law.base}; --whole prints it all.")
    if unread := list(law.unread()):
        say(f"WRITTEN FROM MEMORY, not checked against the law: {', '.join(unread)}")
    for text in law.review.watch:
        say(f"Watch: {text}")


def _show_duty(law: Playbook, duty: Obligation) -> None:
    say("")
    for key, value in _duty(law, duty).items():
        for text in value if isinstance(value, list) else [value]:
            say(f"{key:<10} {text}")


def _show_whole(ctx: typer.Context, name: str) -> None:
    from incident_engine.intake.playbook_file import whole_text

    path = folder(ctx) / f"{_named(laws(ctx), name).id}.toml"
    typer.echo(whole_text(path), nl=False)


def _duty(law: Playbook, duty: Obligation) -> dict[str, Any]:
    citation, url = law.cite(duty.source)
    return {
        "id": duty.id, "title": duty.title, "audience": duty.audience.value,
        "phase": duty.phase.value, "to": [who.name for who in duty.to],
        "says": duty.says, "source": f"{citation}, {url}", "evidence": duty.evidence.value,
        "due": [_due(due) for due in duty.due],
        "unless": [f"{e.id} ({e.effect}): {e.says}" for e in duty.exception],
        "later": [f"{e.id} (by {e.by}): {e.says}" for e in duty.extension],
        "offer": [benefit.says for benefit in duty.benefit],
        "order": [f"{order.must} {order.than}" for order in duty.order],
        "title of the text": [duty.content.title] if duty.content.title else [],
        "must say": sorted(item.value for item in duty.content.required),
        "must say if": sorted(i.value for part in duty.content.conditional for i in part.items),
        "never say": sorted(item.value for item in duty.content.forbidden),
    }  # fmt: skip


def _due(due: Due) -> str:
    length = f"{due.within}" if due.within else str(due.words)
    beside = [
        f", or {part.within or 'at once'} after {' or '.join(part.after)} if {name}"
        for name, parts in (("sooner", due.or_sooner), ("later", due.or_later))
        for part in parts
    ]
    roll = f"; moved to {due.roll}" if due.roll else ""
    return f"{length} after {' or '.join(due.after)}{''.join(beside)}{roll} (from {due.from_})"


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
    from incident_engine.domain.law.check import check
    from incident_engine.notices.content_check import FILLABLE

    today = this_moment().date()
    read = _every_fault_of(file or folder(ctx), as_json=as_json)
    findings = [finding for law in read for finding in check(law, today=today, fillable=FILLABLE)]
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


def _every_fault_of(path: Path, *, as_json: bool) -> list[Playbook]:
    """The laws; of broken files every fault is shown before the first of them ends the command."""
    from incident_engine.domain.errors import BadFile

    try:
        return _files(path)
    except BadFile as bad:
        for fault in bad.faults if len(bad.faults) > 1 and not as_json else ():
            say(f"fault: {fault}")
        raise


@playbook.command("diff")
def playbook_diff(
    ctx: typer.Context,
    old: Annotated[Path, typer.Argument(help="A law file, or a folder of them.")],
    new: Annotated[Path, typer.Argument(help="Its other text, or another folder.")],
    as_json: AsJson = False,
) -> None:
    """Show which open incidents a change of the law would touch, and how. Changes nothing.

    Example: incident-engine playbook diff playbooks/eu-gdpr.toml drafts/eu-gdpr.toml
    """
    from incident_engine.workflow.incidents.compare_laws import compare_laws

    actor(ctx)
    before, after = _files(old), _files(new)
    laws = _laws_that_differ(before, after)
    touched = compare_laws(engine(ctx), before, after) if laws else []
    if as_json:
        return answer({"laws": laws, "incidents": [_touched(each) for each in touched]})
    return _show_touched(laws, touched)


def _laws_that_differ(before: list[Playbook], after: list[Playbook]) -> list[dict[str, str]]:
    old, new = ({law.id: law for law in laws} for laws in (before, after))
    found = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was and now and was.sha256 == now.sha256:
            continue
        kind = "changed" if was and now else "new" if now else "gone"
        versions = " -> ".join(law.version for law in (was, now) if law)
        found.append({"id": name, "kind": kind, "version": versions})
    return found


def _touched(each: Touched) -> dict[str, Any]:
    return vars(each) | {"differences": [vars(found) for found in each.differences]}


def _show_touched(laws: list[dict[str, str]], touched: list[Touched]) -> None:
    if not laws:
        return say("The law files say the same, byte for byte.")
    table("Laws", ["law", "", "version"], [list(law.values()) for law in laws])
    rows = [
        [each.incident, d.kind, f"{d.playbook}/{d.name} in {d.place}", "\n".join(d.how)]
        for each in touched
        for d in each.differences
    ]
    table("Open incidents that would be touched", ["incident", "", "duty", "how"], rows)
    untouched = [each.incident for each in touched if not each.differences]
    return say(f"Not touched: {', '.join(untouched) or 'none'}. Nothing was changed.")


def _files(path: Path) -> list[Playbook]:
    from incident_engine.intake.playbook_file import read_playbook, read_playbooks

    return read_playbooks(path) if path.is_dir() else [read_playbook(path)]


def _named(read: Sequence[Playbook], name: str) -> Playbook:
    found = next((law for law in read if law.id == name), None)
    if found is None:
        raise NotFound(
            "no-such-playbook", name, "is not a law file in use",
            expected=", ".join(law.id for law in read),
        )  # fmt: skip
    return found
