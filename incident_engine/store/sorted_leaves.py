"""The hashes of many rows in rising order, in flat memory: what a root over rows is taken from.

Nobody is named by them: they are SHA-256 of rows that are not kept here.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

_SIZE = 32  # bytes of a leaf
_READ = 1_024  # leaves read of a run at once


class SortedLeaves:
    """Leaves come in any order and go out sorted. A context: leaving it forgets them.

    At most `at_once` wait in memory; more are sorted into files without a name, and merged.
    """

    def __init__(self, at_once: int = 50_000) -> None:
        self._at_once = at_once
        self._waiting: list[bytes] = []
        self._runs: list[IO[bytes]] = []
        self._open = ExitStack()

    def __enter__(self) -> SortedLeaves:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, leaf: bytes) -> None:
        """One more: 32 bytes."""
        self._waiting.append(leaf)
        if len(self._waiting) >= self._at_once:
            run = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # it is one
            run.write(b"".join(sorted(self._waiting)))
            self._runs.append(run)
            self._waiting = []

    def __iter__(self) -> Iterator[bytes]:
        return heapq.merge(sorted(self._waiting), *map(_leaves_of, self._runs))


def _leaves_of(run: IO[bytes]) -> Iterator[bytes]:
    run.seek(0)
    while read := run.read(_SIZE * _READ):
        for start in range(0, len(read), _SIZE):
            yield read[start : start + _SIZE]
