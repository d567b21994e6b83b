"""What the provider tells us later, at an address that names the delivery and proves itself.

`https://…/receipts/sms/<reference>/<attempt>/<token>`: the address carries our own ids, so a
callback brings the provider's number for a message even where its answer to our request was lost.
A signature has neither time nor nonce, so a captured callback verifies for ever: told twice or out
of order it changes nothing (`Receipt.key`, `domain.delivery.apply`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from twilio.request_validator import RequestValidator

from incident_engine.channels import Receipt
from incident_engine.channels.http import may_be_asked
from incident_engine.channels.phone.provider_codes import LONGEST_SAID, verdict_of_receipt
from incident_engine.channels.tokens import TOKEN, Tokens
from incident_engine.domain.errors import BadInput, Refused

_PATH = re.compile(
    rf"/(?P<place>receipts|words)/(?P<channel>sms|voice)/(?P<reference>[0-9a-f]{{32}})"
    rf"/(?P<attempt>[1-9]\d{{0,3}})/(?P<token>{TOKEN})"
)
_MOST_FIELDS = 100
_LONGEST_FIELD = 4_000


@dataclass(frozen=True)
class Callbacks:
    """Where the world reaches our web pages, and the proofs in their paths. Raises BadInput."""

    base_url: str  # without a slash at its end
    tokens: Tokens

    def __post_init__(self) -> None:
        if not may_be_asked(self.base_url) or self.base_url.endswith("/"):
            raise BadInput(
                "bad-web-address",
                "web.base_url",
                f"{self.base_url!r} cannot take receipts",
                expected="https://name, without a slash at its end",
                next_step="Set web.base_url to where the provider reaches this installation.",
            )

    def url_for(self, channel: str, reference: str, attempt: int, place: str = "receipts") -> str:
        """The address for receipts of one attempt; `words` is where a call asks for its text."""
        token = self.tokens.of(place, channel, reference, str(attempt))
        return f"{self.base_url}/{place}/{channel}/{reference}/{attempt}/{token}"


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One request of the provider that proved itself."""

    place: str  # receipts or words
    channel: str
    reference: str
    attempt: int
    fields: dict[str, str] = field(repr=False)  # numbers among them


def verified(
    callbacks: Callbacks,
    path: str,
    pairs: Sequence[tuple[str, str]],
    signature: str,
    *,
    account_sid: str,
    auth_token: str,
) -> Callback:
    """The callback, if path, signature and account are right; else Refused `forged-receipt`.

    `pairs` are all fields of the form in any order. The signature is checked against the address
    we gave out, never against what the request says of its host; a query, a doubled field or a
    body that is no form is refused, since each has been a way around a signature.
    """
    found = _PATH.fullmatch(path)
    fields = dict(pairs)
    if found is None or not callbacks.tokens.fits(
        found["token"], found["place"], found["channel"], found["reference"], found["attempt"]
    ):
        raise _forged("its path is not one we gave out")
    if len(fields) != len(pairs) or len(pairs) > _MOST_FIELDS:
        raise _forged("a field stands twice in it, or too many do")
    if any(len(words) > _LONGEST_FIELD for pair in pairs for words in pair):
        raise _forged("one of its fields is too long")
    if not RequestValidator(auth_token).validate(callbacks.base_url + path, fields, signature):
        raise _forged("its signature is not the provider's")
    if fields.get("AccountSid") != account_sid:
        raise _forged("it speaks of another account")
    return Callback(
        place=found["place"],
        channel=found["channel"],
        reference=found["reference"],
        attempt=int(found["attempt"]),
        fields=fields,
    )


def receipt_in(callback: Callback) -> Receipt:
    """What a callback on a text or a call says of its delivery."""
    fields = callback.fields
    status = fields.get("MessageStatus") or fields.get("SmsStatus") or fields.get("CallStatus", "")
    sid = fields.get("MessageSid") or fields.get("SmsSid") or fields.get("CallSid", "")
    code = fields.get("ErrorCode", "")
    number = int(code) if code.isdecimal() and len(code) < 9 else None
    return Receipt(
        key=f"{sid}|{status}|{code}",
        reference=callback.reference,
        kind=status or "unreadable",
        outcome=verdict_of_receipt(callback.channel, status, number),
        said=f"{status} {code}".strip()[:LONGEST_SAID] or "(empty)",
        code=code,
        provider_reference=sid,
    )


def _forged(found: str) -> Refused:
    return Refused(
        "forged-receipt",
        "provider callback",
        f"it was not taken: {found}",
        expected="a request of the provider to the address we gave it",
    )
