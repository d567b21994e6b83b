"""A document as one TOML text, always the same for the same document.

The standard library reads TOML and does not write it; what is printed here is read by people and
hashed, so its order is that of the document and its form has no choices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml_text(document: Mapping[str, Any]) -> str:
    """The document, tables after the plain keys of each table. Values are those TOML has."""
    return "\n".join(_table(document, ())).strip() + "\n"


# Lists that read best one table a heading; other tables in lists stand on their line.
_HEADED = frozenset({
    "obligation", "due", "exception", "order", "benefit", "retention", "conditional", "example",
    "or_sooner", "or_later",
})  # fmt: skip
_ON_ONE_LINE = frozenset({"when", "roll_when", "until"})


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {k: v for k, v in table.items() if _is_headed(k, v, path)}
    for key, value in table.items():
        if key not in inner:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        name = ".".join(_key(part) for part in (*path, key))
        for each in value if isinstance(value, list) else [value]:
            yield ""
            yield f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield from _table(each, (*path, key))


def _is_headed(key: str, value: Any, path: tuple[str, ...]) -> bool:
    if isinstance(value, list):
        tables = bool(value) and all(isinstance(each, Mapping) for each in value)
        return tables and key in _HEADED
    listed = path[-1:] in (("terms",), ("sources",)) or "facts" in path
    return isinstance(value, Mapping) and key not in _ON_ONE_LINE and not listed


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # JSON leaves one character bare that TOML does not allow.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return repr(value)
