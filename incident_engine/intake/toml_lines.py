"""On which line of a TOML file a key stands, so that a fault can be found with an editor.

The standard reader tells lines only of what is not TOML at all; this reads headers and keys.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*(?P<open>\[\[?)\s*(?P<name>[^\]]+?)\s*\]\]?")
_KEY = re.compile(r"\s*(?P<name>[A-Za-z0-9_-]+|\"[^\"]*\")\s*(?:=|\.)")


def lines_of(text: str) -> dict[str, int]:
    """Paths as faults name them (`obligation[1].due[0].within`), each with its line, from 1."""
    found: dict[str, int] = {}
    seen: dict[str, int] = {}  # how many tables of an array there are so far
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _table(header["name"], seen, header["open"] == "[[")
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key["name"].strip('"')
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def _table(name: str, seen: dict[str, int], another: bool) -> str:
    path = ""
    *outer, last = (part.strip().strip('"') for part in name.split("."))
    for part in outer:
        path = _inside(path, part)
        if path in seen:
            path += f"[{seen[path] - 1}]"
    path = _inside(path, last)
    if not another:
        return path
    seen[path] = seen.get(path, 0) + 1
    return f"{path}[{seen[path] - 1}]"


def _inside(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def line_of(lines: dict[str, int], path: str) -> int | None:
    """The line of a path, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"(\.[^.\[\]]*|\[\d+\])$", "", path) if re.search(r"[.\[]", path) else ""
    return None
