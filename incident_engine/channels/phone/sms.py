"""Text messages, through the provider's HTTP API, several at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.lanes import Confirm, carried
from incident_engine.channels.phone.provider import SERVICE, KeptLine, Provider, ProviderLine
from incident_engine.domain.words import ChannelName

_LONGEST_BODY = 1_600  # the provider refuses more (21617)


class SmsChannel:
    """Hands text messages to the provider. Each lane asks for one and waits for its answer."""

    name: str = ChannelName.SMS

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._line = KeptLine(provider)

    def kept_open(self) -> AbstractContextManager[None]:
        """Connections stay open from one batch to the next."""
        return self._line.kept_open()

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known.

        Raises Unreachable if the provider does not answer at all, BadInput if it refuses our
        login, both before any envelope was tried; and what `book` raises.
        """
        if not batch:
            return
        with self._line.opened() as line:
            yield from carried(
                batch, book, self.provider.lanes, lambda e, confirm: _carry(line, e, confirm)
            )


def _carry(line: ProviderLine, envelope: Envelope, confirm: Confirm) -> Reply:
    options = _options(line.provider, envelope)
    return line.carry(
        envelope,
        confirm,
        lambda: line.client.messages.create(to=envelope.address, body=envelope.text, **options),
        flaw=_flaw(envelope.text),
    )


def _flaw(text: str) -> str:
    if 0 < len(text) <= _LONGEST_BODY:
        return ""
    return f"the text has {len(text)} characters, 1 to {_LONGEST_BODY} go"


def _options(provider: Provider, envelope: Envelope) -> dict[str, str]:
    """The sender as the API wants it named, and where receipts come back."""
    named = "messaging_service_sid" if SERVICE.fullmatch(provider.sender) else "from_"
    options = {named: provider.sender}
    if provider.callbacks is not None:
        url = provider.callbacks.url_for(ChannelName.SMS, envelope.reference, envelope.attempt)
        options["status_callback"] = url
    return options
