"""The demonstration: one incident from first sign to proof, on loopback, nothing leaving.

Every step is the verb that the command line uses. Two users act, because no one may approve
their own work; the mail server and the SMS provider are stand-ins started for it here.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from incident_engine import app
from incident_engine import settings as configuration
from incident_engine.cli.installation import make_home
from incident_engine.cli.progress import counting
from incident_engine.demo.clock import Clock, brought_to
from incident_engine.demo.mailbox import MailServer
from incident_engine.demo.provider import ACCOUNT_SID, AUTH_TOKEN, SmsProvider
from incident_engine.domain.errors import Refused
from incident_engine.domain.words import Audience, ChannelName, ObligationState, Role
from incident_engine.home import Home
from incident_engine.proof.verify import verify as verify_pack
from incident_engine.store import checkpoints, incidents, obligations
from incident_engine.store.journal import verify
from incident_engine.store.obligations import BINDING_STATUSES
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.dispatch.account import account
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.enrol import enrol, enrol_first
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from incident_engine.workflow.proof.prove import prove
from incident_engine.workflow.public import announce
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report

HERE = Path(__file__).parent
MAREN, OTTO, DOV = (
    Actor("maren", Role.ADMIN),
    Actor("otto", Role.RESPONDER),
    Actor("dov", Role.APPROVER),
)
Tell = Callable[[str], None]


@dataclass
class Made:
    """What the demonstration made, line by line, for the table at its end."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    incident: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, how_many: object, where: Path | str = "") -> None:
        """Add one line: what was made, how much of it, and where to look."""
        self.lines.append((what, str(how_many), str(where)))


def play(out: Path, tell: Tell) -> Made:
    """Run the whole demonstration into a new folder. Raises Refused when `out` holds anything."""
    if out.exists() and any(out.iterdir()):
        raise Refused(
            "demo-folder",
            str(out),
            "holds something already",
            expected="a new or empty folder",
            next_step="Name another with --out.",
        )
    out.mkdir(parents=True, exist_ok=True)
    made = Made()
    bounced, busy, wrong = _script()
    with (
        MailServer(out, unknown=bounced, busy_once=busy) as mail,
        SmsProvider(out, refusals=wrong) as provider,
    ):
        clock = Clock(app.now)
        engine = replace(_set_up(out, mail.port, provider.base_url), now=clock.now)
        _act(engine, clock, out, made, tell)
        made.note("mails taken by the mail server", len(mail.written), mail.folder)
        made.note("text messages taken by the provider", len(provider.written), provider.folder)
    _look_back(engine, made)
    return made


def _act(engine: Engine, clock: Clock, out: Path, made: Made, tell: Tell) -> None:
    tell("Otto opens the incident, and every law is asked at once.")
    reference = made.incident = _open(engine, out, made)
    tell("Otto imports who is affected.")
    _import(engine, reference, made)
    tell("Maren prepares the notice; Dov, who prepared nothing, approves its hash.")
    campaign = prepare(engine, MAREN, reference, [ChannelName.EMAIL, ChannelName.SMS])
    approve(engine, DOV, reference, campaign.sha256, why="read in both languages")
    made.note("notice approved, bound to hash", campaign.sha256[:16])
    tell("The notice leaves, person by person.")
    launched = launch(engine, MAREN, reference)
    _deliver(engine, reference)
    tell("Two minutes later, those whose server was busy are tried again.")
    clock.put_forward(timedelta(minutes=2))
    _deliver(engine, reference)
    finish(engine, OTTO, reference)
    tell("Those whom no channel reaches are told by a public page.")
    page = announce.put_up(engine, MAREN, reference)
    made.note("public announcement", "up", Path(page.folder) / "index.html")
    made.note("people without any working channel", launched.unreachable)
    tell("The authorities get their reports.")
    _report(engine, reference, out, made)
    tell("What can be closed is closed, and the journal is verified.")
    _close(engine, reference, made)
    tell("Everything of it is packed for an auditor, and checked as a stranger would.")
    _prove(engine, reference, out, made)


def _set_up(out: Path, mail_port: int, sms_url: str) -> Engine:
    home = Home(out / "home")
    make_home(home, organisation="Kestrel Cloud", country="CN")
    for name, value in (
        ("organisation.address", "1 Harbour Road, Hangzhou, China"),
        ("organisation.website", "https://kestrel.example"),
        ("email.host", "127.0.0.1"),
        ("email.port", str(mail_port)),
        ("email.security", "none"),
        ("email.sender", "notice@kestrel.example"),
        ("sms.account_sid", ACCOUNT_SID),
        ("sms.auth_token", AUTH_TOKEN),
        ("sms.sender", "+14155550100"),
        ("sms.base_url", sms_url),
        ("announcement.folder", str(out / "announcement")),
    ):
        configuration.change(home, name, value)
    engine = app.create(home)
    home.keep_login(enrol_first(engine, MAREN.name))
    enrol(engine, MAREN, OTTO.name, OTTO.role)
    enrol(engine, MAREN, DOV.name, DOV.role)
    return engine


def _open(engine: Engine, out: Path, made: Made) -> str:
    document = brought_to(
        tomllib.loads((HERE / "facts.toml").read_text(encoding="utf-8")), engine.now()
    )
    (out / "facts.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1, default=lambda each: each.isoformat()),
        encoding="utf-8",
    )
    incident = open_incident(engine, OTTO, document, source="facts.json")
    made.note("facts as opened", incident.reference, out / "facts.json")
    with engine.reading() as session:
        rows = obligations.of_incident(session, incident.id or 0)
    laws = len({row.playbook for row in rows})
    made.note(f"duties found under {laws} laws", len(rows), f"obligations {incident.reference}")
    return incident.reference


def _import(engine: Engine, reference: str, made: Made) -> None:
    file = HERE / "people.csv"
    try:
        import_people(engine, OTTO, reference, file)
    except Refused:
        # The file has faults, as such files have: they are named, counted, and kept for later.
        found = import_people(engine, OTTO, reference, file, accept_refused=7)
    made.note(
        "people file",
        f"{found['rows']} rows = {found['accepted']} accepted + {found['refused']} refused "
        f"+ {found['merged']} merged",
        f"people list {reference}",
    )


def _deliver(engine: Engine, reference: str) -> None:
    with counting("Sending") as show:
        deliver(
            engine,
            OTTO,
            reference,
            progress=lambda counts: show(
                sum(counts.values()) - counts.get("pending", 0) - counts.get("claimed", 0),
                sum(counts.values()),
            ),
        )


def _report(engine: Engine, reference: str, out: Path, made: Made) -> None:
    for duty in _duties(engine, reference, Audience.REGULATOR):
        filing = prepare_report(engine, OTTO, reference, duty).filing
        for path in (filing.pdf_path, filing.json_path):
            copy = out / "reports" / f"{duty.replace('/', '-')}{Path(path).suffix}"
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes((engine.home.folder / path).read_bytes())
        made.note(f"report for {duty}", f"{filing.complete} of {filing.fields} fields", copy.parent)
    filed = "eu-gdpr/authority/DE"
    file_report(
        engine, OTTO, reference, filed, Receipt(number="DE-2026-4711"), why="the rest follows"
    )
    made.note(f"filed: {filed}", "DE-2026-4711")


def _close(engine: Engine, reference: str, made: Made) -> None:
    finish(engine, OTTO, reference)
    with engine.reading() as session:
        rows = obligations.of_incident(session, incidents.by_reference(session, reference).id or 0)
    met = [row for row in rows if row.state == ObligationState.MET]
    made.note("duties met, with evidence", f"{len(met)} of {len(rows)}", f"obligations {reference}")
    checkpoint(engine, DOV)


def _prove(engine: Engine, reference: str, out: Path, made: Made) -> None:
    proof = prove(engine, DOV, reference, out / "proof.zip")
    key = checkpoints.public_key(engine.home.keys).encode()
    found = verify_pack(str(proof.path), key, engine.home.checkpoints.read_bytes())
    verdict = found.faults[0] if found.faults else "whole, every check"
    made.note("inspection pack, checked off line", verdict, proof.path)


def _duties(engine: Engine, reference: str, audience: Audience) -> list[str]:
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        return [
            f"{row.playbook}/{row.name}/{row.place}"
            for row in obligations.of_incident(session, incident.id or 0)
            if row.audience == audience and row.status in BINDING_STATUSES
        ]


def _look_back(engine: Engine, made: Made) -> None:
    found: dict[str, Any] = account(engine, DOV, made.incident)
    made.counts = found["counts"]
    for outcome, count in sorted(made.counts.items()):
        made.note(f"deliveries {outcome}", count, f"deliveries {made.incident}")
    with engine.reading() as session:
        home = engine.home
        verdict = verify(session, checkpoints.read(home.checkpoints, home.keys))
    made.note(
        "journal",
        f"{verdict.entries} entries, {'whole' if verdict.sound else verdict.fault}",
        home.folder,
    )


def _script() -> tuple[set[str], set[str], dict[str, int]]:
    """Who bounces, who is put off once, and which numbers do not work."""
    with (HERE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    bounced = {row["email"] for row in rows if row["email"].startswith("bounce")}
    busy = {row["email"] for row in rows[10:14] if row["email"]}
    phones = [row["phone"] for row in rows if row["email"] in bounced and row["phone"]]
    return bounced, busy, {phones[0]: 21211, phones[1]: 21610} if len(phones) > 1 else {}
