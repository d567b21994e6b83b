"""A mail server for the demonstration: on loopback, every message a file, nothing goes further."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
_LONGEST_MAIL = 10_000_000


class MailServer:
    """Takes mail on a port of its own and writes it to `folder`/mail/0001.eml and onwards.

    An address in `unknown` is answered 550 5.1.1; one in `busy_once` is put off with 451 the
    first time. Used as a context manager, or with start and stop.
    """

    def __init__(
        self, folder: Path, *, unknown: Collection[str] = (), busy_once: Collection[str] = ()
    ) -> None:
        self.folder = folder / "mail"
        self.port = 0
        self.written: list[Path] = []
        self._unknown = frozenset(unknown)
        self._busy = set(busy_once)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo-mail", daemon=True)

    def start(self) -> MailServer:
        """Listen; the port is known when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._conversation, HOST, 0)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every conversation."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def __enter__(self) -> MailServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self._unknown:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        if address in self._busy:
            self._busy.discard(address)
            return f"451 4.7.1 <{address}>: Greylisted, please try again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        path = self.folder / f"{len(self.written) + 1:04d}.eml"
        path.write_bytes(envelope.original_content)
        self.written.append(path)
        return f"250 2.0.0 Ok: queued as DEMO{path.stem}"

    def _conversation(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=_LONGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="mail.kestrel.example",
            ident="demonstration",
            loop=self._loop,
        )

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        conversations = asyncio.all_tasks() - {asyncio.current_task()}
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await asyncio.sleep(0)
