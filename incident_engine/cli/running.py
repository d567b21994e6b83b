"""tick, worker, doctor: keeping the clock and the outbox going."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from incident_engine.cli.door import AsJson, answer, engine, say, table, warn

if TYPE_CHECKING:
    from incident_engine.workflow.engine import Engine


_SEEK_SECONDS = 300  # a provider's list is asked no oftener


def add_to(program: typer.Typer) -> None:
    """Hang these commands on the root."""
    for command in (tick, worker, doctor):
        program.command()(command)


def tick(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Turn the clock once: warn of deadlines, escalate, release holds that have run out.

    Example: incident-engine tick
    """
    from incident_engine.workflow.watch import watch

    turned = watch(engine(ctx))
    if as_json:
        return answer(vars(turned))
    if turned.unsent:
        warn(f"{turned.unsent} alerts could not be sent: see `incident-engine doctor`.")
    return say(
        f"{turned.climbed} deadlines escalated, {turned.alerted} alerts sent, "
        f"{turned.released} holds released."
    )


def worker(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One turn, then end.")] = False,
) -> None:
    """Keep turning the clock and delivering launched notices, until stopped with Ctrl-C.

    Example: incident-engine worker
    """
    from incident_engine.scheduler import run
    from incident_engine.workflow.watch import watch

    house = engine(ctx)
    if once:
        watch(house)
        _dispatch(house)
        return _seek(house)
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    say("The clock is running. Ctrl-C stops it; nothing is lost.")
    seek = _every(_SEEK_SECONDS, lambda: _seek(house))

    def dispatch() -> None:
        # Here and not beside the clock: a provider that answers slowly must delay no deadline.
        _dispatch(house, halted=stopped.is_set)
        seek()

    run(
        lambda: watch(house),
        dispatch,
        say=say,
        until=stopped,
    )
    return say("Stopped.")


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Look over the installation and say what would fail, before it matters.

    Example: incident-engine doctor
    """
    from incident_engine.cli.checkup import checkup

    found = checkup(engine(ctx))
    if as_json:
        return answer([vars(each) for each in found])
    return table("Checkup", ["", "what", "found"], [(c.verdict, c.what, c.found) for c in found])


def _every(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
    """The act, and nothing while it was done less than so many seconds ago."""
    last = -seconds

    def now_and_then() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            act()

    return now_and_then


def _seek(house: Engine) -> None:
    """Whatever is in doubt is asked about again, without anybody having to think of it."""
    from incident_engine.domain.errors import IncidentEngineError
    from incident_engine.workflow.dispatch.seek_evidence import seek_evidence
    from incident_engine.workflow.engine import CLOCK

    try:
        found = seek_evidence(house, CLOCK)
    except IncidentEngineError as error:
        return say(str(error))
    if found.found or found.resent:
        say(f"{found.found} in doubt were found, {found.resent} are tried once more.")
    return None


def _dispatch(house: Engine, *, halted: Callable[[], bool] = lambda: False) -> None:
    from incident_engine.domain.words import CampaignState
    from incident_engine.store import campaigns, incidents
    from incident_engine.workflow.dispatch.deliver import deliver
    from incident_engine.workflow.dispatch.finish import finish
    from incident_engine.workflow.dispatch.schedule import start_due
    from incident_engine.workflow.engine import CLOCK

    for refusal in start_due(house):
        say(str(refusal))
    with house.reading() as session:
        under_way = [
            each.reference
            for each in incidents.everything(session)
            if campaigns.in_state(session, each.id or 0, CampaignState.SENDING)
        ]
    for reference in under_way:
        hindered = deliver(house, CLOCK, reference, halted=halted).hindered
        finish(house, CLOCK, reference)
        for each in hindered:
            say(str(each))
