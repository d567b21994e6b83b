"""README is true: its pictures are the tables', its commands exist and run."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup as Group

from incident_engine.cli.main import program
from incident_engine.demo.command import demo
from incident_engine.domain.lifecycle import CAMPAIGN, INCIDENT, OBLIGATION
from incident_engine.domain.pictures import delivery_picture, lifecycle_picture

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES = {
    "incident": lifecycle_picture(INCIDENT),
    "obligation": lifecycle_picture(OBLIGATION),
    "campaign": lifecycle_picture(CAMPAIGN),
    "delivery": delivery_picture(),
}


def blocks(text: str) -> list[str]:
    """What stands in the shell blocks of a text, in order."""
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def commands(group: Group, before: str = "") -> dict[str, Any]:
    """Every command, by what is typed."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        typed = f"{before} {name}".strip()
        found |= commands(command, typed) if isinstance(command, Group) else {typed: command}
    return found


def whole_program() -> Group:
    program.command()(demo)
    command = typer.main.get_command(program)
    assert isinstance(command, Group)
    return command


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_one_drawn_from_the_table(name: str) -> None:
    found = re.search(rf"<!-- picture: {name} -->\n```mermaid\n(.*?)\n?```", README, re.DOTALL)
    assert found
    assert found[1] == PICTURES[name]


def test_every_command_stands_in_the_table() -> None:
    for typed in commands(whole_program()):
        assert f"`{typed}`" in README, typed


def test_every_command_explains_itself() -> None:
    for typed, command in commands(whole_program()).items():
        assert command.help, typed
        assert f"Example: incident-engine {typed}" in " ".join(command.help.split()), typed


def test_the_two_commands_are_alone_in_their_blocks() -> None:
    for mark in ("demo command", "test command"):
        found = re.search(rf"<!-- {mark} -->\n```sh\n(.*?)```", README, re.DOTALL)
        assert found
        assert len(found[1].splitlines()) == 1


def test_every_command_of_the_ten_minutes_runs(tmp_path: Path) -> None:
    """Typed by a newcomer from top to bottom, in a folder that looks like a fresh clone."""
    part = README.split("## Ten minutes with it")[1].split("\n## ")[0]
    for name in ("incident_engine", "playbooks", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "\n".join(["set -eo pipefail", "trap 'kill $(jobs -p)' EXIT", *blocks(part)])
    knock = f"(exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && break"
    wait = f"for _ in $(seq 100); do {knock}; sleep 0.1; done"
    script = script.replace("2525", port).replace("mailbox &\n", f"mailbox &\n{wait}\n")
    plain = {key: value for key, value in os.environ.items() if not key.startswith("INCIDENT_")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=plain, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert "The journal is whole" in done.stdout
    assert len(list((tmp_path / "mailbox/new").iterdir())) > 400
