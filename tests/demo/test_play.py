"""The demo ends with a line to type: whoever types it sees the incident, without any set-up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = (sys.executable, "-m", "incident_engine")


def test_the_last_line_of_the_demo_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("INCIDENT_")}
    played = subprocess.run(
        [*PROGRAM, "demo", "--out", str(tmp_path / "out")],
        env=plain, capture_output=True, text=True, check=True,
    )  # fmt: skip
    line = " ".join(played.stdout.split())
    said = re.search(r"INCIDENT_ENGINE_HOME=(\S+) and type incident-engine (.+)$", line)
    assert said, line[-300:]
    shown = subprocess.run(
        [*PROGRAM, *said[2].split()],
        env=plain | {"INCIDENT_ENGINE_HOME": said[1]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "INC-2026-0001" in shown.stdout
