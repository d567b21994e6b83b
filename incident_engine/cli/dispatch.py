"""send, pause, resume, stop, deliveries, resolve, receive: notices leaving, one by one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.door import (
    AsJson,
    Reference,
    Why,
    actor,
    answer,
    engine,
    instant,
    say,
    table,
    warn,
)
from incident_engine.cli.progress import counting
from incident_engine.domain.errors import BadInput, IncidentEngineError, Unreachable

if TYPE_CHECKING:
    from incident_engine.workflow.engine import Actor, Engine

_SOON = 60.0


def add_to(program: typer.Typer) -> None:
    """Hang these commands on the root."""
    for command in (send, pause, resume, stop, deliveries, resolve, receive):
        program.command()(command)


def send(
    ctx: typer.Context,
    reference: Reference,
    wait: Annotated[bool, typer.Option("--wait", help="Deliver here and now.")] = False,
    at: Annotated[
        str,
        typer.Option(help="Start then: a moment with its offset; `never` takes a start back."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Launch the approved notice; with --wait deliver it until nothing is left to try now.

    Without --wait a running `worker` delivers, and with --at it also launches, with every check
    made again at that moment. Repeating the command goes on where it stopped.
    Example: incident-engine send INC-2026-0001 --wait
    """
    from incident_engine.domain.words import CampaignState
    from incident_engine.store import campaigns, incidents
    from incident_engine.workflow.dispatch.launch import launch

    by = actor(ctx)
    if at:
        return _start_at(ctx, reference, at, as_json=as_json)
    with engine(ctx).reading() as session:
        row = incidents.by_reference(session, reference)
        under_way = campaigns.in_state(session, row.id or 0, CampaignState.SENDING)
    unreachable = None
    if under_way is None:
        launched = launch(engine(ctx), by, reference)
        unreachable = launched.unreachable
    found, hindered = _deliver(engine(ctx), by, reference) if wait else ({}, ())
    if as_json:
        answer({"incident": reference, "unreachable": unreachable, "counts": found})
    else:
        if unreachable:
            say(f"{unreachable} cannot be reached by these channels: announce publicly.")
        say(_sentence(reference, found) if wait else f"{reference} is being sent by the worker.")
        if not_before := _opens_later(engine(ctx), reference):
            say(f"Nothing leaves before {not_before:%Y-%m-%d %H:%M %Z}: the worker sends it then.")
    return _tell_hindered(hindered)


def _start_at(ctx: typer.Context, reference: str, at: str, *, as_json: bool) -> None:
    from incident_engine.workflow.dispatch.schedule import schedule

    moment = None if at == "never" else instant(at, "--at")
    campaign = schedule(engine(ctx), actor(ctx), reference, moment)
    if as_json:
        start = moment.isoformat() if moment else None
        return answer({"incident": reference, "notice": campaign.number, "start_at": start})
    when = f"starts at {moment.isoformat()}, by the worker" if moment else "starts at no set time"
    return say(f"Notice {campaign.number} of {reference} {when}.")


def _opens_later(built: Engine, reference: str) -> datetime | None:
    """When the window of what is being sent opens, where it is not open yet."""
    from incident_engine.domain.delivery.timetable import Standing
    from incident_engine.domain.words import CampaignState
    from incident_engine.store import campaigns, incidents
    from incident_engine.workflow.dispatch.launch import window_of

    with built.reading() as session:
        row = incidents.by_reference(session, reference)
        under_way = campaigns.in_state(session, row.id or 0, CampaignState.SENDING)
    if under_way is None:
        return None
    window = window_of(under_way)
    return window.not_before if window.standing(built.now()) == Standing.EARLY else None


def pause(ctx: typer.Context, reference: Reference, why: Why = "") -> None:
    """Let nothing new leave until `resume`.

    Example: incident-engine pause INC-2026-0001 --why "the hotline is not staffed yet"
    """
    from incident_engine.workflow.dispatch.launch import pause as verb

    verb(engine(ctx), actor(ctx), reference, why=why)
    say(f"{reference}: paused.")


def resume(ctx: typer.Context, reference: Reference, why: Why = "") -> None:
    """Go on with a paused campaign.

    Example: incident-engine resume INC-2026-0001 --why "the hotline is open"
    """
    from incident_engine.workflow.dispatch.launch import resume as verb

    verb(engine(ctx), actor(ctx), reference, why=why)
    say(f"{reference}: goes on; run `incident-engine send {reference} --wait` or the worker.")


def stop(ctx: typer.Context, reference: Reference, why: Why = "") -> None:
    """End a campaign for good: what has not left is cancelled.

    Example: incident-engine stop INC-2026-0001 --why "a wrong date in the notice"
    """
    from incident_engine.workflow.dispatch.launch import stop as verb

    verb(engine(ctx), actor(ctx), reference, why=why)
    say(f"{reference}: stopped.")


def deliveries(
    ctx: typer.Context,
    reference: Reference,
    person: Annotated[
        str,
        typer.Option(
            help="Was this person told? Their id here, your own number for them, an email "
            "address, a phone, or the code in a notice; - reads it from standard input."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show what became of each notice to each person, addresses masked.

    With --person: all that one person was told, word for word, and what was answered; also after
    the list itself was deleted. That it was asked is kept in the journal, what was typed is not.
    Example: incident-engine deliveries INC-2026-0001 --json
    """
    from incident_engine.workflow.dispatch.account import account

    if person:
        return _was_told(ctx, reference, person, as_json=as_json)
    found = account(engine(ctx), actor(ctx), reference)
    if as_json:
        return answer(found)
    say(", ".join(f"{outcome} {count}" for outcome, count in found["counts"].items()) or "none")
    cells = [
        (d["person"], d["channel"], d["address"], d["outcome"], d["attempts"], d["reference"][:12])
        for d in found["deliveries"]
    ]
    columns = ["person", "channel", "address", "outcome", "tries", "reference"]
    return table(f"Deliveries of {reference}", columns, cells)


def _was_told(ctx: typer.Context, reference: str, person: str, *, as_json: bool) -> None:
    from incident_engine.workflow.proof.was_told import was_told

    asked = sys.stdin.readline() if person == "-" else person
    found = was_told(engine(ctx), actor(ctx), reference, asked)
    if as_json:
        return answer(found)
    for each in found["people"]:
        say(f"Person {each['person']}, known by {each['known_by']}. {each['sentence']}")
        for notice in each["told"]:
            say(_as_told(notice))
    return None


def _as_told(notice: dict[str, Any]) -> str:
    head = (
        f"\nNotice {notice['notice']} by {notice['channel']} to {notice['address']}: "
        f"{notice['outcome']}"
    )
    tries = [
        f"  try {each['number']}, {each['at'] or 'before anything left'}: {each['outcome']}"
        f"{' ' + each['code'] if each['code'] else ''}: {each['reply'] or 'no reply'}"
        for each in notice["tries"]
    ]
    text = [f"  | {line}" for line in notice["text"].splitlines()]
    return "\n".join([head, *tries, f"  {notice['text_note']}", *text])


def resolve(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its reference.")],
    decision: Annotated[str, typer.Option("--as", help="accepted, undeliverable or resend.")],
    why: Why = "",
) -> None:
    """Record what you decided about a delivery in doubt.

    Example: incident-engine resolve 3fa2b9c1 --as accepted --why "found in the relay's log"
    """
    from incident_engine.workflow.dispatch.resolve import resolve as verb

    row = verb(engine(ctx), actor(ctx), reference, decision, why=why)
    say(f"Delivery {row.reference[:12]} is {row.outcome}.")


def _deliver(
    house: Engine, by: Actor, reference: str
) -> tuple[dict[str, int], tuple[IncidentEngineError, ...]]:
    """Deliver until nothing can be tried now, waiting out short deferrals.

    Returns the counts by outcome, and what kept a channel from being tried.
    """
    from incident_engine.workflow.dispatch.deliver import deliver
    from incident_engine.workflow.dispatch.finish import finish

    with _bar(house, reference) as progress:
        while True:
            round_ = deliver(house, by, reference, progress=progress)
            if round_.hindered or not _wait_for_retry(house, reference):
                break
    return finish(house, by, reference).counts or round_.counts, round_.hindered


def _tell_hindered(hindered: Sequence[IncidentEngineError]) -> None:
    """A channel not set up is a warning; an outside part that did not answer is a failure."""
    dead = next((each for each in hindered if isinstance(each, Unreachable)), None)
    for each in hindered:
        if each is not dead:
            warn(str(each))
    if dead:
        raise dead


def _wait_for_retry(house: Engine, reference: str) -> bool:
    """Sleep until the next deferred delivery may be tried, if that is within a minute."""
    from incident_engine.domain.words import CampaignState
    from incident_engine.store import campaigns, incidents
    from incident_engine.store import deliveries as questions

    with house.reading() as session:
        row = incidents.by_reference(session, reference)
        campaign = campaigns.in_state(session, row.id or 0, CampaignState.SENDING)
        soonest = questions.soonest_retry(session, campaign.id or 0) if campaign else None
    if soonest is None:
        return False
    wait = (soonest - house.now()).total_seconds()
    if wait > _SOON:
        return False
    time.sleep(max(wait, 0.05))
    return True


@contextmanager
def _bar(house: Engine, reference: str) -> Iterator[Any]:
    with counting(f"Sending {reference}") as show:
        yield lambda counts: show(_ended(counts), sum(counts.values()))


def _ended(counts: dict[str, int]) -> int:
    waiting = ("pending", "claimed", "sending", "deferred")
    return sum(number for outcome, number in counts.items() if outcome not in waiting)


def _sentence(reference: str, counts: dict[str, int]) -> str:
    words = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
    open_ones = [(counts.get(each, 0), each.replace("_", " ")) for each in ("in_doubt", "broken")]
    tail = "".join(f" {n} {word}: decide them with `resolve`." for n, word in open_ones if n)
    return f"{reference}: {words or 'nothing to send'}.{tail}"


def _seek(house: Engine, by: Actor, *, as_json: bool) -> None:
    from incident_engine.workflow.dispatch.seek_evidence import seek_evidence

    found = seek_evidence(house, by)
    if as_json:
        return answer(vars(found))
    return say(
        f"{found.asked} in doubt asked about: {found.found} found in the provider's list or the "
        f"relay's log, {found.doubled} of them more than once. {found.resent} are tried once more; "
        "what else was not found still waits for `resolve`."
    )


def receive(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--from", help="A maildir or folder of mails; else IMAP.")
    ] = None,
    doubts: Annotated[
        bool, typer.Option("--doubts", help="Ask the provider about texts and calls in doubt.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read what came back: bounces, delays, complaints. Each is kept once; a bounce opens the
    next channel.

    With --doubts the provider's own list is asked instead; nothing found there proves nothing.
    Example: incident-engine receive --from Maildir
    """
    from incident_engine import app
    from incident_engine.channels.mail.mailbox import FolderSource, ImapSource
    from incident_engine.workflow.dispatch.receive import receive_mail

    by, house = actor(ctx), engine(ctx)
    if doubts:
        return _seek(house, by, as_json=as_json)
    wires = app.wires_of(house)
    path = wires.return_path()
    if path is None:
        raise BadInput(
            "not-set-up",
            "email.return_path",
            "is not set",
            expected="the mailbox that takes our bounces",
            next_step="Run `incident-engine config set email.return_path bounces@…`.",
        )
    if folder:
        found = receive_mail(house, by, FolderSource(folder), path)
    else:
        with ImapSource(wires.imap()) as source:
            found = receive_mail(house, by, source, path)
    if as_json:
        return answer(vars(found))
    return say(
        f"{found.new} new: {found.changed} changed a delivery, {found.unknown} about nothing of "
        f"ours, {found.disbelieved} not believed."
    )
