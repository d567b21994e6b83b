"""Opening a connection to a relay: connected, encrypted where asked, greeted and logged in."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from typing import cast

import aiosmtplib

from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.smtp import Connection
from incident_engine.channels.mail.smtp_codes import words_of
from incident_engine.channels.mail.smtp_wire import Wire
from incident_engine.domain.errors import BadInput, Unreachable

_EXTENSIONS = ("size", "dsn", "pipelining", "smtputf8")


class _Client(aiosmtplib.SMTP):
    """Hangs up at once: a polite end of TLS with a dead server would outlive the event loop."""

    def close(self) -> None:
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        super().close()


async def open_connection(relay: Relay, tls: ssl.SSLContext | None) -> Connection:
    """A connection ready for its first letter.

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
            return Connection(relay, _taken_over(client), _offers(client))
    except BaseException as error:
        client.close()
        if isinstance(error, aiosmtplib.SMTPException | OSError | ValueError):
            raise _unreachable(relay, error) from None
        raise


def _taken_over(client: aiosmtplib.SMTP) -> Wire:
    # uvloop's own transports are no instances of asyncio's.
    transport = cast("asyncio.Transport | None", client.transport)
    if transport is None or transport.is_closing():
        raise ConnectionError("Connection lost")
    return Wire(transport)


def _offers(client: aiosmtplib.SMTP) -> frozenset[str]:
    return frozenset(each for each in _EXTENSIONS if client.supports_extension(each))


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


def _said_of(error: Exception) -> str:
    """What the wire did, in its own words; the text of an answer that was none."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return words_of(error.code, error.message)
    return words_of(-1, str(error) or type(error).__name__)
