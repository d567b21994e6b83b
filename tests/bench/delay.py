"""A wire that takes its time: `python -m tests.bench.delay DOOR BEHIND SECONDS`, each way."""

from __future__ import annotations

import asyncio
import sys


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    """Everything arrives `seconds` later, in order, however much is on its way."""
    loop, under_way = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def hand_over() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)

    handing = asyncio.create_task(hand_over())
    data = b"begin"
    while data:
        try:
            data = await reader.read(65_536)
        except OSError:
            data = b""
        under_way.put_nowait((loop.time() + seconds, data))
    await handing


async def main(door: int, behind: int, seconds: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(
            _carry(reader, their_writer, seconds), _carry(their_reader, writer, seconds)
        )

    server = await asyncio.start_server(meet, "127.0.0.1", door, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
