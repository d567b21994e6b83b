"""The child in which a template of the organisation's own is run: one JSON line in, one out.

It starts without our environment, so without our secrets; it may open no file for writing, and
takes no more memory or processor time than its first line allows. It dies with its parent's pipe.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.notices.outline import as_value
from incident_engine.notices.render import compile_template, render


def main() -> int:
    """Answer jobs until the pipe is closed."""
    limits = json.loads(sys.stdin.buffer.readline())
    _limit(limits["memory"])
    for line in sys.stdin.buffer:
        answer = _answer(json.loads(line), limits)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(job: Mapping[str, Any], limits: Mapping[str, int]) -> dict[str, Any]:
    _allow_seconds(limits["seconds"])
    try:
        text = _run(job)
        if len(text) > limits["letters"]:
            return {"too_much": f"makes a text of {len(text):,} characters"}
        return {"text": text}
    except MemoryError:
        return {"too_much": "needs more memory than it may have"}
    except BadInput as refused:
        parts = ("code", "place", "found", "expected", "next_step")
        return {"refused": {part: getattr(refused, part) for part in parts}}


def _run(job: Mapping[str, Any]) -> str:
    template = compile_template(
        job["source"],
        name=job["name"],
        slots=frozenset(job["slots"]),
        markup=job["markup"],
        finalize=as_value if job["as_lines"] else None,
    )
    return render(template, job["values"])


def _allow_seconds(seconds: int) -> None:
    """From now on so many more of processor time; the kernel ends us at the next."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = int(spent.ru_utime + spent.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main())
