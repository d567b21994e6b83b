"""An organisation's own templates run in a child process, which the kernel keeps within limits.

The list of what a template may say (`render`) leaves nothing that computes, but two loops over
long lists are long, and a list can have a hole. So what is not ours runs in a process that has no
secrets in its memory, no file to write, a third of a gigabyte and three seconds. What is shipped
runs here: the same people wrote the list.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from incident_engine.domain.errors import BadInput

WAIT = 15.0  # seconds of the clock for one template, on however busy a machine
LARGEST = 8 * 1024 * 1024  # bytes of one answer; the longest shipped notice has a hundredth of it
_PROGRAM = "incident_engine.notices.caged"


def render_caged(
    source: str,
    values: Mapping[str, object],
    *,
    name: str,
    slots: frozenset[str],
    markup: bool = False,
    outline: bool = False,
) -> str:
    """A template of the organisation's own with its slots filled, by the child.

    `name` is the file named in faults, `markup` escapes every value for HTML, `outline` marks
    values so that none reads as a heading. Raises BadInput: with file, line and slot where the
    template is at fault, and where it took more time, memory or room than it may.
    """
    asked = {
        "source": source, "name": name, "slots": sorted(slots), "markup": markup,
        "outline": outline, "values": values,
    }  # fmt: skip
    answer = _cage().ask(asked, name)
    if fault := answer.get("fault"):
        raise BadInput(
            fault["error"], fault["place"], fault["found"],
            expected=fault["expected"], next_step=fault["next_step"],
        )  # fmt: skip
    return str(answer["text"])


@cache
def _cage() -> _Cage:
    return _Cage()


class _Cage:
    """One child, started when first needed and again after one was ended by its limits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, asked: Mapping[str, object], name: str) -> dict[str, Any]:
        """What the child answers. Raises BadInput where it was ended instead."""
        line = json.dumps(asked, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            child = self._running()
            try:
                answer: dict[str, Any] = json.loads(_exchange(child, line))
            except (OSError, EOFError, ValueError) as ended:
                self._end(child)
                raise _over_limit(name, ended) from None
            return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                # Nothing of this process's environment: there may be a token in it.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                close_fds=True, start_new_session=True,
            )  # fmt: skip
        return self._child

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
        self._child = None


def _exchange(child: subprocess.Popen[bytes], line: bytes) -> bytes:
    """Write a line, read a line; EOFError, TimeoutError or ValueError where none comes."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(line)
    child.stdin.flush()
    found = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while not found.endswith(b"\n"):
            if not ready.select(WAIT):
                raise TimeoutError
            part = os.read(child.stdout.fileno(), 65_536)
            if not part:
                raise EOFError
            found += part
            if len(found) > LARGEST:
                raise ValueError("too long")
    return bytes(found)


def _over_limit(name: str, ended: Exception) -> BadInput:
    found = {
        TimeoutError: f"gave no answer within {WAIT:.0f} s",
        ValueError: f"made more than {LARGEST // 2**20} MB of text",
    }.get(type(ended), "was ended: it took more processor time or memory than a template may")
    return BadInput("bad-template", name, found, expected="a template of text, slots and lists",
                    next_step="Correct the template, then repeat the command.")  # fmt: skip
