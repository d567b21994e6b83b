"""What an auditor reads first: README.txt in plain words, and index.html that says what is where.

The page has no script and needs no network; it is the same for every reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_PARTS = (
    ("facts.jsonl", "Facts", "every answer ever given about the incident, oldest first"),
    ("decisions/", "Decisions", "what each law asked, what was done, by whom, when and why"),
    ("law/", "Law", "the law files word for word as they were read, named by their hash"),
    ("notices/", "Notices", "the exact words, who approved them, and what the approval binds"),
    ("people.jsonl", "People", "who is affected: a random name, what decides law and language"),
    ("deliveries.jsonl", "Deliveries", "each notice to each person, each try and its answer"),
    ("receipts.jsonl", "What came back later", "bounces and receipts, believed or not"),
    (
        "reports/",
        "Reports",
        "what was prepared for and filed with authorities, and what they answered",
    ),
    ("packets/", "Packets for controllers", "what each controller we work for was handed"),
    ("announcement/", "Public page", "each version that stood, and every look at it"),
    ("journal/", "Journal", "who did what, when: a chain of hashes, and its signed checkpoints"),
    ("", "The pack itself", "the verifier, the public key, the people who may act"),
)


def readme(facts: Mapping[str, Any]) -> bytes:
    """README.txt from the pack's own statement."""
    return _rendered("readme.txt", escape=False, **facts)


def index(facts: Mapping[str, Any], files: Iterable[Mapping[str, Any]]) -> bytes:
    """index.html: every file of the pack under the part it belongs to."""
    left = sorted(files, key=lambda each: str(each["path"]))
    parts = []
    for prefix, title, says in _PARTS:
        inside = [each for each in left if each["path"].startswith(prefix)]
        left = [each for each in left if each not in inside]
        parts.append({"title": title, "says": says, "files": inside})
    return _rendered("index.html", escape=True, parts=parts, **facts)


def _rendered(name: str, *, escape: bool, **said: Any) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(**said).encode()
