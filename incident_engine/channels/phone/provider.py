"""The provider of texts and calls: its account, its client, and what each answer proves.

Creating a message or a call is not idempotent there: an answer that did not come, or came as a
5xx, leaves it in doubt, and it is never asked for twice. A 429 was not processed.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from incident_engine.channels import Envelope, Reply
from incident_engine.channels.http import (
    HttpAnswer,
    Line,
    NoAnswerError,
    NotAskedError,
    may_be_asked,
)
from incident_engine.channels.lanes import Confirm
from incident_engine.channels.phone.callbacks import Callbacks
from incident_engine.channels.phone.provider_codes import LONGEST_SAID, verdict, verdict_of_status
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome

ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_NOT_US = 20003


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The account that takes our texts or calls. Raises BadInput for what could not be right.

    `sender` is a number, a short code, a name, or a messaging service (MG...). `base_url` points
    the client at another host. `callbacks` makes the address where receipts come back.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    base_url: str | None = None
    timeout: float = 30  # seconds; the provider's own client would wait for ever
    lanes: int = 1  # requests at once
    proxy: str = ""
    callbacks: Callbacks | None = None
    section: str = "sms"  # of the settings, for errors

    def __post_init__(self) -> None:
        if not ACCOUNT.fullmatch(self.account_sid):
            raise self.bad("account_sid", "it is not an account", "AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise self.bad("auth_token", "it is empty", "the account's token")
        if not (SERVICE.fullmatch(self.sender) or _SENDER.fullmatch(self.sender)):
            raise self.bad("sender", f"{self.sender!r} cannot send", "a number, a name or MG...")
        if self.timeout <= 0:
            raise self.bad("timeout", f"{self.timeout}", "seconds, more than none")
        if not 1 <= self.lanes <= 200:
            raise self.bad("lanes", f"{self.lanes}", "1 to 200")
        if self.base_url is not None and not may_be_asked(self.base_url):
            found = f"{self.base_url} would carry our token unencrypted"
            raise self.bad("base_url", found, "an https address")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url or "https://api.twilio.com").netloc

    @property
    def place(self) -> str:
        return f"{'SMS' if self.section == 'sms' else self.section} provider {self.host}"

    def bad(self, setting: str, found: str, expected: str) -> BadInput:
        """A setting of this provider that cannot be right."""
        place = f"{self.section}.{setting}"
        return BadInput(
            f"bad-{self.section}-setting",
            place,
            found,
            expected=expected,
            next_step=f"Set {place}.",
        )


class _PointedClient(HttpClient):  # type: ignore[misc]  # the library has no types
    """The provider's client over our own line: another host where one is set, nothing logged.

    Remembers the last answer of each thread: the library's exceptions leave its headers out.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._line = Line(
            timeout=provider.timeout, connections=provider.lanes, proxy=provider.proxy
        )
        self._last = threading.local()

    @property
    def answer(self) -> HttpAnswer | None:
        return getattr(self._last, "answer", None)

    def request(  # noqa: PLR0913  # the library's own signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        self._last.answer = None
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        body = urlencode(data or {}, doseq=True).encode() if method == "POST" else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        answer = self._line.ask(method, self._pointed(url) + query, headers=sent, body=body)
        self._last.answer = answer
        return Response(answer.status, answer.text, answer.headers)

    def close(self) -> None:
        self._line.close()

    def _pointed(self, url: str) -> str:
        base = self._provider.base_url
        if not base:
            return url
        return base.rstrip("/") + urlsplit(url)._replace(scheme="", netloc="").geturl()


class ProviderLine:
    """The provider, asked by many lanes. Knows whether it is still worth asking. Thread-safe."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._http = _PointedClient(provider)
        self.client = Client(
            provider.account_sid,
            provider.auth_token,
            http_client=self._http,
            environment={"": ""},  # or it would read its region and edge from ours
        )
        self._closed_by: tuple[Outcome, str] | None = None
        self.has_answered = False

    def __enter__(self) -> ProviderLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_closed(self) -> bool:
        """Whether an answer said that asking further is in vain."""
        return self._closed_by is not None

    def close(self) -> None:
        self._http.close()

    def must_answer(self) -> None:
        """Ask for our own account, so that a dead line or a bad login is known before any try.

        Raises Unreachable, or BadInput where our login is refused.
        """
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.provider.account_sid}.json"
        section = self.provider.section
        try:
            answer = self.client.request("GET", url)
        except (NotAskedError, NoAnswerError) as error:
            raise Unreachable(
                f"{section}-provider-unreachable",
                self.provider.place,
                f"it does not answer ({error})",
                next_step=f"Nothing was sent; check {section}.base_url and the line, then repeat.",
            ) from None
        if answer.status_code in (401, 403):
            raise BadInput(
                f"{section}-login-refused",
                self.provider.place,
                f"our login was refused ({answer.status_code})",
                next_step=f"Set {section}.account_sid and {section}.auth_token, then repeat.",
            )
        self.has_answered = True

    def carry(
        self, envelope: Envelope, confirm: Confirm, create: Callable[[], Any], *, flaw: str = ""
    ) -> Reply:
        """Check, book, ask once, and say what came of it. `flaw` is why it cannot go at all."""
        if self._closed_by is not None:
            outcome, said = self._closed_by
            return reply_to(envelope, outcome, f"not tried: {said}", phase="connect", tried=False)
        if not NUMBER.fullmatch(envelope.address):
            said = "not sent: the address is not one number in E.164 form"
            return reply_to(envelope, Outcome.UNDELIVERABLE, said)
        if flaw:
            return reply_to(envelope, Outcome.BROKEN, f"not sent: {flaw}")
        if not confirm(envelope.reference):
            said = "not sent: the book no longer holds it"
            return reply_to(envelope, Outcome.CANCELLED, said, phase="post")
        return self._asked(envelope, create)

    def _asked(self, envelope: Envelope, create: Callable[[], Any]) -> Reply:
        try:
            made = create()
        except NotAskedError as error:
            said = f"the provider cannot be reached ({error})"
            self._closed_by = Outcome.DEFERRED, said
            return reply_to(envelope, Outcome.DEFERRED, said, phase="connect")
        except NoAnswerError as error:
            said = f"asked, and no answer came ({error})"
            return reply_to(envelope, Outcome.IN_DOUBT, said, phase="answer")
        except TwilioRestException as error:
            return self._refused(envelope, error)
        except Exception as error:  # an answer nobody can read: it was asked, and may be done
            return reply_to(envelope, Outcome.IN_DOUBT, self._unreadable(error), phase="answer")
        return _answered(envelope, made)

    def _refused(self, envelope: Envelope, error: TwilioRestException) -> Reply:
        outcome = verdict(error.status, error.code)
        said = scrubbed(f"{error.status} {error.code or ''} {error.msg}", envelope.address)
        if error.status == 401 or error.code == _NOT_US:
            self._closed_by = outcome, said
        answer = self._http.answer
        return reply_to(
            envelope,
            outcome,
            said,
            phase="answer",
            code=str(error.code or error.status),
            retry_after=answer.retry_after if answer and outcome is Outcome.DEFERRED else None,
        )

    def _unreadable(self, error: Exception) -> str:
        status = self._http.answer.status if self._http.answer else "none"
        kind = "" if isinstance(error, TwilioException) else f" ({type(error).__name__})"
        return f"asked, and the answer cannot be read; status {status}{kind}"


class KeptLine:
    """The line of a channel: asked once whether anybody is there, and kept between batches."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._line: ProviderLine | None = None
        self._is_kept = False

    @contextmanager
    def opened(self) -> Iterator[ProviderLine]:
        """A line that answers. Raises Unreachable or BadInput before any envelope was tried."""
        if self._line is None or self._line.is_closed:
            self._hang_up()
            self._line = ProviderLine(self.provider)
        line = self._line
        try:
            if not line.has_answered:
                line.must_answer()
            yield line
        finally:
            if not self._is_kept:
                self._hang_up()

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Meanwhile connections stay open from one batch to the next. In one thread at a time."""
        self._is_kept = True
        try:
            yield
        finally:
            self._is_kept = False
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _answered(envelope: Envelope, made: Any) -> Reply:
    """A 2xx with a message or call in it. Without its own number we cannot know what it was."""
    if not made.sid or not made.status:
        said = "asked, and the answer names nothing that was made"
        return reply_to(envelope, Outcome.IN_DOUBT, said, phase="answer")
    status, code = str(made.status), getattr(made, "error_code", None)
    return reply_to(
        envelope,
        verdict_of_status(status, code),
        scrubbed(f"{status} {getattr(made, 'error_message', None) or ''}", envelope.address),
        phase="answer",
        code=str(code or ""),
        provider_reference=str(made.sid),
    )


def scrubbed(said: str, number: str) -> str:
    """The provider's words with the person's number hidden but for its last two digits."""
    hidden = f"…{number[-2:]}"
    bare = number.removeprefix("+")
    words = said.replace(number, hidden).replace(bare, hidden) if bare else said
    return " ".join(words.replace("\x00", " ").split())[:LONGEST_SAID]


def reply_to(envelope: Envelope, outcome: Outcome, said: str, **known: Any) -> Reply:
    """A reply about this envelope."""
    return Reply(reference=envelope.reference, outcome=outcome, said=said, **known)
