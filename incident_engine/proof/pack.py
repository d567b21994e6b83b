"""Write an inspection pack: a ZIP that is the same, byte for byte, for the same content.

Files are streamed in the order they are added; then come the manifest with every file's hash and
size, its signature, and behind the last byte of the ZIP the signature over all bytes before it.
"""

from __future__ import annotations

import json
import os
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Self

import rfc8785

from incident_engine.proof import verify

Sign = Callable[[bytes], bytes]

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # ZIP knows no earlier one; when it was made is in the manifest
_CHUNK = 1024 * 1024


@dataclass
class PackFile:
    """The pack being written: add files, then `close` once. Left before that, it is none."""

    stream: BinaryIO
    files: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._archive = zipfile.ZipFile(self.stream, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def add(self, path: str, content: bytes) -> None:
        """Add a file, whole."""
        self.add_chunks(path, [content])

    def add_json(self, path: str, value: object) -> None:
        """Add a JSON file as people read it."""
        self.add(path, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")

    def add_lines(self, path: str, lines: Iterable[bytes]) -> int:
        """Add a file of lines, one at a time. Returns how many."""
        count = 0

        def counted() -> Iterable[bytes]:
            nonlocal count
            for line in lines:
                count += 1
                yield line + b"\n"

        self.add_chunks(path, counted())
        return count

    def add_chunks(self, path: str, chunks: Iterable[bytes]) -> None:
        """Add a file piece by piece, and note its hash and size for the manifest."""
        digest, size = sha256(), 0
        with self._archive.open(_member(path), "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.files.append({"path": path, "sha256": digest.hexdigest(), "size": size})

    def close(self, statement: Mapping[str, Any], sign: Sign) -> None:
        """Write the manifest, which says `statement` and lists every file, and sign it all."""
        listed = sorted(self.files, key=lambda each: str(each["path"]))
        manifest = rfc8785.dumps({"format": verify.FORMAT, **statement, "files": listed})
        self._archive.writestr(_member(verify.MANIFEST), manifest)
        self._archive.writestr(_member(verify.SIGNATURE), b64encode(sign(manifest)) + b"\n")
        # The comment of a ZIP is its last bytes: there the signature over all others stands.
        self._archive.comment = b"0" * verify.SEAL_LENGTH
        self._archive.close()
        self._seal(sign)

    def _seal(self, sign: Sign) -> None:
        left = self.stream.seek(0, os.SEEK_END) - verify.SEAL_LENGTH
        self.stream.seek(0)
        digest = sha256()
        while left:
            chunk = self.stream.read(min(_CHUNK, left))
            digest.update(chunk)
            left -= len(chunk)
        self.stream.seek(-verify.SEAL_LENGTH, os.SEEK_END)
        self.stream.write(sign(verify.seal_statement(digest.digest())).hex().encode())


def verifier() -> bytes:
    """The verifier that travels in every pack: this house's own, byte for byte."""
    return Path(verify.__file__).read_bytes()


def _member(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _FIRST_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, wherever it is made
    info.external_attr = 0o100644 << 16
    return info
