"""Files kept as evidence in the home: written whole or not at all, readable by the owner alone."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from incident_engine.domain.errors import Unreachable


def write(path: Path, content: bytes) -> str:
    """Write a file beside its place, make it durable, then put it there. Returns its SHA-256.

    Raises Unreachable when the disk refuses; then nothing stands under that name that did not
    before.
    """
    aside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise Unreachable(
            "evidence",
            str(path),
            f"cannot be written ({error.strerror})",
            next_step="Look at the disk and the folder's rights, then repeat the command.",
        ) from error
    return sha256(content).hexdigest()
