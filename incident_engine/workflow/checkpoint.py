"""Sign the head of the journal into a file outside the database, and have it stamped elsewhere."""

from __future__ import annotations

from secrets import randbelow, token_bytes

from incident_engine.channels.time_stamp import ask_authority, no_stamp
from incident_engine.domain.errors import BadInput, Refused
from incident_engine.domain.permits import Act
from incident_engine.proof.time_stamp import question, read_answer
from incident_engine.store import checkpoints, journal
from incident_engine.workflow.engine import Actor, Engine


def checkpoint(engine: Engine, actor: Actor, *, stamp: bool | None = None) -> dict[str, str | int]:
    """Verify the journal against earlier checkpoints, then sign its head. Returns the new line.

    `stamp`: have it stamped by the authority in the settings (RFC 3161); left out, where one is
    set. The answer then has `stamped_at`. Raises BadInput when none is set, and Unreachable when
    the authority fails: the checkpoint itself stands by then.
    """
    actor.may(Act.CHECKPOINT)
    home, url = engine.home, engine.settings.proof.timestamp_url
    if stamp and not url:
        raise _no_authority()
    with engine.transaction(actor) as transaction:
        transaction.record("checkpoint-signed")
        verdict = journal.verify(transaction.session, checkpoints.read(home.checkpoints, home.keys))
        if not verdict.sound:
            raise Refused("journal-broken", "the journal", verdict.fault)
        root = journal.root(transaction.session)
    line = checkpoints.append(
        home.checkpoints,
        home.keys,
        entries=verdict.entries,
        head=verdict.head,
        at=transaction.at,
        root=root,
    )
    if not url or stamp is False:
        return line
    content, nonce = checkpoints.stamped(line), bytes([1 + randbelow(127)]) + token_bytes(7)
    answer = ask_authority(url, question(content, nonce))
    try:
        der, found = read_answer(answer, content, nonce)
    except ValueError as error:
        raise no_stamp(url, str(error)) from None
    checkpoints.append_stamp(home.time_stamps, line, authority=url, at=found.at, token=der)
    return line | {"stamped_at": found.at.isoformat(), "stamped_by": url}


def _no_authority() -> BadInput:
    return BadInput(
        "no-authority",
        "journal checkpoint --timestamp",
        "no time-stamping authority is set",
        expected="its address (RFC 3161) in proof.timestamp_url",
        next_step="`incident-engine config set proof.timestamp_url https://…`",
    )
