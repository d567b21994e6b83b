"""A copy of every file that ever stood on a public page, among the evidence, named by its hash.

The page's own folder is the web server's and holds only the last; what stood before is proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from incident_engine.home import Home
from incident_engine.store import evidence


def keep(home: Home, reference: str, files: Mapping[str, bytes]) -> None:
    """Keep these files of an incident's page; the same bytes are kept once. Raises Unreachable."""
    for content in files.values():
        path = _place(home, reference, sha256(content).hexdigest())
        if not path.is_file():
            evidence.write(path, content)


def read(home: Home, reference: str, files: Mapping[str, str]) -> dict[str, bytes]:
    """The files (path to SHA-256) whose copies are still there and still the same bytes."""
    found = {}
    for path, digest in files.items():
        place = _place(home, reference, digest)
        content = place.read_bytes() if place.is_file() else b""
        if sha256(content).hexdigest() == digest:
            found[path] = content
    return found


def _place(home: Home, reference: str, digest: str) -> Path:
    return home.evidence / reference / "announcement" / digest
