"""Every command says what it does and shows one example, at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.cast import typed

VERBS = {
    "incident": "open list show note fact move timeline",
    "obligation": "done waive hold release restore",
    "people": "check import list",
    "notice": "prepare preview check list",
    "announce": "put-up take-down status",
    "journal": "show verify checkpoint",
    "playbook": "list show check diff",
    "config": "set show",
    "user": "add disable list",
}
ALONE = (
    "init login demo assess obligations deadlines approve reject send pause resume stop "
    "deliveries resolve tick worker doctor"
)
COMMANDS = [f"{noun} {verb}" for noun, verbs in VERBS.items() for verb in verbs.split()]
COMMANDS += ALONE.split()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_of_the_command_itself(command: str) -> None:
    answer = typed(*command.split(), "--help")
    assert (answer.status, answer.err) == (0, "")
    assert f"Example: incident-engine {command}" in " ".join(answer.out.split())


@pytest.mark.parametrize("command", ["", "send", "people import"])
def test_help_comes_at_once(command: str) -> None:
    """Processor seconds, so that a busy machine does not fail it; twice what was measured."""
    before = os.times().children_user
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "incident_engine", *command.split(), "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Usage: incident-engine" in done.stdout
    spent = os.times().children_user - before
    assert min(spent, time.monotonic() - began) < 0.5
