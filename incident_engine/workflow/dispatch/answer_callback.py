"""Answer a callback: the provider tells what became of a text or call, or asks for its words.

Whoever serves the address in `web.base_url` hands path, form and signature in and gives back what
this says. A request that did not prove itself changes nothing and is told nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from incident_engine.channels.phone.callbacks import Callback, Callbacks, receipt_in, verified
from incident_engine.channels.phone.voice import VOICE, goodbye, heard, notice
from incident_engine.domain.errors import NotFound
from incident_engine.notices.wording import Wording
from incident_engine.store import receipts
from incident_engine.store.tables import Campaign, FrozenWording, Incident, PersonRow
from incident_engine.workflow.dispatch.deliver import envelope_for
from incident_engine.workflow.dispatch.receive import receive
from incident_engine.workflow.engine import CLOCK, Engine


def answer_callback(
    engine: Engine,
    callbacks: Callbacks,
    path: str,
    pairs: Sequence[tuple[str, str]],
    signature: str,
) -> str:
    """The body to answer with: TwiML for a call, nothing for a receipt.

    The notice is read only after a key press. Raises Refused `forged-receipt` for what does not
    prove itself, NotFound for a delivery that is not ours.
    """
    account, token = _account(engine, is_call=f"/{VOICE}/" in path)
    callback = verified(callbacks, path, pairs, signature, account_sid=account, auth_token=token)
    if callback.place != "words":
        receive(engine, CLOCK, [receipt_in(callback)])
        return ""
    news = heard(callback)
    if news is None:
        return goodbye()
    text, language = _notice_of(engine, callback)
    receive(engine, CLOCK, [news])
    return notice(text, language)


def _account(engine: Engine, *, is_call: bool) -> tuple[str, str]:
    """Whose calls or texts these are; what is not set for calls is as for texts."""
    sms, voice = engine.settings.sms, engine.settings.voice
    own = voice.auth_token.get_secret_value() if is_call else ""
    account = voice.account_sid if is_call else ""
    return account or sms.account_sid, own or sms.auth_token.get_secret_value()


def _notice_of(engine: Engine, callback: Callback) -> tuple[str, str]:
    with engine.reading() as session:
        delivery = receipts.delivery_of(session, callback.reference)
        if delivery is None or delivery.channel != callback.channel:
            raise NotFound("no-delivery", "provider callback", "asks for a call of none of ours")
        campaign = session.get_one(Campaign, delivery.campaign_id)
        incident = session.get_one(Incident, campaign.incident_id)
        body = session.get_one(FrozenWording, delivery.wording_id).body
        envelope = envelope_for(
            delivery,
            session.get_one(PersonRow, delivery.person_id),
            Wording.from_json(json.loads(body)),
            engine.keyring.seal(incident.wrapped_key),
            campaign,
        )
        return envelope.text, envelope.language
