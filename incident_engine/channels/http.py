"""HTTP to a provider or a gateway, told apart by what is certain: asked, or certainly not asked.

urllib3 and not more: no redirects, no retries, no cookies, no environment read, nothing logged,
and its errors say whether a connection ever stood. It is the engine under the provider's own
client already, so no second one comes in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from incident_engine.channels.mail.relay import is_loopback

LONGEST_ANSWER = 1_000_000  # bytes

logging.getLogger("urllib3").setLevel(logging.WARNING)  # it would log each address it asks for


@dataclass(frozen=True)
class HttpAnswer:
    """What came back, cut at a megabyte. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def retry_after(self) -> float | None:
        """Seconds they ask us to wait, where they say a number."""
        try:
            return max(0.0, float(self.headers.get("retry-after", "")))
        except ValueError:
            return None


class NotAskedError(Exception):
    """No byte of the request left: no connection, or a certificate not to be trusted."""


class NoAnswerError(Exception):
    """It may have been heard, and no answer came, or none that ends."""


class Line:
    """Connections to one place, kept open between requests. Thread-safe."""

    def __init__(self, *, timeout: float, connections: int, proxy: str = "") -> None:
        limit = urllib3.Timeout(connect=timeout, read=timeout)
        if proxy:
            self._pool: urllib3.PoolManager = urllib3.ProxyManager(
                proxy, maxsize=connections, timeout=limit, retries=False
            )
        else:
            self._pool = urllib3.PoolManager(maxsize=connections, timeout=limit, retries=False)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """One request, once. Raises NotAskedError or NoAnswerError; each names its cause."""
        try:
            answer = self._pool.request(
                method,
                url,
                body=body,
                headers=dict(headers),
                redirect=False,
                preload_content=False,
            )
            try:
                content = answer.read(LONGEST_ANSWER, decode_content=True)
            finally:
                answer.drain_conn() if answer.length_remaining == 0 else answer.close()
                answer.release_conn()
        except (HTTPError, OSError) as error:
            if _before_any_byte(error):
                raise NotAskedError(type(error).__name__) from None
            raise NoAnswerError(type(error).__name__) from None
        if answer.length_remaining:
            raise NoAnswerError("cut short, or without end")
        return HttpAnswer(
            answer.status, {name.lower(): words for name, words in answer.headers.items()}, content
        )

    def close(self) -> None:
        self._pool.clear()


def may_be_asked(url: str) -> bool:
    """Whether what we send there stays unread on its way: https, or this machine."""
    parts = urlsplit(url)
    if parts.username or parts.password or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _before_any_byte(error: Exception) -> bool:
    if isinstance(error, ProxyError):
        return isinstance(error.original_error, NewConnectionError | ConnectTimeoutError)
    if isinstance(error, SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(error)
    return isinstance(error, NewConnectionError | ConnectTimeoutError)
