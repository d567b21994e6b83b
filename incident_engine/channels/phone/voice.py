"""Calls, through the provider's HTTP API: neutral words first, the notice only after a key press.

Whoever or whatever picks up hears that a message waits and how to call back: an answering machine
or a child learns nothing of the breach. The notice itself is fetched from our own page once a key
was pressed, so it lies in no request to the provider and in none of its logs of calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from twilio.twiml.voice_response import Gather, VoiceResponse

from incident_engine.channels import Book, Envelope, Receipt, Reply
from incident_engine.channels.lanes import Confirm, carried
from incident_engine.channels.phone.callbacks import Callback, Callbacks
from incident_engine.channels.phone.provider import KeptLine, Provider, ProviderLine
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import Outcome

VOICE = "voice"
_LONGEST_OPENING = 600  # characters: half a minute, and well under the 4,000 of a document
_RINGS = 30  # seconds before nobody is there
_WAIT_FOR_KEY = 8  # seconds
_ENDS = ["initiated", "ringing", "answered", "completed"]

# The provider's names for what it can read aloud, by our tag or by its language alone.
_SPOKEN = {
    "zh": "cmn-CN",
    "zh-hans": "cmn-CN",
    "zh-cn": "cmn-CN",
    "zh-sg": "cmn-CN",
    "zh-hant": "cmn-TW",
    "zh-tw": "cmn-TW",
    "zh-hk": "yue-HK",
    "en": "en-GB",
    "en-us": "en-US",
    "en-au": "en-AU",
    "en-in": "en-IN",
    "de": "de-DE",
    "fr": "fr-FR",
    "fr-ca": "fr-CA",
    "es": "es-ES",
    "es-mx": "es-MX",
    "es-us": "es-US",
    "it": "it-IT",
    "pt": "pt-PT",
    "pt-br": "pt-BR",
    "nl": "nl-NL",
    "pl": "pl-PL",
    "ru": "ru-RU",
    "sv": "sv-SE",
    "da": "da-DK",
    "nb": "nb-NO",
    "fi": "fi-FI",
    "ca": "ca-ES",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "tr": "tr-TR",
    "cy": "cy-GB",
    "is": "is-IS",
    "ro": "ro-RO",
}


class VoiceChannel:
    """Has the provider call. An envelope's subject is the neutral opening, its text the notice.

    Raises BadInput if there is no public address of ours: without one the notice cannot be
    fetched after the key press.
    """

    name: str = VOICE

    def __init__(self, provider: Provider) -> None:
        if provider.callbacks is None:
            raise BadInput(
                "voice-needs-an-address",
                "web.base_url",
                "is not set",
                expected="https://name, where the provider reaches this installation",
                next_step="Set web.base_url.",
            )
        self.provider = provider
        self._callbacks = provider.callbacks
        self._line = KeptLine(provider)

    def kept_open(self) -> AbstractContextManager[None]:
        """Connections stay open from one batch to the next."""
        return self._line.kept_open()

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """One reply per envelope, as each is known: accepted is a call that will be made.

        Raises Unreachable if the provider does not answer at all, BadInput if it refuses our
        login, both before any envelope was tried; and what `book` raises.
        """
        if not batch:
            return
        with self._line.opened() as line:
            yield from carried(
                batch, book, self.provider.lanes, lambda e, confirm: self._carry(line, e, confirm)
            )

    def _carry(self, line: ProviderLine, envelope: Envelope, confirm: Confirm) -> Reply:
        def call() -> object:
            return line.client.calls.create(
                to=envelope.address,
                from_=self.provider.sender,
                twiml=opening(envelope, self._callbacks),
                timeout=_RINGS,
                status_callback=self._callbacks.url_for(
                    VOICE, envelope.reference, envelope.attempt
                ),
                status_callback_event=_ENDS,
            )

        return line.carry(envelope, confirm, call, flaw=_flaw(envelope))


def opening(envelope: Envelope, callbacks: Callbacks) -> str:
    """What is said before a key is pressed, twice, and nothing after it but goodbye (TwiML)."""
    spoken = _spoken(envelope.language)
    said = VoiceResponse()
    gather = Gather(
        num_digits=1,
        timeout=_WAIT_FOR_KEY,
        action=callbacks.url_for(VOICE, envelope.reference, envelope.attempt, "words"),
        method="POST",
    )
    gather.say(envelope.subject, language=spoken)
    gather.pause(length=1)
    gather.say(envelope.subject, language=spoken)
    said.append(gather)
    said.hangup()
    return str(said)


def notice(text: str, language: str) -> str:
    """What is said once a key was pressed: the notice, twice, since nobody can scroll back."""
    said = VoiceResponse()
    for _ in range(2):
        said.say(text, language=_spoken(language))
        said.pause(length=2)
    said.hangup()
    return str(said)


def goodbye() -> str:
    """Nothing but the end of the call."""
    said = VoiceResponse()
    said.hangup()
    return str(said)


def heard(callback: Callback) -> Receipt | None:
    """The proof in a request for the words: a key was pressed, so a person heard them begin.

    None if no key came with it: then say nothing but goodbye.
    """
    key = callback.fields.get("Digits", "")
    if callback.place != "words" or key not in [*"0123456789*#"]:
        return None
    sid = callback.fields.get("CallSid", "")
    return Receipt(
        key=f"{sid}|heard",
        reference=callback.reference,
        kind="heard",
        outcome=Outcome.DELIVERED,
        said="a key was pressed, and the notice was read aloud",
        provider_reference=sid,
    )


def _flaw(envelope: Envelope) -> str:
    if not _spoken(envelope.language):
        return f"no voice reads {envelope.language!r}"
    if not 0 < len(envelope.subject) <= _LONGEST_OPENING:
        length = len(envelope.subject)
        return f"the opening has {length} characters, 1 to {_LONGEST_OPENING} go"
    return "" if envelope.text else "there is no notice to read"


def _spoken(language: str) -> str:
    tag = language.lower()
    return _SPOKEN.get(tag) or _SPOKEN.get(tag.partition("-")[0], "")
