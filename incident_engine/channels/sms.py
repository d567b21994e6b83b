"""Text messages, through the provider's HTTP API.

Creating a message is not idempotent there: an answer that did not come, or came as a 5xx,
leaves the message in doubt, and it is never asked for twice. A 429 was not processed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.sms_codes import LONGEST_SAID, verdict, verdict_of_status
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import ChannelName, Outcome

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_NOT_US = 20003
_LONGEST_BODY = 1_600  # the provider refuses more (21617)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The account that takes our text messages. Raises BadInput for what could not be right.

    `sender` is a number, a short code, a name, or a messaging service (MG...). `base_url` points
    the client at another host. `{reference}` in `status_callback` becomes the envelope's.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    base_url: str | None = None
    timeout: float = 30  # seconds; the provider's own client would wait for ever
    status_callback: str | None = None

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.account_sid):
            raise _bad("account_sid", "it is not an account", "AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise _bad("auth_token", "it is empty", "the account's token")
        if not (_SERVICE.fullmatch(self.sender) or _SENDER.fullmatch(self.sender)):
            raise _bad("sender", f"{self.sender!r} cannot send", "a number, a name or MG...")
        if self.timeout <= 0:
            raise _bad("timeout", f"{self.timeout}", "seconds, more than none")
        if self.base_url is not None:
            _check_url(self.base_url)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url or "https://api.twilio.com").netloc

    @property
    def origin(self) -> dict[str, str]:
        """The sender as the API wants it named."""
        if _SERVICE.fullmatch(self.sender):
            return {"messaging_service_sid": self.sender}
        return {"from_": self.sender}


class SmsChannel:
    """Hands text messages to the provider, one after the other."""

    name: str = ChannelName.SMS

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, in order.

        Raises Unreachable if the provider does not answer at all, BadInput if it refuses our
        login, both before any envelope was tried; and what `book` raises.
        """
        if not batch:
            return
        with requests.Session() as session:
            wire = _Wire(self.provider, session)
            wire.must_answer()
            for envelope in batch:
                yield wire.carry(envelope, book)


class _PointedClient(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """The provider's own HTTP client with the host replaced, and nothing logged.

    Remembers the last answer: the library's exceptions leave its headers out.
    """

    def __init__(self, provider: Provider, session: requests.Session) -> None:
        super().__init__(pool_connections=False, timeout=provider.timeout)
        self.session = session
        self.base_url = provider.base_url
        self.answer: Any = None
        if self.base_url and _is_loopback(self.base_url):
            session.trust_env = False  # a proxy cannot reach this machine's loopback

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if self.base_url:
            url = self.base_url.rstrip("/") + urlsplit(url)._replace(scheme="", netloc="").geturl()
        self.answer = None
        self.answer = super().request(method, url, *args, **kwargs)
        return self.answer

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Nothing: a log is no place for a number."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Nothing."""


class _Wire:
    """The provider during one batch. Knows whether it is still worth asking."""

    def __init__(self, provider: Provider, session: requests.Session) -> None:
        self._provider = provider
        self._http = _PointedClient(provider, session)
        self._client = Client(
            provider.account_sid,
            provider.auth_token,
            http_client=self._http,
            environment={"": ""},  # or it would read its region and edge from ours
        )
        self._closed_by: tuple[Outcome, str] | None = None

    def must_answer(self) -> None:
        """Ask for our own account, so that a dead line or a bad login is known before any try."""
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._provider.account_sid}.json"
        try:
            answer = self._client.request("GET", url)
        except requests.RequestException as error:
            raise Unreachable(
                "sms-provider-unreachable",
                f"SMS provider {self._provider.host}",
                f"it does not answer ({type(error).__name__})",
                next_step="Nothing was sent; check sms.base_url and the line, then repeat.",
            ) from None
        if answer.status_code in (401, 403):
            raise BadInput(
                "sms-login-refused",
                f"SMS provider {self._provider.host}",
                f"our login was refused ({answer.status_code})",
                next_step="Set sms.account_sid and sms.auth_token, then repeat the command.",
            )

    def carry(self, envelope: Envelope, book: Book) -> Reply:
        """Check, book, ask, and say what came of it."""
        if self._closed_by is not None:
            outcome, said = self._closed_by
            return _reply(envelope, outcome, f"not tried: {said}", phase="connect")
        if not _NUMBER.fullmatch(envelope.address):
            said = "not sent: the address is not one number in E.164 form"
            return _reply(envelope, Outcome.UNDELIVERABLE, said)
        if not 0 < len(envelope.text) <= _LONGEST_BODY:
            said = (
                f"not sent: the text has {len(envelope.text)} characters, 1 to {_LONGEST_BODY} go"
            )
            return _reply(envelope, Outcome.BROKEN, said)
        if envelope.reference not in book.sending([envelope.reference]):
            said = "not sent: the book no longer holds it"
            return _reply(envelope, Outcome.CANCELLED, said, phase="post")
        return self._post(envelope)

    def _post(self, envelope: Envelope) -> Reply:
        try:
            message = self._client.messages.create(
                to=envelope.address, body=envelope.text, **self._options(envelope)
            )
        except requests.RequestException as error:
            return self._broken_off(envelope, error)
        except TwilioRestException as error:
            return self._refused(envelope, error)
        except Exception as error:  # an answer nobody can read: it was asked, and may be done
            return _reply(envelope, Outcome.IN_DOUBT, self._unreadable(error), phase="answer")
        return _answered(envelope, message)

    def _options(self, envelope: Envelope) -> dict[str, str]:
        callback = self._provider.status_callback
        if not callback:
            return self._provider.origin
        url = callback.replace("{reference}", envelope.reference)
        return self._provider.origin | {"status_callback": url}

    def _broken_off(self, envelope: Envelope, error: requests.RequestException) -> Reply:
        name = type(error).__name__
        if not _before_any_byte(error):
            said = f"asked, and no answer came ({name})"
            return _reply(envelope, Outcome.IN_DOUBT, said, phase="answer")
        said = f"the provider cannot be reached ({name})"
        self._closed_by = Outcome.DEFERRED, said
        return _reply(envelope, Outcome.DEFERRED, said, phase="connect")

    def _refused(self, envelope: Envelope, error: TwilioRestException) -> Reply:
        outcome = verdict(error.status, error.code)
        said = _scrubbed(f"{error.status} {error.code or ''} {error.msg}", envelope)
        if error.status == 401 or error.code == _NOT_US:
            self._closed_by = outcome, said
        return _reply(
            envelope,
            outcome,
            said,
            phase="answer",
            code=str(error.code or error.status),
            retry_after=self._retry_after() if outcome is Outcome.DEFERRED else None,
        )

    def _retry_after(self) -> float | None:
        headers = getattr(self._http.answer, "headers", None) or {}
        try:
            return max(0.0, float(headers.get("Retry-After", "")))
        except ValueError:
            return None

    def _unreadable(self, error: Exception) -> str:
        status = getattr(self._http.answer, "status_code", "none")
        kind = "" if isinstance(error, TwilioException) else f" ({type(error).__name__})"
        return f"asked, and the answer cannot be read; status {status}{kind}"


def _answered(envelope: Envelope, message: Any) -> Reply:
    """A 2xx with a message in it. Without a number of its own we cannot know what it was."""
    if not message.sid or not message.status:
        said = "asked, and the answer names no message"
        return _reply(envelope, Outcome.IN_DOUBT, said, phase="answer")
    status = str(message.status)
    return _reply(
        envelope,
        verdict_of_status(status, message.error_code),
        _scrubbed(f"{status} {message.error_message or ''}", envelope),
        phase="answer",
        code=str(message.error_code or ""),
        provider_reference=str(message.sid),
    )


def _before_any_byte(error: requests.RequestException) -> bool:
    """Whether the request certainly never left: no connection, or a certificate not trusted."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(cause)
    return isinstance(cause, urllib3.exceptions.NewConnectionError)


def _scrubbed(said: str, envelope: Envelope) -> str:
    """The provider's words with the person's number hidden but for its last two digits."""
    hidden = f"…{envelope.address[-2:]}"
    bare = envelope.address.removeprefix("+")
    words = said.replace(envelope.address, hidden).replace(bare, hidden)
    return " ".join(words.replace("\x00", " ").split())[:LONGEST_SAID]


def _reply(envelope: Envelope, outcome: Outcome, said: str, **known: Any) -> Reply:
    return Reply(reference=envelope.reference, outcome=outcome, said=said, **known)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_loopback(url):
        return
    raise _bad("base_url", f"{url} would carry our token unencrypted", "an https address")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bad(setting: str, found: str, expected: str) -> BadInput:
    place = f"sms.{setting}"
    return BadInput("bad-sms-setting", place, found, expected=expected, next_step=f"Set {place}.")
