"""One incident brought to its end, once; every test tampers with a copy of its own."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from incident_engine.channels import Receipt as News
from incident_engine.domain.words import Outcome, Verdict
from incident_engine.home import Home
from incident_engine.proof.pack import PackFile
from incident_engine.proof.verify import MANIFEST, SIGNATURE, Findings, verify
from incident_engine.store import checkpoints
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.receive import receive
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.proof.prove import prove
from incident_engine.workflow.public.announce import look_after, put_up
from incident_engine.workflow.reports.answer_report import TheirAnswer, answer_report
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from tests.cast import EVE, INCIDENT, OTTO, Clock, House, engine_of, served

DUTY = "eu-gdpr/authority/DE"
Tamper = Callable[[str, bytes], bytes | None]


@dataclass(frozen=True)
class Closed:
    """An incident at its end: the home, a pack of it, and what was kept elsewhere before."""

    folder: Path
    clock: Clock

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def pack(self) -> Path:
        return self.folder / "proof.zip"

    @property
    def key(self) -> bytes:
        return (self.folder / "kept.pub").read_bytes()

    @property
    def kept(self) -> bytes:
        return (self.folder / "kept.jsonl").read_bytes()

    def engine(self) -> Engine:
        return engine_of(self.home, self.clock)

    def proved(self, *, personal_data: bool = False) -> Path:
        """Another pack of the home as it now stands."""
        out = self.folder / f"again-{len(list(self.folder.glob('again-*')))}.zip"
        engine = self.engine()
        prove(engine, EVE, INCIDENT, out, personal_data=personal_data)
        engine.database.close()
        return out

    def checked(self, pack: Path | None = None) -> Findings:
        """The pack as somebody checks it who kept the key and the checkpoints."""
        return verify(str(pack or self.pack), self.key, self.kept)

    def with_the_disk(self, *statements: str) -> None:
        """Change the rows as somebody would who has the file: triggers away first."""
        connection = sqlite3.connect(self.home.database)
        for table in ("entry", "fact"):
            for act in ("update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
        connection.commit()
        connection.close()

    def resigned(self, tamper: Tamper, *, pack: Path | None = None) -> Path:
        """The pack as its maker could forge it: files changed or dropped, all signed again."""
        out = self.folder / "forged.zip"
        with zipfile.ZipFile(pack or self.pack) as source, out.open("w+b") as stream:
            manifest = json.loads(source.read(MANIFEST))
            statement = {k: v for k, v in manifest.items() if k not in ("files", "format")}
            with PackFile(stream) as forged:
                for name in source.namelist():
                    if name not in (MANIFEST, SIGNATURE):
                        content = tamper(name, source.read(name))
                        if content is not None:
                            forged.add(name, content)
                forged.close(statement, lambda said: checkpoints.sign(self.home.keys, said))
        return out


@pytest.fixture(scope="session")
def first_closed(first_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Closed:
    """The copied customer list from first sign to filed report. Copied, never used."""
    folder = tmp_path_factory.mktemp("closed")
    home = Home(folder / "home")
    shutil.copytree(first_home.folder, home.folder)
    home.folder.chmod(0o700)
    with served(home, folder) as house:
        house.sent()
        house.clock.passes(minutes=5)
        house.opened()  # another incident: its entries are nobody's business
        engine = house.engine
        record_facts(engine, OTTO, INCIDENT, [("data.encrypted", "false")], why="looked again")
        finish(engine, OTTO, INCIDENT)
        waived = Settlement(trigger="waive", why="the person was reached another way")
        settle(engine, OTTO, INCIDENT, "cn-pipl/individuals/CN", waived)
        prepare_report(engine, OTTO, INCIDENT, DUTY)
        receipt = Receipt(number="DE-4711", file=house.file(b"%PDF- received", "receipt.pdf"))
        file_report(engine, OTTO, INCIDENT, DUTY, receipt, why="the rest follows")
        put_up(engine, OTTO, INCIDENT)
        _later(house)
        house.clock.passes(minutes=5)
        checkpoint(engine, EVE)
        (folder / "kept.jsonl").write_bytes(home.checkpoints.read_bytes())
        (folder / "kept.pub").write_bytes((home.keys / "journal.pub").read_bytes())
        house.clock.passes(minutes=5)
        prove(engine, EVE, INCIDENT, folder / "proof.zip")
        engine.database.close()
        return Closed(folder, house.clock)


def _later(house: House) -> None:
    """What comes back afterwards: Bo's phone got it, somebody forges a bounce of Ada's mail, the
    authority wants more; and the page is looked at, and changed."""
    house.clock.passes(minutes=61)
    engine = house.engine
    went = [each for each in house.deliveries() if each.outcome == Outcome.ACCEPTED]
    told = {each.channel: each.reference for each in went}
    arrived = News(key="sms-1", reference=told["sms"], kind="delivered", said="delivered",
                   outcome=Outcome.DELIVERED)  # fmt: skip
    forged = News(key="mail-1", reference=told["email"], kind="failed", said="user unknown",
                  outcome=Outcome.UNDELIVERABLE, code="5.1.1", believed=False,
                  why="its mark is not ours")  # fmt: skip
    receive(engine, OTTO, [arrived, forged])
    theirs = TheirAnswer(
        verdict=Verdict.MORE_WANTED, number="DE-4711-2", said="How many minors?",
        due=house.clock.at + timedelta(days=14), file=house.file(b"%PDF- more", "letter.pdf"),
    )  # fmt: skip
    answer_report(engine, OTTO, INCIDENT, DUTY, theirs)
    look_after(engine, engine.now())
    put_up(engine, OTTO, INCIDENT)


@pytest.fixture
def closed(first_closed: Closed, tmp_path: Path) -> Iterator[Closed]:
    """The closed incident, to tamper with."""
    copy = tmp_path / "closed"
    shutil.copytree(first_closed.folder, copy)
    (copy / "home").chmod(0o700)
    clock = Clock(first_closed.clock.at)
    clock.passes(minutes=5)
    return Closed(copy, clock)


def line_changed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The content with one thing changed once."""
    assert old in content
    return content.replace(old, new, 1)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
