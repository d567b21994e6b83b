"""What the provider knows of a text or call in doubt: its own list, asked by number.

A list lags behind, so that nothing found proves nothing; one found is accepted at least, two were
asked for twice. Only what has the same words and was made after our attempt began counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException

from incident_engine.channels import Envelope, Receipt
from incident_engine.channels.http import NoAnswerError, NotAskedError
from incident_engine.channels.phone.provider import NUMBER, ProviderLine
from incident_engine.channels.phone.provider_codes import verdict_of_receipt
from incident_engine.domain.errors import Unreachable
from incident_engine.domain.words import ChannelName

_LOOKED_AT = 50  # the newest of one number; nobody gets more from us in the time asked about
_CLOCKS_DIFFER = timedelta(minutes=2)
LAG = timedelta(minutes=10)
"""Ask no earlier than this after the attempt, or a list that lags looks like a proof."""


@dataclass(frozen=True)
class Evidence:
    """Receipts of every message that is this one; more than one is a duplicate, to be recorded."""

    found: tuple[Receipt, ...]
    looked_at: int


def texts_like(line: ProviderLine, envelope: Envelope, since: datetime) -> Evidence:
    """The provider's texts to this number with these words, made at `since` or later.

    Raises Unreachable if the list cannot be had: then nothing is known, as before.
    """
    listed = _listed(line, line.client.messages, envelope)
    same = [each for each in listed if each.body == envelope.text and _is_ours(line, each, since)]
    return _evidence(ChannelName.SMS, envelope, same, len(listed))


def calls_like(line: ProviderLine, envelope: Envelope, since: datetime) -> Evidence:
    """The provider's calls from us to this number, made at `since` or later. Likewise."""
    listed = _listed(line, line.client.calls, envelope)
    same = [each for each in listed if _is_ours(line, each, since)]
    return _evidence("voice", envelope, same, len(listed))


def _listed(line: ProviderLine, shelf: Any, envelope: Envelope) -> list[Any]:
    if not NUMBER.fullmatch(envelope.address):
        return []
    try:
        return list(shelf.list(to=envelope.address, limit=_LOOKED_AT, page_size=_LOOKED_AT))
    except (NotAskedError, NoAnswerError, TwilioException) as error:
        raise Unreachable(
            f"{line.provider.section}-provider-unreachable",
            line.provider.place,
            f"its list cannot be had ({type(error).__name__})",
            next_step="Nothing was changed; repeat the command later.",
        ) from None


def _is_ours(line: ProviderLine, each: Any, since: datetime) -> bool:
    made = each.date_created
    if made is None or made < since - _CLOCKS_DIFFER:
        return False
    named = ("from_", "_from", "messaging_service_sid")  # a text's, a call's, a service's
    return line.provider.sender in [getattr(each, name, None) for name in named]


def _evidence(channel: str, envelope: Envelope, same: Iterable[Any], looked_at: int) -> Evidence:
    return Evidence(tuple(_receipt(channel, envelope, each) for each in same), looked_at)


def _receipt(channel: str, envelope: Envelope, each: Any) -> Receipt:
    status, code = str(each.status), getattr(each, "error_code", None)
    return Receipt(
        key=f"{each.sid}|{status}|{code or ''}",
        reference=envelope.reference,
        kind=status,
        outcome=verdict_of_receipt(channel, status, code),
        said=f"found in the provider's list: {status} {code or ''}".strip(),
        code=str(code or ""),
        provider_reference=str(each.sid),
    )
