"""The channel that sends nothing: it writes down what it was given. For tests and rehearsals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.domain.words import Outcome


class Recorder:
    """A channel whose world is scripted: `answers` says what becomes of an address.

    `sent` holds the envelopes that left, in order; what the book did not confirm is not in it.
    """

    def __init__(
        self, answers: Mapping[str, Outcome] | None = None, *, name: str = "recorder"
    ) -> None:
        self.name = name
        self.answers = dict(answers or {})
        self.sent: list[Envelope] = []

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        """Book, write down, answer: one envelope after the other."""
        for envelope in batch:
            outcome = Outcome.CANCELLED
            if envelope.reference in book.sending([envelope.reference]):
                self.sent.append(envelope)
                outcome = self.answers.get(envelope.address, Outcome.ACCEPTED)
            yield Reply(reference=envelope.reference, outcome=outcome, said=f"recorder: {outcome}")
