"""How long a pack of 100,000 deliveries takes, how much memory, and whether any tampering passes.

Not collected with the tests: `pytest tests/bench/bench_proof.py -s`. The rows are written as the
dispatcher writes them, with the sizes of batches that a real run has (3 a booking, 3 an answer).
Times are of the processor: one process on one core, whatever else the machine does.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pytest
import rfc8785
from sqlalchemy import insert, select
from sqlmodel import Session

from incident_engine.channels import Receipt
from incident_engine.domain import bulk_rows
from incident_engine.domain.notice_code import code_of, fingerprint
from incident_engine.domain.words import Outcome
from incident_engine.home import Home
from incident_engine.proof.verify import verify
from incident_engine.store import campaigns, journal, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Delivery, PeopleImport, PersonRow
from incident_engine.workflow.dispatch.dispatch_round import reply_cell, salt_of
from incident_engine.workflow.dispatch.receive import receive
from incident_engine.workflow.notices.codes import code_key, notice_id
from incident_engine.workflow.people.reach import cell_name_of
from incident_engine.workflow.proof.prove import prove
from incident_engine.workflow.proof.was_told import was_told
from tests.cast import EVE, INCIDENT, OTTO, House, engine_of

PEOPLE, BATCH = 100_000, 3
FLIPS = 10_000
AT = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)


@pytest.fixture
def crowd(house: House) -> House:
    """The house after 100,000 people were told, on top of the four of the cast."""
    house.launched()
    incident, campaign = house.incident(), house.campaign()
    seal = house.engine.keyring.seal(incident.wrapped_key)
    with house.engine.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM delivery")
        session.connection().exec_driver_sql("DELETE FROM person")
        session.connection().exec_driver_sql("DELETE FROM people_import")
        for trigger in ("entry_no_delete", "entry_no_update"):
            session.connection().exec_driver_sql(f"DROP TRIGGER {trigger}")
        session.connection().exec_driver_sql(
            "DELETE FROM entry WHERE id >= (SELECT id FROM entry WHERE act = 'people-imported')"
        )
        _write(session, campaign, seal)
    receive(house.engine, OTTO, _bounces(house))
    return house


def _bounces(house: House) -> Iterator[Receipt]:
    """Every twentieth comes back later, each through the door that a real one comes through."""
    with house.engine.reading() as session:
        told = session.execute(select(Delivery.reference).where(Delivery.id % 20 == 0)).scalars()
        references = list(told)
    for each in references:
        yield Receipt(key=f"bounce-{each}", reference=each, kind="failed", code="5.1.1",
                      outcome=Outcome.UNDELIVERABLE, said="550 5.1.1 no such mailbox")  # fmt: skip


def _write(session: Session, campaign: Campaign, seal: Seal) -> None:
    session.add(PeopleImport(id=1, incident_id=campaign.incident_id, file_sha256="x", rows=PEOPLE,
                             accepted=PEOPLE, refused=0, merged=0, imported_at=AT,
                             imported_by="otto"))  # fmt: skip
    session.flush()
    _all(session, PersonRow, _people(campaign, seal))
    root = people.root(session, campaign.incident_id)
    _entry(session, "people-imported", new=PEOPLE, root=root)
    manifest = json.loads(campaign.manifest) | {"people": {"count": PEOPLE, "root": root}}
    text = rfc8785.dumps(manifest)
    fresh = session.get_one(Campaign, campaign.id)
    fresh.manifest, fresh.sha256 = text.decode(), sha256(text).hexdigest()
    session.connection().exec_driver_sql("UPDATE approval SET sha256 = ?", (fresh.sha256,))
    _entry(session, "notice-approved", "dov", subject=fresh.sha256, why="")
    word = campaigns.wordings(session, campaign.id or 0)[0]
    codes = code_key(seal), notice_id(INCIDENT, campaign)
    rows = list(_deliveries(session, campaign, seal, word.id or 0, codes))
    _all(session, Delivery, iter(rows))
    proven = [
        bulk_rows.written_row(
            r["reference"], channel="email", person=r.pop("public_id"), addressee="person",
            address=r["blind_address"], wording=word.sha256,
        ) for r in rows
    ]  # fmt: skip
    _entry(session, "campaign-launched", subject=fresh.sha256, deliveries=PEOPLE,
           unreachable=0, root=bulk_rows.root(proven))  # fmt: skip
    _all(session, Attempt, _attempts(session, rows, seal))


def _people(campaign: Campaign, seal: Seal) -> Iterator[dict[str, object]]:
    for n in range(1, PEOPLE + 1):
        public, email = secrets.token_hex(8), f"person{n}@people{n % 977}.example"
        yield {
            "id": n, "incident_id": campaign.incident_id, "import_id": 1, "row": n,
            "public_id": public, "blind_id": seal.blind("id", str(n)),
            "blind_email": seal.blind("email", email), "blind_phone": "", "place": "DE",
            "language": "en", "data_types": '["email"]', "minor": False, "under_14": False,
            "deceased": False, "do_not_contact": False, "protected_address": False,
            "sealed": seal.close(cell_name_of(public), {"id": str(n), "name": f"Ada Lovell{n}",
                                                        "email": email}),
        }  # fmt: skip


def _deliveries(
    session: Session, campaign: Campaign, seal: Seal, wording: int, codes: tuple[bytes, str]
) -> Iterator[dict[str, object]]:
    known = session.execute(select(PersonRow.id, PersonRow.public_id, PersonRow.blind_email))
    for n, public, blind in known:
        yield {
            "id": n, "campaign_id": campaign.id, "person_id": n, "wording_id": wording,
            "addressee": "person", "channel": "email", "reference": secrets.token_hex(16),
            "blind_address": blind, "code_sha256": fingerprint(code_of(*codes, public)),
            "outcome": "accepted", "fence": "", "attempts": 1, "created_at": AT,
            "settled_at": AT, "public_id": public,
        }  # fmt: skip


def _attempts(
    session: Session, rows: list[dict[str, object]], seal: Seal
) -> Iterator[dict[str, object]]:
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        references = [str(row["reference"]) for row in batch]
        booked = _entry(
            session, "deliveries-sending", outcomes={"sending": BATCH},
            root=bulk_rows.root(bulk_rows.moved_row(r, "sending") for r in references),
        )  # fmt: skip
        said = [f"250 2.0.0 Ok: queued as {r[:10]}" for r in references]
        digests = [
            bulk_rows.reply_digest(salt_of(seal, reply_cell(r, 1)), s)
            for r, s in zip(references, said, strict=True)
        ]
        answers = [("accepted", "answer", "250", r[:10]) for r in references]
        answered = _entry(session, "deliveries-answered", root=bulk_rows.root(
            bulk_rows.answered_row(r, number=1, settled_as="accepted", answer=a, said=d)
            for r, a, d in zip(references, answers, digests, strict=True)),
            outcomes={"accepted": BATCH})  # fmt: skip
        for row, text, digest in zip(batch, said, digests, strict=True):
            r = str(row["reference"])
            yield {
                "delivery_id": row["id"], "number": 1, "fence": "f", "booked_at": AT,
                "ended_at": AT, "outcome": "accepted", "phase": "answer", "code": "250",
                "provider_reference": r[:10], "reply_digest": digest, "settled_as": "accepted",
                "sealed_reply": seal.close(reply_cell(r, 1), text),
                "booked_entry": booked, "answered_entry": answered,
            }  # fmt: skip


def _entry(
    session: Session, act: str, actor: str = "otto", subject: str = "", **body: object
) -> int:
    entry = journal.write(session, at=AT, actor=actor, act=act, incident=INCIDENT,
                          subject=subject, body=body)  # fmt: skip
    session.expunge(entry)
    return entry.id or 0


def _all(session: Session, table: type, rows: Iterator[dict[str, object]]) -> None:
    known = set(table.model_fields)  # type: ignore[attr-defined]
    while batch := list(islice(rows, 5000)):
        session.execute(insert(table), [{k: v for k, v in r.items() if k in known} for r in batch])


def _prove(home: str, out: str, personal: bool, say: object) -> None:
    engine, began = engine_of(Home(Path(home)), lambda: AT), time.process_time()
    made = prove(engine, EVE, INCIDENT, Path(out), personal_data=personal)
    say.put((time.process_time() - began, _peak(), made.size))  # type: ignore[attr-defined]


def _check(pack: str, say: object) -> None:
    began = time.process_time()
    faults = verify(pack).faults
    say.put((time.process_time() - began, _peak(), faults))  # type: ignore[attr-defined]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _peak() -> int:
    # Not getrusage: it keeps the peak of the process that this one was forked from.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _apart(work: object, *given: object) -> tuple[float, int, object]:
    context = multiprocessing.get_context("spawn")
    say = context.Queue()
    process = context.Process(target=work, args=(*given, say))  # type: ignore[arg-type]
    process.start()
    found: tuple[float, int, object] = say.get()
    process.join()
    return found


def test_a_hundred_thousand_are_proved_and_checked_in_time(crowd: House) -> None:
    crowd.engine.database.close()
    for personal in (False, True):
        out = crowd.folder / f"proof-{personal}.zip"
        took, peak, size = _apart(_prove, str(crowd.engine.home.folder), str(out), personal)
        _say(f"\nbuilt, personal data {personal}: {took:.1f} s, {peak} MB, {size:,} bytes")
        assert took < 60
        assert peak < 200
        took, peak, faults = _apart(_check, str(out))
        _say(f"verified: {took:.1f} s, {peak} MB, {faults}")
        assert faults == []
        assert took < 20
    for what in ("77777", "person77777@people594.example"):
        began = time.process_time()
        found = was_told(crowd.engine, EVE, INCIDENT, what)["people"]
        _say(f"was told: {(time.process_time() - began) * 1000:.1f} ms")
        assert len(found) == 1


def test_no_tampering_of_ten_thousand_passes(house: House) -> None:
    house.sent()
    pack = house.folder / "proof.zip"
    prove(house.engine, EVE, INCIDENT, pack)
    whole, forged, chance = pack.read_bytes(), house.folder / "forged.zip", random.Random(7)
    seen, began = 0, time.process_time()
    for _ in range(FLIPS):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
        forged.write_bytes(content)
        seen += bool(verify(str(forged)).faults)
    _say(f"\n{seen} of {FLIPS} found in {time.process_time() - began:.0f} s")
    assert seen == FLIPS
