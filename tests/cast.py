"""The cast, and the house they work in: real rows, a real mail server, a stand-in SMS provider.

Maren leads security and administers; Otto responds; Dov and Ines approve; Eve audits. Ada is
reached by email, Bo by telephone only, Cy by neither, and Di's mailbox is gone.
"""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select, text

from incident_engine import settings as configuration
from incident_engine.__main__ import main
from incident_engine.demo.mailbox import MailServer
from incident_engine.demo.provider import ACCOUNT_SID, AUTH_TOKEN, SmsProvider
from incident_engine.domain.words import ChannelName, Role
from incident_engine.home import Home
from incident_engine.store import campaigns, deliveries, incidents, obligations
from incident_engine.store.tables import Attempt, Campaign, Delivery, Entry, Incident, Obligation
from incident_engine.workflow.dispatch.deliver import Delivered, deliver
from incident_engine.workflow.dispatch.launch import Launched, launch
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people

MAREN = Actor("maren", Role.ADMIN)
OTTO = Actor("otto", Role.RESPONDER)
DOV = Actor("dov", Role.APPROVER)
INES = Actor("ines", Role.APPROVER)
EVE = Actor("eve", Role.AUDITOR)

NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)
INCIDENT = "INC-2026-0001"

FACTS = """\
format = 1
title = "The copied customer list"
role = "controller"
kinds = ["confidentiality"]
confirmed = true

[organisation]
name = "Kestrel Cloud"
address = "1 Harbour Road, Hangzhou"
country = "CN"
establishments = ["CN", "DE"]
lead_authority = "DE"

[clocks]
occurred_from = 2026-03-02T21:00:00+08:00
aware = 2026-03-06T10:25:00+08:00
discovered = 2026-03-06T10:25:00+08:00

[cause]
action = "hacking"
scenario = "exfiltration"
actor = "external"
exfiltrated = true

[data]
types = ["name", "email", "national_id"]
encrypted = false

[[people]]
where = "DE"
count = 2
minors = 0

[[people]]
where = "CN"
count = 1
minors = 0

[[people]]
where = "US-CA"
count = 700

[finding]
risk = "high"
significant_harm = true
by = "Dov Adler"

[contacts]
dpo = { name = "Dov Adler", email = "dpo@kestrel.example" }
public = { email = "incident@kestrel.example", phone = "+86 10 5555 0199" }

[story.en]
summary = "A copy of our customer list was taken from a test server."
cause = "A test server could be reached from the internet without a password."
consequences = "Someone may pretend to be us."
measures = "We switched the server off and told the police."
advice = "Change your password."
remedies = "We pay for two years of identity monitoring."

[story.zh-Hans]
summary = "我们的客户名单副本被人复制。"
cause = "测试服务器无需密码即可访问。"
consequences = "有人可能冒充我们。"
measures = "我们关闭了服务器并报警。"
advice = "请修改密码。"
remedies = "我们承担两年的身份保护服务费用。"
"""

PEOPLE = """\
id,name,email,phone,where,language
1,Ada Lovell,ada@people.example,,DE,en
2,薄一波,,+8613912345678,CN,zh-CN
3,Cy Roux,,,DE,en
4,Di Marsh,di@people.example,+4915123456789,DE,en
"""
GONE = "di@people.example"
BOTH = (ChannelName.EMAIL, ChannelName.SMS)


def document(**changed: Any) -> dict[str, Any]:
    """The facts of the copied customer list, top-level tables replaced by name."""
    return tomllib.loads(FACTS) | changed


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class House:
    """One installation, its clock, and the two servers it writes to."""

    engine: Engine
    clock: Clock
    mail: MailServer
    sms: SmsProvider
    folder: Path

    def set(self, **values: str) -> None:
        """Change settings (`email_host="…"`) and build the engine again."""
        for name, value in values.items():
            configuration.change(self.engine.home, name.replace("_", ".", 1), value)
        self.engine = engine_of(self.engine.home, self.clock)

    def file(self, content: str | bytes, name: str = "people.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def opened(self, **changed: Any) -> str:
        found = document(**changed)
        return open_incident(self.engine, OTTO, found, source="facts.toml").reference

    def imported(self, people: str | bytes = PEOPLE, **changed: Any) -> str:
        reference = self.opened(**changed)
        import_people(self.engine, OTTO, reference, self.file(people))
        return reference

    def prepared(
        self, people: str | bytes = PEOPLE, plan: Sequence[ChannelName] = BOTH, **changed: Any
    ) -> Campaign:
        return prepare(self.engine, OTTO, self.imported(people, **changed), plan)

    def approved(
        self, people: str | bytes = PEOPLE, plan: Sequence[ChannelName] = BOTH, **changed: Any
    ) -> Campaign:
        campaign = self.prepared(people, plan, **changed)
        return approve(self.engine, DOV, INCIDENT, campaign.sha256)

    def launched(
        self, people: str | bytes = PEOPLE, plan: Sequence[ChannelName] = BOTH, **changed: Any
    ) -> Launched:
        self.approved(people, plan, **changed)
        return launch(self.engine, OTTO, INCIDENT)

    def sent(
        self, people: str | bytes = PEOPLE, plan: Sequence[ChannelName] = BOTH, **changed: Any
    ) -> Delivered:
        self.launched(people, plan, **changed)
        return deliver(self.engine, OTTO, INCIDENT)

    def incident(self, reference: str = INCIDENT) -> Incident:
        with self.engine.reading() as session:
            return incidents.by_reference(session, reference)

    def campaign(self) -> Campaign:
        with self.engine.reading() as session:
            return campaigns.of_incident(session, self.incident().id or 0)[-1]

    def duties(self) -> dict[str, Obligation]:
        with self.engine.reading() as session:
            rows = obligations.of_incident(session, self.incident().id or 0)
        return {f"{row.playbook}/{row.name}/{row.place}": row for row in rows}

    def deliveries(self) -> list[Delivery]:
        with self.engine.reading() as session:
            return list(session.exec(select(Delivery)).all())

    def attempts(self, delivery: Delivery) -> list[Attempt]:
        with self.engine.reading() as session:
            return deliveries.attempts(session, delivery.id or 0)

    def outcomes(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for each in self.deliveries():
            counted[each.outcome] = counted.get(each.outcome, 0) + 1
        return counted

    def acts(self, act: str = "") -> list[Entry]:
        with self.engine.reading() as session:
            return [e for e in session.exec(select(Entry)).all() if not act or e.act == act]

    def rows(self) -> dict[str, int]:
        """How many rows each table has: what nothing-half-kept is measured by."""
        with self.engine.reading() as session:
            names = session.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            ).scalars()
            return {
                name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in list(names)
            }


def engine_of(home: Home, clock: Callable[[], datetime]) -> Engine:
    """The engine of a home with a clock of ours."""
    from incident_engine import app

    return replace(app.build(home), now=clock)


@contextmanager
def served(
    home: Home, folder: Path, *, unknown: Sequence[str] = (GONE,), busy_once: Sequence[str] = ()
) -> Iterator[House]:
    """The house over a home, with its mail server and its SMS provider running."""
    with (
        MailServer(folder, unknown=unknown, busy_once=busy_once) as mail,
        SmsProvider(folder) as sms,
    ):
        clock = Clock()
        house = House(engine_of(home, clock), clock, mail, sms, folder)
        house.set(
            email_host="127.0.0.1", email_port=str(mail.port), email_security="none",
            email_sender="notice@kestrel.example", email_lanes="2",
            sms_account_sid=ACCOUNT_SID, sms_auth_token=AUTH_TOKEN, sms_sender="+14155550100",
            sms_base_url=sms.base_url,
        )  # fmt: skip
        yield house


@dataclass(frozen=True)
class Typed:
    """What one typed command came to."""

    status: int
    out: str
    err: str

    @property
    def last_word(self) -> str:
        return self.out.split()[-1]

    def must_be_one_sentence(self, *words: str) -> None:
        """Refused as a person wants it: one line on standard error, no traceback, these words."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("incident-engine: "), self.err
        assert "fault of our own" not in self.err, self.err
        for word in words:
            assert word.lower() in self.err.lower(), (word, self.err)


def typed(*words: str | Path) -> Typed:
    """Type a command into this process: everything but the interpreter's start is the same."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before, status = sys.argv, 0
    sys.argv = ["incident-engine", *map(str, words)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
    out.flush()
    return Typed(status, out.buffer.getvalue().decode(), err.getvalue())  # type: ignore[attr-defined]
