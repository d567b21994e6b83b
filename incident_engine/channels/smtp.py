"""One connection to one relay, and one message over it, phase by phase (RFC 5321).

aiosmtplib opens the connection, speaks EHLO, STARTTLS and AUTH, and reads replies. MAIL, RCPT
and DATA are driven from here, because its own `sendmail` raises the same exception whether the
message was certainly not sent or perhaps sent, and hides a refusal when the RSET after it hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol, normalize_message_line_endings

from incident_engine.channels import Reply
from incident_engine.channels.message import Mailbox, one_mailbox
from incident_engine.channels.relay import Relay
from incident_engine.channels.smtp_codes import is_answer, queue_id, verdict, words_of
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome

Confirm = Callable[[str], Awaitable[bool]]

_LEADING_DOT = re.compile(rb"(?m)^\.")
_END_OF_DATA = b"\r\n.\r\n"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message ready for the wire."""

    reference: str
    recipient: Mailbox
    content: bytes


class _Client(aiosmtplib.SMTP):
    """Hangs up at once: a polite end of TLS with a dead server would outlive the event loop."""

    def close(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        super().close()


class StaleConnectionError(Exception):
    """The server closed a connection between two messages: nothing of the next one was tried."""


class _EndOfTheWayError(Exception):
    """The message's way ends here; carries the reply that says how."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.outcome)
        self.reply = reply


class Connection:
    """One connection, used by one task, never opened again once it is lost.

    `usable` is false as soon as the two sides may no longer agree on where they are.
    """

    def __init__(self, relay: Relay, client: aiosmtplib.SMTP) -> None:
        self._relay = relay
        self._client = client
        self._times = relay.timeouts
        self._carried = 0
        self._reset_due = False
        self.usable = True

    @classmethod
    async def open(cls, relay: Relay, tls: ssl.SSLContext | None) -> Connection:
        """Connected, encrypted where asked, greeted and logged in.

        Raises Unreachable with what the other side answered, or BadInput if it refused our login.
        """
        client = _Client(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.domain,
            use_tls=relay.security == "tls",
            start_tls=relay.security == "starttls",
            tls_context=tls,
            timeout=relay.timeouts.connect,
        )
        try:
            async with asyncio.timeout(relay.timeouts.connect):
                await client.connect()
                await client.ehlo()
                await _log_in(relay, client)
        except BaseException as error:
            client.close()
            if isinstance(error, aiosmtplib.SMTPException | OSError | ValueError):
                raise _unreachable(relay, error) from None
            raise
        return cls(relay, client)

    async def carry(self, letter: Letter, confirm: Confirm) -> Reply:
        """Bring one letter over, and say what came of it.

        1. RSET, if the letter before was broken off.
        2. MAIL, RCPT, DATA: whatever goes wrong here, nothing has been taken.
        3. The body without its end, handed over.
        4. Ask for confirmation that the book holds it; without it, hang up: nothing was sent.
        5. The final dot. From here on silence means doubt.

        Raises StaleConnectionError before step 2's first answer, if this connection had already
        carried something: the letter may be tried on another one at once.
        """
        try:
            await self._introduce(letter)
            await self._hand_over(letter)
            await self._book(letter, confirm)
            reply = await self._finish(letter)
        except _EndOfTheWayError as end:
            reply = end.reply
        except BaseException:
            self.abandon()
            raise
        self._carried += 1
        return reply

    async def close(self) -> None:
        """Say goodbye if the two sides still agree; every outcome has been told before this."""
        if self.usable and self._client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=self._times.quit)
        self.abandon()

    def abandon(self) -> None:
        """Hang up at once. A body without its final dot is thrown away by the server."""
        self.usable = False
        self._client.close()

    async def _introduce(self, letter: Letter) -> None:
        options = _options_for(letter, self._client)
        sender = f"FROM:<{self._relay.written_by.mailbox.address}>"
        recipient = letter.recipient.address
        if one_mailbox(recipient) != letter.recipient:  # the last look before it counts
            raise ValueError("the recipient is not the one mailbox it was")
        await self._refresh(letter)
        await self._ask(letter, "mail", "MAIL", sender, *options)
        await self._ask(letter, "rcpt", "RCPT", f"TO:<{recipient}>")
        await self._ask(letter, "data", "DATA")

    async def _refresh(self, letter: Letter) -> None:
        if not self._reset_due:
            return
        try:
            await self._ask(letter, "mail", "RSET")
        except _EndOfTheWayError:
            raise self._stale() from None
        self._reset_due = False

    async def _ask(self, letter: Letter, phase: str, *words: str) -> None:
        """Send one command; go on only if it was answered as wished, else end the letter's way."""
        line = [word.encode("utf-8") for word in words]
        wait = self._times.data if phase == "data" else self._times.command
        try:
            answer = await self._client.execute_command(*line, timeout=wait)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._lost(letter, phase, error) from None
        if answer.code // 100 == (3 if phase == "data" else 2):
            return
        if answer.code == 421 and phase == "mail" and self._carried:
            raise self._stale()
        raise self._ended(letter, phase, answer.code, answer.message)

    async def _hand_over(self, letter: Letter) -> None:
        """The body, dots doubled and line ends made CRLF; all but its end out of our hands."""
        protocol = self._protocol(letter, "data")
        protocol._response_pending = True  # an early refusal must be heard, not thrown away
        try:
            _keep_nothing_back(protocol)
            protocol.write(stuffed(letter.content))
            await asyncio.wait_for(protocol._drain_helper(), self._times.block)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._lost(letter, "data", error) from None
        await self._listen(letter)

    async def _book(self, letter: Letter, confirm: Confirm) -> None:
        if not await confirm(letter.reference):
            self.abandon()
            said = "not sent: the book no longer holds it; hung up before the final dot"
            raise _EndOfTheWayError(_reply(letter, Outcome.CANCELLED, said, "dot"))
        await self._listen(letter)

    async def _listen(self, letter: Letter) -> None:
        """If the server has already answered or gone, the dot must not be written."""
        protocol = self._protocol(letter, "data")
        waiter = protocol._response_waiter
        if waiter is None or not waiter.done():
            return
        try:
            answer = await protocol.read_response(timeout=self._times.quit)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._lost(letter, "data", error) from None
        self.abandon()
        raise self._ended(letter, "data", answer.code, answer.message)

    async def _finish(self, letter: Letter) -> Reply:
        protocol = self._protocol(letter, "dot")
        try:
            protocol.write(_END_OF_DATA)
        except aiosmtplib.SMTPException as error:  # it was never written: nothing is in doubt
            raise self._lost(letter, "dot", error) from None
        try:
            answer = await protocol.read_response(timeout=self._times.dot)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.abandon()
            return _reply(letter, Outcome.IN_DOUBT, _said_of(error), "answer")
        if not is_answer(answer.code) or answer.code // 100 == 3:
            self.abandon()
            return _reply(letter, Outcome.IN_DOUBT, words_of(answer.code, answer.message), "answer")
        return self._told(letter, "answer", answer.code, answer.message)

    def _protocol(self, letter: Letter, phase: str) -> SMTPProtocol:
        protocol = self._client.protocol
        if protocol is None:
            gone = aiosmtplib.SMTPServerDisconnected("Connection lost")
            raise self._lost(letter, phase, gone)
        return protocol

    def _lost(self, letter: Letter, phase: str, error: Exception) -> Exception:
        """The wire failed before the final dot: certainly not sent."""
        if phase == "mail" and self._carried and isinstance(error, ConnectionError):
            return self._stale()
        self.abandon()
        return _EndOfTheWayError(_reply(letter, Outcome.DEFERRED, _said_of(error), phase))

    def _stale(self) -> StaleConnectionError:
        self.abandon()
        return StaleConnectionError()

    def _ended(self, letter: Letter, phase: str, code: int, text: str) -> _EndOfTheWayError:
        if not is_answer(code) or code < 400:
            self.abandon()
        return _EndOfTheWayError(self._told(letter, phase, code, text))

    def _told(self, letter: Letter, phase: str, code: int, text: str) -> Reply:
        self._reset_due = phase != "answer"
        if code == 421:
            self.abandon()
        outcome = verdict(phase, code, text)
        number = queue_id(text) if outcome is Outcome.ACCEPTED else ""
        return Reply(
            reference=letter.reference,
            outcome=outcome,
            said=words_of(code, text),
            phase=phase,
            code=str(code) if is_answer(code) else "",
            provider_reference=number,
        )

    def speaks(self, extension: str) -> bool:
        """Whether the server offered this extension to EHLO."""
        return self._client.supports_extension(extension)


def stuffed(content: bytes) -> bytes:
    """The content as DATA wants it, without its end: CRLF only, leading dots doubled.

    A bare CR or LF would let a body write its own end of data at a lenient server
    (CVE-2023-51764), and quoted-printable's soft breaks do make lines that begin with a dot.
    """
    lines = normalize_message_line_endings(content)
    return _LEADING_DOT.sub(b"..", lines).removesuffix(b"\r\n")


def _options_for(letter: Letter, client: aiosmtplib.SMTP) -> list[str]:
    options = []
    if client.supports_extension("size"):
        options.append(f"SIZE={len(letter.content)}")
    if client.supports_extension("dsn"):
        # A bounce must not carry the text of the notice through third hosts (RFC 3461).
        options += ["RET=HDRS", f"ENVID={letter.reference}"]
    if letter.recipient.needs_smtputf8:
        options.append("SMTPUTF8")
    return options


def _reply(letter: Letter, outcome: Outcome, said: str, phase: str) -> Reply:
    return Reply(reference=letter.reference, outcome=outcome, said=said, phase=phase)


def _said_of(error: Exception) -> str:
    """What the wire did, in its own words; the text of an answer that was none."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return words_of(error.code, error.message)
    return words_of(-1, str(error) or type(error).__name__)


def _keep_nothing_back(protocol: SMTPProtocol) -> None:
    """Make draining wait until the buffer is empty; high=0 would pause TLS for ever."""
    if isinstance(protocol.transport, asyncio.WriteTransport):
        protocol.transport.set_write_buffer_limits(high=1, low=0)


async def _log_in(relay: Relay, client: aiosmtplib.SMTP) -> None:
    if not relay.user:
        return
    try:
        await client.login(relay.user, relay.password)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except aiosmtplib.SMTPException as error:
        if isinstance(error, aiosmtplib.SMTPResponseException) and 400 <= error.code < 500:
            raise
        raise BadInput(
            "email-login-refused",
            relay.place,
            f"our login was refused ({_one_line(error)})",
            expected="a user and password it knows",
            next_step="Set email.user and email.password, then repeat the command.",
        ) from None


def _unreachable(relay: Relay, error: Exception) -> Unreachable:
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLError):
        return Unreachable(
            "relay-not-trusted",
            relay.place,
            f"its certificate or its TLS is not to be trusted ({_one_line(cause)})",
            expected="a certificate for that name from a known authority",
            next_step="Correct email.host, or set email.ca_file. Nothing was sent.",
        )
    return Unreachable(
        "relay-unreachable",
        relay.place,
        f"no mail can be handed over ({_one_line(error)})",
        next_step="Nothing was sent; check email.host, email.port and email.security, then repeat.",
    )


def _one_line(error: Exception) -> str:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno and cause.errno in errno.errorcode:
        return os.strerror(cause.errno).lower()
    return " ".join(_said_of(error).split())[:200].rstrip(".")
