"""Open one person's sealed cell and say by which channels this addressee can be reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident_engine.domain.words import ChannelName
from incident_engine.store.deliveries import Held
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import PersonRow
from incident_engine.workflow.engine import Engine

PERSON, GUARDIAN = "person", "guardian"
_BLINDED_AS = {
    ChannelName.EMAIL: "email",
    ChannelName.SMS: "phone",
    ChannelName.VOICE: "phone",
    ChannelName.BY_HAND: "phone",
}
_COMMA = re.compile(r"\s*[,，\n]\s*")  # a guardian's address comes in one cell


@dataclass(frozen=True)
class Addressee:
    """Who is written to: the person or, for a minor, the guardian; and where."""

    kind: str
    name: str
    about: str  # the child's name when a guardian is written to
    addresses: Mapping[ChannelName, str]

    @property
    def channels(self) -> tuple[ChannelName, ...]:
        """The channels this addressee has an address for."""
        return tuple(self.addresses)


def origin_of(engine: Engine) -> dict[str, str]:
    """From whom a notice comes on each channel, and where its code is checked: a part of what is
    approved."""
    email, organisation = engine.settings.email, engine.settings.organisation
    return {
        "email": email.sender_address(organisation),
        "name": email.sender_name or organisation.name,
        "sms": engine.settings.sms.sender,
        "check": engine.settings.notices.check_url,
    }


def cell_name_of(public_id: str) -> str:
    """The associated data of a person's sealed cell: it opens in no other row."""
    return f"person/{public_id}"


def opened(row: PersonRow | Held, seal: Seal) -> dict[str, Any]:
    """The particulars of a person: name, email, phone, guardian and own fields.

    Nothing when they were deleted: the cell is empty, the row and its keyed hashes stay.
    """
    if not row.sealed:
        return {}
    content = seal.open(cell_name_of(row.public_id), row.sealed)
    return content if isinstance(content, dict) else {}


def blind_address(seal: Seal, channel: ChannelName, address: str) -> str:
    """The keyed hash of an address, equal to that of the person's own where it is the same."""
    kind = _BLINDED_AS.get(channel, channel.value)
    return seal.blind(kind, address)


def addressee_of(row: PersonRow | Held, seal: Seal, *, guardian: bool) -> Addressee:
    """The addressee of a notice to this person, or to the guardian.

    Nobody writes to the dead or to those who asked not to be contacted by the organisation:
    they stay on the list of people still to be reached another way.
    """
    cell = opened(row, seal)
    who = "guardian_" if guardian else ""
    phone = cell.get(f"{who}phone", "")
    silent = row.deceased or row.do_not_contact
    addresses = {
        channel: address
        for channel, address in (
            (ChannelName.EMAIL, cell.get(f"{who}email", "")),
            (ChannelName.SMS, phone),
            (ChannelName.VOICE, phone),
            (ChannelName.BY_HAND, phone),
            (ChannelName.LETTER, "\n".join(_postal(cell, guardian=guardian))),
            (ChannelName.PUSH, "" if guardian else str(cell.get("push", ""))),
        )
        if address and not silent
    }
    name = str(cell.get("name", ""))
    return Addressee(
        kind=GUARDIAN if guardian else PERSON,
        name=str(cell.get("guardian_name", "")) if guardian else name,
        about=name if guardian else "",
        addresses=addresses,
    )


def _postal(cell: Mapping[str, Any], *, guardian: bool) -> list[str]:
    """The lines of a postal address, postal code and country among them. None where the address
    is protected: a letter would hand it to a printer."""
    if cell.get("protected_address"):
        return []
    if guardian:
        return _COMMA.split(str(cell.get("guardian_address", "")))
    lines = [str(line) for line in cell.get("address", ())]
    for part in ("postal_code", "country"):
        said = str(cell.get(part, ""))
        if lines and said.casefold() not in "\n".join(lines).casefold():
            lines.append(said)
    return lines
