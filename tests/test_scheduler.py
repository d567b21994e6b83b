"""The clock turns, whatever a turn comes to, and finds what fell due while it slept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from incident_engine.domain.errors import Unreachable
from incident_engine.scheduler import run
from incident_engine.workflow.watch import watch
from tests.cast import House

PATIENCE = 20  # seconds; a run ends as soon as it has shown what it is asked for


def turn(
    tick: Callable[[], object], dispatch: Callable[[], object], until: threading.Event
) -> list[str]:
    """Run the real scheduler at short intervals until the event is set."""
    said: list[str] = []
    thread = threading.Thread(
        target=run, args=(tick, dispatch), daemon=True,
        kwargs={"say": said.append, "until": until, "tick_seconds": 0.05, "dispatch_seconds": 0.05},
    )  # fmt: skip
    thread.start()
    ended = until.wait(PATIENCE)
    until.set()
    thread.join(PATIENCE)
    assert ended, "the scheduler did not come so far"
    assert not thread.is_alive()
    return said


def test_both_turns_come_again_and_again() -> None:
    until, turns = threading.Event(), {"tick": 0, "dispatch": 0}

    def count(name: str) -> None:
        turns[name] += 1
        if min(turns.values()) >= 3:
            until.set()

    assert turn(lambda: count("tick"), lambda: count("dispatch"), until) == []


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Unreachable("database", "the database", "did not answer"), "the database: did not answer"),
        (ValueError("ada@people.example"), "a fault of our own: ValueError in test_scheduler.py"),
    ],
)
def test_a_turn_that_fails_is_said_and_the_next_one_comes(
    error: Exception, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    until, turns = threading.Event(), []

    def fails() -> None:
        turns.append(1)
        if len(turns) >= 4:
            until.set()
        raise error

    said = turn(fails, lambda: None, until)
    assert len(said) >= 4
    assert all(line.startswith(says) for line in said)
    assert "ada@" not in "".join(said) + "".join(capfd.readouterr())


def test_a_deadline_that_passed_while_everything_slept_is_found_by_the_first_turn(
    house: House,
) -> None:
    house.opened()
    house.clock.passes(days=9)
    until = threading.Event()

    def tick() -> None:
        watch(house.engine)
        until.set()

    turn(tick, lambda: None, until)
    found = [e for e in house.acts("deadline-escalated") if e.subject == "eu-gdpr/authority/DE"]
    assert len(found) == 1


def test_a_turn_that_overruns_is_not_doubled() -> None:
    until, inside, most = threading.Event(), [], []

    def slow() -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.2)
        inside.pop()
        if len(most) >= 4:
            until.set()

    turn(slow, lambda: None, until)
    assert max(most) == 1


def test_the_worker_delivers_what_was_launched_and_ends_when_asked(house: House) -> None:
    house.launched()
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "incident_engine", "worker"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while len(house.mail.written) + len(house.sms.written) < 3 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0, err
    assert "Stopped." in out
    assert err == ""
    assert house.outcomes() == {"accepted": 3, "undeliverable": 1}
