"""A provider that takes 100 ms for every text: `python -m tests.bench.slow_provider LOG [SECONDS]`.

Prints its port. Each text is one line of LOG: the number, and the words as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from pathlib import Path
from typing import TextIO
from urllib.parse import parse_qs

_NUMBERS = count(1)


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: TextIO, seconds: float
) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            form = parse_qs((await reader.readexactly(length)).decode())
            await asyncio.sleep(seconds)
            writer.write(_answer(form, log))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _answer(form: dict[str, list[str]], log: TextIO) -> bytes:
    to, words = form.get("To", [""])[0], form.get("Body", [""])[0]
    if to:
        log.write(f"{to} {json.dumps(words)}\n")
        log.flush()
    told = {"sid": f"SM{next(_NUMBERS):032x}", "status": "queued", "to": to, "body": words}
    body = json.dumps(told).encode()
    head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def main(log: Path, seconds: float) -> None:
    with log.open("a", encoding="utf-8") as file:
        server = await asyncio.start_server(
            lambda reader, writer: _talk(reader, writer, file, seconds), "127.0.0.1", 0, backlog=500
        )
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.1))
