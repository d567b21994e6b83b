"""A mail relay in a process of its own: writes down what it takes, to the disk, and then says so.

`python -m tests.stories.relay LOG [pipelining]` prints its port. Each line of LOG is one accepted
message. With `pipelining` it offers RFC 2920, and the next letter begins behind the last dot.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from aiosmtpd.smtp import SMTP

BUSY_SECONDS = 0.01  # a real relay does not answer at once; a kill then meets it waiting


class Recorder:
    """Appends the Message-ID and the recipient, flushed to the disk before the answer."""

    def __init__(self, log: str, offers: list[str]) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.offers = [f"250-{each.upper()}" for each in offers]

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *self.offers, responses[-1]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        head = envelope.original_content.split(b"\r\n\r\n")[0]
        [line] = [x for x in head.split(b"\r\n") if x.lower().startswith(b"message-id:")]
        await asyncio.sleep(BUSY_SECONDS)
        os.write(self.log, line[13:45] + b" " + " ".join(envelope.rcpt_tos).encode() + b"\n")
        os.fsync(self.log)
        await asyncio.sleep(BUSY_SECONDS)
        return "250 2.0.0 Ok: queued"


async def main(log: str, offers: list[str]) -> None:
    recorder = Recorder(log, offers)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(recorder, hostname="relay.example"), "127.0.0.1", 0
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
