"""Every command says what it does and shows one example, at once."""

from __future__ import annotations

import subprocess
import sys

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
HEAVY = {
    "alembic", "babel", "cryptography", "holidays", "jinja2", "phonenumbers",
    "sqlalchemy", "sqlmodel", "twilio", "typst",
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_of_the_command_itself(command: str) -> None:
    answer = typed(*command.split(), "--help")
    assert (answer.status, answer.err) == (0, "")
    assert f"Example: incident-engine {command}" in " ".join(answer.out.split())


@pytest.mark.parametrize("command", ["", "send", "people import"])
def test_help_reads_none_of_the_heavy_libraries(command: str) -> None:
    """Whoever asks how a thing is typed waits for no database, template, provider or font."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "incident_engine", *command.split(), "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Usage: incident-engine" in done.stdout
    read = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in read, "what was imported could not be read"
    assert not read & HEAVY
