"""Processes beside us that are spoken to line by line, and what the world's own record says."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path


class Process:
    """A module run beside us, spoken to line by line."""

    def __init__(self, module: str, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *words], cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def hears(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def says(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def ended(self) -> int:
        """How the dispatcher's child ended; only now does its number go to somebody else."""
        self.hears("over")
        return self.says()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def taken(world: Path) -> Counter[str]:
    """How often the relay took each of our references."""
    lines = world.read_text().splitlines() if world.exists() else []
    return Counter(line.split()[0] for line in lines)


def wait_for(world: Path, messages: int, more: float) -> None:
    """Until the relay has taken so many, and a moment more: so a slow machine is met at work."""
    patience = time.monotonic() + 20
    while taken(world).total() < messages and time.monotonic() < patience:
        time.sleep(0.002)
    time.sleep(more)
