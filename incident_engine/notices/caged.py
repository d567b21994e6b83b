"""The child process in which an organisation's own templates run: a line of JSON in, a line out.

Started by `cage` and never imported. It may hold so much memory, use so many processor seconds for
one template, write no file and start no process; what goes over a limit ends it, and `cage` says
so. The limits are the kernel's (setrlimit), so no trick of a template's reaches them.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.notices.outline import as_value
from incident_engine.notices.render import compile_template, render

MEMORY = 384 * 1024 * 1024  # bytes of address space; the interpreter and its libraries take half
SECONDS = 3  # of the processor, for one template


def main() -> None:
    """Answer each line until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    for line in sys.stdin.buffer:
        _grant_time()
        answer = json.dumps(_answered(json.loads(line)), ensure_ascii=False)
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


def _grant_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime) + 1 + SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soon, hard))


def _answered(asked: dict[str, Any]) -> dict[str, Any]:
    name = asked["name"]
    try:
        template = compile_template(
            asked["source"],
            name=name,
            slots=frozenset(asked["slots"]),
            markup=asked["markup"],
            finalize=as_value if asked["outline"] else None,
        )
        return {"text": render(template, asked["values"], name=name)}
    except BadInput as fault:
        return {"fault": fault.as_json()}
    except MemoryError:
        return {"fault": BadInput(
            "bad-template", name, "wants more memory than a template may have",
            expected=f"at most {MEMORY // 2**20} MB", next_step="Make it shorter.",
        ).as_json()}  # fmt: skip


if __name__ == "__main__":
    main()
