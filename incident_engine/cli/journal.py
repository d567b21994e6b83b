"""journal: show, verify, checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, actor, answer, engine, group, say, table
from incident_engine.domain.errors import Refused

journal = group("The journal: what was done, by whom, when; nothing in it can change unseen.")


@journal.command("show")
def journal_show(
    ctx: typer.Context,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries, oldest of them first.

    Example: incident-engine journal show
    """
    from collections import deque

    from incident_engine.store.journal import entries

    actor(ctx)
    with engine(ctx).reading() as session:
        newest = deque(entries(session), maxlen=last)
    rows = [each.model_dump() | {"body": json.loads(each.body)} for each in newest]
    if as_json:
        return answer(rows)
    cells = [
        (r["id"], r["at"][:19], r["actor"], r["incident"], r["act"], r["sha256"][:12]) for r in rows
    ]
    return table("Journal", ["no.", "at (UTC)", "who", "incident", "did", "hash"], cells)


@journal.command("verify")
def journal_verify(
    ctx: typer.Context,
    against: Annotated[
        Path | None, typer.Option(help="A copy of checkpoints.jsonl that was kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole chain and compare the signed checkpoints. Exit status 1 when it is broken.

    With --against also those of a copy kept elsewhere: it sees a whole home that was rolled back.
    Example: incident-engine journal verify --against /mnt/elsewhere/checkpoints.jsonl
    """
    from incident_engine.store import checkpoints
    from incident_engine.store.journal import verify

    home = engine(ctx).home
    known = [checkpoints.read(home.checkpoints, home.keys)]
    known += [checkpoints.kept_elsewhere(against, home.keys)] if against else []
    with engine(ctx).reading() as session:
        verdict = next(
            (found for each in known if not (found := verify(session, each)).sound),
            verify(session, known[-1]),
        )
    if as_json:
        answer(vars(verdict) | {"sound": verdict.sound})
    if not verdict.sound:
        raise Refused(
            "journal-broken",
            "the journal",
            verdict.fault,
            next_step="Keep this copy as evidence and compare it with a backup.",
        )
    if not as_json:
        say(
            f"The journal is whole: {verdict.entries} entries, "
            f"the newest signed checkpoint covers {verdict.checkpoint}. Head {verdict.head}"
        )


@journal.command("checkpoint")
def journal_checkpoint(
    ctx: typer.Context,
    timestamp: Annotated[
        bool | None,
        typer.Option(
            "--timestamp/--no-timestamp",
            help="Have it stamped by the authority in proof.timestamp_url (RFC 3161); left out: "
            "where one is set.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign the head of the journal into checkpoints.jsonl; keep a copy of that file elsewhere.

    Example: incident-engine journal checkpoint --timestamp
    """
    from incident_engine.workflow.checkpoint import checkpoint

    line = checkpoint(engine(ctx), actor(ctx), stamp=timestamp)
    if as_json:
        return answer(line)
    stamped = f", stamped {line['stamped_at']}" if "stamped_at" in line else ""
    return say(f"Signed: {line['entries']} entries, head {line['head']}{stamped}")
