"""Where templates run: those shipped here, the organisation's own in a child with limits.

The tree check of `render` keeps a template from Python and from files; it does not keep two loops
over long lists from making more text than the machine has memory for, or from taking all night.
One child serves a whole preparing, whatever the number of readers: it is started by the first
template of the organisation's own, gets plain JSON and gives plain JSON.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.notices.outline import as_value
from incident_engine.notices.render import compile_template, render


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one template may take: bytes of memory, seconds of processor time and of the clock on
    the wall, characters of text. And what all of them may for one preparing: a template that takes
    three seconds takes them for every group of readers."""

    memory: int = 256 * 1024 * 1024
    seconds: int = 5
    wall: float = 15.0
    letters: int = 150_000
    altogether: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """One template to run. `own` says that the organisation wrote it; `as_lines` that its values
    go through `outline.as_value`."""

    source: str
    name: str
    slots: frozenset[str]
    values: Mapping[str, object]
    own: bool
    markup: bool = False
    as_lines: bool = False


@dataclass
class Cage:
    """Runs templates. Use `open_cage`, which ends the child."""

    limits: Limits = field(default_factory=Limits)
    _child: subprocess.Popen[bytes] | None = None
    _spent: float = 0.0  # seconds on the wall, over all of the organisation's own

    def run(self, job: Job) -> str:
        """The text a template makes. Raises BadInput with file, line and slot; for one of the
        organisation's own also when it takes more than its limits."""
        return self._caged(job) if job.own else _here(job)

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _caged(self, job: Job) -> str:
        if self._spent > self.limits.altogether:
            raise self._too_much(job, f"took {self._spent:.0f} seconds over all groups of readers")
        line = self._ask({
            "source": job.source,
            "name": job.name,
            "slots": sorted(job.slots),
            "values": job.values,
            "markup": job.markup,
            "as_lines": job.as_lines,
        })  # fmt: skip
        if not line.endswith(b"\n"):
            self.close()
            raise self._too_much(job, "did not end in time")
        answer = json.loads(line)
        if refused := answer.get("refused"):
            raise BadInput(
                refused["code"],
                refused["place"],
                refused["found"],
                expected=refused["expected"],
                next_step=refused["next_step"],
            )
        if too_much := answer.get("too_much"):
            self.close()  # what took all the memory may not have given it back
            raise self._too_much(job, too_much)
        return str(answer["text"])

    def _ask(self, job: Mapping[str, Any]) -> bytes:
        child, began = self._child or self._start(), time.monotonic()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            return b""
        line = _line(child, began + self.limits.wall)
        self._spent += time.monotonic() - began
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        # No environment: nothing in it is a template's business, and secrets come that way.
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-m", "incident_engine.notices.caged"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(vars(self.limits)).encode() + b"\n")
        return self._child

    def _too_much(self, job: Job, found: str) -> BadInput:
        limits = self.limits
        return BadInput(
            "template-takes-too-much",
            job.name,
            found,
            expected=f"at most {limits.seconds} seconds, {limits.memory // 1024**2} MB of memory "
            f"and {limits.letters:,} characters, and {limits.altogether:.0f} seconds for all",
            next_step="Take a loop out of the template, or shorten the facts it goes through.",
        )


@contextmanager
def open_cage(limits: Limits | None = None) -> Iterator[Cage]:
    """A cage for one preparing; its child, if one was needed, ends with it."""
    cage = Cage(limits or Limits())
    try:
        yield cage
    finally:
        cage.close()


def _here(job: Job) -> str:
    template = compile_template(
        job.source,
        name=job.name,
        slots=job.slots,
        markup=job.markup,
        finalize=as_value if job.as_lines else None,
    )
    return render(template, job.values)


def _line(child: subprocess.Popen[bytes], until: float) -> bytes:
    """What the child answers, up to the end of its line, its end or ours: `until` is monotonic."""
    assert child.stdout is not None
    found = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while not found.endswith(b"\n"):
            if not ready.select(max(0.0, until - time.monotonic())):
                break
            if not (piece := os.read(child.stdout.fileno(), 1 << 16)):
                break
            found += piece
    return bytes(found)
