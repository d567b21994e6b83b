"""The shortest path, typed word for word as the contract has it, each command a process."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from email import policy
from pathlib import Path

import pytest

from incident_engine.demo.mailbox import MailServer
from tests.cast import FACTS, GONE, PEOPLE

PYTHON = f"{sys.executable} -m incident_engine"


class Shell:
    """A terminal in a folder of its own, where `incident-engine` is this very tree's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "incident-engine").write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
        (folder / "incident-engine").chmod(0o755)
        plain = {k: v for k, v in os.environ.items() if not k.startswith("INCIDENT_")}
        self.environment = plain | {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def type(self, line: str, status: int = 0) -> str:
        """Type a line; returns what was printed. Whatever was exported stays."""
        done = subprocess.run(
            ["bash", "-c", f"{line}\nstatus=$?\nexport -p > exported\nexit $status"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == status, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        for name, value in re.findall(
            r'^declare -x (\w+)="(.*)"$', (self.folder / "exported").read_text(), re.M
        ):
            self.environment[name] = value
        self.err = done.stderr
        return done.stdout

    def last_word(self, line: str) -> str:
        return self.type(line).split()[-1]


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(tmp_path, unknown=[GONE]) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "facts.toml").write_text(FACTS)
    (tmp_path / "people.csv").write_text(PEOPLE)
    return Shell(tmp_path)


def test_from_an_empty_folder_to_proof(shell: Shell, mail: MailServer, tmp_path: Path) -> None:
    shell.type("export INCIDENT_ENGINE_HOME=$PWD/home")
    maren = shell.last_word(
        'incident-engine init --organisation "Kestrel Cloud" --country CN --admin maren'
    )
    dov = shell.last_word("incident-engine user add dov --role approver")
    assert len({maren, dov}) == 2
    assert min(len(maren), len(dov)) >= 32
    shell.type(
        "incident-engine config set email.host 127.0.0.1 && "
        f"incident-engine config set email.port {mail.port} && "
        "incident-engine config set email.security none"
    )
    assert shell.last_word("incident-engine incident open facts.toml") == "INC-2026-0001"
    shell.type("incident-engine people import INC-2026-0001 people.csv")
    sha256 = shell.last_word("incident-engine notice prepare INC-2026-0001 --channels email,sms")
    assert re.fullmatch("[0-9a-f]{64}", sha256)

    shell.environment["DOV"] = dov
    shell.type(f"INCIDENT_ENGINE_TOKEN=$DOV incident-engine approve INC-2026-0001 {sha256}")

    said = shell.type("incident-engine send INC-2026-0001 --wait")
    assert "sms.account_sid: is not set" in shell.err, "a warning: email went out all the same"
    assert "1 cannot be reached" in said
    found = json.loads(shell.type("incident-engine deliveries INC-2026-0001 --json"))
    assert found["counts"] == {"accepted": 1, "pending": 2, "undeliverable": 1}
    assert sum(found["counts"].values()) == len(found["deliveries"])
    assert set(found["deliveries"][0]) >= {
        "person", "channel", "address", "outcome", "attempts", "reference",
    }  # fmt: skip
    assert "ada@people.example" not in json.dumps(found), "addresses are masked"

    [path] = mail.written
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert [str(each) for each in message.get_all("To", [])] == ["ada@people.example"]
    assert not {"Cc", "Bcc"} & set(message.keys())
    assert str(message["Message-ID"])[1:33] in {d["reference"] for d in found["deliveries"]}

    page = shell.type("incident-engine announce put-up INC-2026-0001").split()[-1]
    assert "Kestrel Cloud" in Path(page).read_text()
    assert "Ada Lovell" not in Path(page).read_text()
    assert "The journal is whole" in shell.type("incident-engine journal verify")
    for secret in (maren, dov, "ada@people.example", "Ada Lovell"):
        for file in (tmp_path / "home").rglob("*"):
            if file.is_file() and file.name != "login":
                assert secret.encode() not in file.read_bytes(), (secret, file)
    assert (tmp_path / "home/login").stat().st_mode & 0o077 == 0
