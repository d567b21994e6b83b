"""Signed requests to the organisation's own gateway (Standard Webhooks), one a message.

A notice to a person, whom the gateway reaches in its app; or a report with its files, which the
gateway hands to an authority's interface.

`webhook-id` is our delivery's reference, the same on every attempt, so that a gateway that has
seen it can drop the second. The gateway's address is a setting, never anything from a person.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.http import (
    HttpAnswer,
    Line,
    NoAnswerError,
    NotAskedError,
    may_be_asked,
)
from incident_engine.channels.lanes import Confirm, carried
from incident_engine.domain.errors import BadInput, Unreachable
from incident_engine.domain.words import Outcome

PUSH = "push"
_LONGEST_SAID = 2_000
_LONGEST_HANDLE = 1_000
_LEAST_SECRET = 24  # bytes (Standard Webhooks, signature scheme)
_GONE = (404, 410)  # there is no such handle any more
_LATER = (408, 425, 429, 503)
_OURS = (400, 401, 403, 405, 406, 411, 413, 414, 415, 422, 431)


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The organisation's own service that reaches its app. Raises BadInput for what cannot be.

    `now` is asked for the moment each request is signed with.
    """

    url: str
    secret: str = field(repr=False)  # base64, with or without whsec_ before it
    now: Callable[[], datetime]
    timeout: float = 15
    lanes: int = 4
    section: str = "push"  # of the settings, for errors

    def __post_init__(self) -> None:
        if not may_be_asked(self.url):
            raise _bad(
                f"{self.section}.url",
                "it would travel unencrypted, or is no address",
                "https://name/path",
            )
        if not 1 <= self.lanes <= 100:
            raise _bad(f"{self.section}.lanes", f"{self.lanes}", "1 to 100")
        if len(self.key) < _LEAST_SECRET:
            found = "it is no secret in base64, or too short"
            raise _bad(
                f"{self.section}.secret",
                found,
                f"whsec_ and {_LEAST_SECRET} bytes or more in base64",
            )

    @property
    def key(self) -> bytes:
        """The secret's bytes; empty where it is none."""
        try:
            return b64decode(self.secret.removeprefix("whsec_") + "==", validate=False)
        except binascii.Error:
            return b""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


class PushChannel:
    """Hands messages to the gateway. An envelope's address is the person's handle there."""

    name: str = PUSH

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known.

        Raises Unreachable if no connection stands, before any envelope was tried; and what
        `book` raises.
        """
        if not batch:
            return
        line = Line(timeout=self.gateway.timeout, connections=self.gateway.lanes)
        try:
            _must_answer(self.gateway, line)
            errands = _Errands(self.gateway, line)
            yield from carried(batch, book, self.gateway.lanes, errands.carry)
        finally:
            line.close()


class _Errands:
    """The gateway during one batch. Knows whether it is still worth asking. Thread-safe."""

    def __init__(self, gateway: Gateway, line: Line) -> None:
        self._gateway, self._line = gateway, line
        self._webhook = Webhook(gateway.key)
        self._closed_by: tuple[Outcome, str] | None = None

    def carry(self, envelope: Envelope, confirm: Confirm) -> Reply:
        if self._closed_by is not None:
            outcome, said = self._closed_by
            return _reply(envelope, outcome, f"not tried: {said}", "connect", tried=False)
        if not 0 < len(envelope.address) <= _LONGEST_HANDLE or not envelope.address.isprintable():
            said = "not sent: the address is no push handle"
            return _reply(envelope, Outcome.UNDELIVERABLE, said, "")
        if not confirm(envelope.reference):
            return _reply(
                envelope, Outcome.CANCELLED, "not sent: the book no longer holds it", "post"
            )
        body = body_of(envelope)
        headers = self._signed(envelope.reference, body)
        try:
            answer = self._line.ask("POST", self._gateway.url, headers=headers, body=body.encode())
        except NotAskedError as error:
            said = f"the gateway cannot be reached ({error})"
            self._closed_by = Outcome.DEFERRED, said
            return _reply(envelope, Outcome.DEFERRED, said, "connect")
        except NoAnswerError as error:
            said = f"asked, and no answer came ({error})"
            return _reply(envelope, Outcome.IN_DOUBT, said, "answer")
        return self._told(envelope, answer)

    def _signed(self, reference: str, body: str) -> dict[str, str]:
        at = self._gateway.now().astimezone(UTC)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": reference,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(reference, at, body),
        }

    def _told(self, envelope: Envelope, answer: HttpAnswer) -> Reply:
        outcome = verdict(answer.status)
        said = _scrubbed(f"{answer.status} {answer.text}", envelope.address)
        if answer.status in (401, 403):
            self._closed_by = outcome, said
        return _reply(
            envelope,
            outcome,
            said,
            "answer",
            code=str(answer.status),
            provider_reference=answer.headers.get("x-request-id", "")[:200],
            retry_after=answer.retry_after if outcome is Outcome.DEFERRED else None,
        )


def verdict(status: int) -> Outcome:
    """What an HTTP status of the gateway means for one message.

    A redirect is not followed: it is a wrong setting, or somebody who wants the message. A 5xx
    other than 503 says nothing of whether it was passed on.
    """
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status in _GONE:
        return Outcome.UNDELIVERABLE
    if status in _LATER:
        return Outcome.DEFERRED
    if status in _OURS or 300 <= status < 400:
        return Outcome.BROKEN
    return Outcome.REFUSED if 400 <= status < 500 else Outcome.IN_DOUBT


def body_of(envelope: Envelope) -> str:
    """The request's body: JSON, the same on every attempt; files in base64 with their SHA-256."""
    data: dict[str, object] = {
        "reference": envelope.reference,
        "handle": envelope.address,
        "language": envelope.language,
        "title": envelope.subject,
        "text": envelope.text,
    }
    files = [
        {
            "name": each.name,
            "mime": each.mime,
            "sha256": sha256(each.content).hexdigest(),
            "base64": b64encode(each.content).decode(),
        }
        for each in envelope.enclosures
    ]
    kind = "report" if files else "notice"
    data |= {"files": files} if files else {}
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False, sort_keys=True)


def _must_answer(gateway: Gateway, line: Line) -> None:
    """Whether there is anybody: any answer to HEAD will do, since it asks for nothing."""
    try:
        line.ask("HEAD", gateway.url, headers={})
    except (NotAskedError, NoAnswerError) as error:
        raise Unreachable(
            "push-gateway-unreachable",
            f"{gateway.section} gateway {gateway.host}",
            f"it does not answer ({error})",
            next_step=f"Nothing was sent; check {gateway.section}.url and the line, then repeat.",
        ) from None


def _scrubbed(said: str, handle: str) -> str:
    words = said.replace(handle, "…").replace("\x00", " ")
    return " ".join(words.split())[:_LONGEST_SAID]


def _reply(envelope: Envelope, outcome: Outcome, said: str, phase: str, **known: object) -> Reply:
    return Reply(
        reference=envelope.reference,
        outcome=outcome,
        said=said,
        phase=phase,
        **known,  # type: ignore[arg-type]
    )


def _bad(place: str, found: str, expected: str) -> BadInput:
    return BadInput("bad-push-setting", place, found, expected=expected, next_step=f"Set {place}.")
