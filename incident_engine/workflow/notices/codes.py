"""The codes of an incident's notices: one a person and notice, the same in every medium."""

from __future__ import annotations

from incident_engine.domain.notice_code import code_of
from incident_engine.notices.wording import Wording
from incident_engine.store.deliveries import Held
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, PersonRow

_PURPOSE = "notice codes"


def code_for(seal: Seal, campaign: Campaign, wording: Wording, row: PersonRow | Held) -> str:
    """The code of one person's notice, whoever of the house reads it for them."""
    return code_of(code_key(seal), notice_id(wording.reference, campaign), row.public_id)


def code_key(seal: Seal) -> bytes:
    """The incident's key for codes. It stays in the house: the check page needs only hashes."""
    return seal.derive(_PURPOSE)


def notice_id(reference: str, campaign: Campaign) -> str:
    """What a code is bound to: the incident and which of its notices."""
    return f"{reference}/{campaign.number}"
