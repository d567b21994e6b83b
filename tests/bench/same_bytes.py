"""What each person should have got, made the slow standard way, and whether it is what arrived."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from sqlmodel import select

from incident_engine.channels import Envelope
from incident_engine.channels.mail.standard_mail import Sender, standard_bytes
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, incidents
from incident_engine.store.tables import Campaign, Delivery, PersonRow
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.notices.codes import code_for
from incident_engine.workflow.people.reach import addressee_of

# A boundary may be any; the sink adds its own lines above what it was sent.
_COMPARED = ("from", "to", "subject", "date", "message-id", "auto-submitted", "content-language")


@dataclass(frozen=True)
class Meant:
    """One person's message."""

    reference: str
    name: str
    code: str
    text: str
    html: str | None
    envelope: Envelope


def as_the_slow_way(engine: Engine, reference: str, most: int = 0) -> list[Meant]:
    """The messages of a campaign as they are meant, each worked out by itself."""
    return list(_meant(engine, reference, most))


def _meant(engine: Engine, reference: str, most: int) -> Iterator[Meant]:
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        seal = engine.keyring.seal(incident.wrapped_key)
        [campaign] = session.exec(select(Campaign)).all()
        frozen = {
            each.id: Wording.from_json(json.loads(each.body))
            for each in campaigns.wordings(session, campaign.id or 0)
        }
        question = select(Delivery, PersonRow).join(PersonRow).limit(most or None)
        for delivery, row in session.exec(question).all():
            wording = frozen[delivery.wording_id]
            envelope = envelope_for(delivery, row, wording, seal, campaign)
            name = addressee_of(row, seal, guardian=False).name
            code = code_for(seal, campaign, wording, row)
            yield Meant(delivery.reference, name, code, envelope.text, envelope.html, envelope)


def differences(engine: Engine, reference: str, arrived: Path) -> int:
    """How many of the campaign's messages did not arrive, once, as the standard library says them."""
    email, organisation = engine.settings.email, engine.settings.organisation
    address = email.sender_address(organisation)
    sender = Sender(
        address=address,
        name=email.sender_name or organisation.name,
        domain=address.rpartition("@")[2],
    )
    got: dict[str, list[dict[str, str]]] = {}
    for file in arrived.iterdir():
        found = _decoded(file.read_bytes())
        got.setdefault(found["message-id"][1:33], []).append(found)
    meant = as_the_slow_way(engine, reference)
    wrong = sum(
        got.get(each.reference) != [_decoded(standard_bytes(each.envelope, sender))]
        for each in meant
    )
    return wrong + len(got.keys() - {each.reference for each in meant})


def _decoded(raw: bytes) -> dict[str, str]:
    """Headers and bodies of a message as its reader sees them."""
    message = message_from_bytes(_without_the_sinks(raw), policy=default)
    assert isinstance(message, EmailMessage)
    found = {name: str(message[name]) for name in _COMPARED}
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        words = body.get_content() if body is not None else ""
        found[kind] = words.replace("\r\n", "\n").rstrip("\n")
    return found


def _without_the_sinks(raw: bytes) -> bytes:
    """smtp-sink writes X- lines of the envelope and a Received line above the message."""
    raw = raw.replace(b"\r\n", b"\n")
    start = raw.find(b"From:")
    return raw[start:] if start >= 0 else raw
