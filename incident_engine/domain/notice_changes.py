"""What a reader of an earlier notice has to hear first: which of its parts have changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

# By the keys of facts; the order is that in which a reader is told.
_TOLD = {
    "cause": r"cause\..*|story\.[^.]+\.(cause|narrative)",
    "types": r"data\.types",
    "people": r"people\..*\.count|people\.[^.]+",
    "when": r"clocks\.occurred_.*",
    "measures": r"measures\..*|story\.[^.]+\.measures",
    "advice": r"story\.[^.]+\.advice|story\.[^.]+\.consequences|consequences\..*",
    "remedies": r"remedies|story\.[^.]+\.remedies",
    "contact": r"contacts\.(public|main|dpo)\..*",
}


def what_changed(keys: Iterable[str]) -> tuple[str, ...]:
    """The codes of `[changed]` in a language's words.toml for facts added or corrected since."""
    told = list(keys)
    return tuple(
        code
        for code, pattern in _TOLD.items()
        if any(re.fullmatch(pattern, key, re.DOTALL) for key in told)
    )
