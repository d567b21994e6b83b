"""A report goes out once: booked before it leaves, and never again by itself."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from incident_engine.channels import Book, Envelope, Reply
from incident_engine.channels.push import Gateway, PushChannel
from incident_engine.domain.errors import BadInput, Conflict, NotFound, Unreachable
from incident_engine.domain.words import ObligationState, Outcome
from incident_engine.settings import ReportSettings
from incident_engine.store.tables import Filing
from incident_engine.workflow.reports.draft_report import Answers
from incident_engine.workflow.reports.file_report import Receipt, file_report
from incident_engine.workflow.reports.prepare_report import prepare_report
from incident_engine.workflow.reports.send_report import not_arrived, send_report
from tests.cast import INCIDENT, OTTO, PEOPLE, House
from tests.channels.fault_gateway import SECRET, FaultGateway

GDPR = "eu-gdpr/authority/DE"
DESK = "breach@authority.example"
ANSWERS = {"2.6": "Otto Bray, security", "6.2": "The server was switched off."}


def ready(house: House) -> Filing:
    house.opened()
    return prepare_report(house.engine, OTTO, INCIDENT, GDPR, Answers(given=ANSWERS)).filing


def send(house: House, to: str = DESK) -> Filing:
    return send_report(house.engine, OTTO, INCIDENT, GDPR, to=to)


class _HangsUp:
    """A wire that dies after the last byte, before the answer."""

    name = "email"

    def __init__(self, *, booked: bool = True) -> None:
        self.booked, self.sent = booked, 0

    def send(self, batch: Sequence[Envelope], book: Book) -> Iterator[Reply]:
        if not self.booked:
            raise Unreachable("email", "the relay", "does not answer")
        self.sent += len(book.sending([each.reference for each in batch]))
        raise KeyboardInterrupt
        yield


def over(house: House, wire: _HangsUp) -> None:
    house.engine = replace(house.engine, channel=lambda _: wire)  # type: ignore[arg-type]


def test_the_mail_carries_the_pdf_and_its_json(house: House) -> None:
    filing = ready(house)
    sent = send(house)
    assert (sent.sent_outcome, sent.sent_to) == (Outcome.ACCEPTED, DESK)
    [file] = list(Path(house.mail.folder).rglob("*.eml"))
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["To"] == DESK
    assert INCIDENT in mail["Subject"]
    enclosed = {each.get_filename(): each.get_content() for each in mail.iter_attachments()}
    pdf, body = enclosed[f"{INCIDENT}-notify-1.pdf"], enclosed[f"{INCIDENT}-notify-1.json"]
    assert pdf == (house.engine.home.folder / filing.pdf_path).read_bytes()
    assert json.loads(body)["incident"] == INCIDENT
    assert [each.act for each in house.acts() if each.act.startswith("report-s")] == [
        "report-sending", "report-sent",
    ]  # fmt: skip


@pytest.fixture
def gateway(house: House) -> Iterator[FaultGateway]:
    with FaultGateway() as running:
        wire = PushChannel(
            Gateway(url=running.url, secret=SECRET, now=lambda: datetime.now(UTC), timeout=0.5)
        )
        reports = ReportSettings(url=running.url, secret=SecretStr(SECRET))
        settings = house.engine.settings.model_copy(update={"reports": reports})
        house.engine = replace(house.engine, channel=lambda _: wire, settings=settings)
        yield running


def test_a_webhook_carries_the_same_files_signed(house: House, gateway: FaultGateway) -> None:
    filing = ready(house)
    sent = send_report(house.engine, OTTO, INCIDENT, GDPR, webhook=True)
    assert (sent.sent_outcome, sent.sent_to) == (Outcome.ACCEPTED, urlsplit(gateway.url).netloc)
    [told] = gateway.forms
    files = {each["name"]: b64decode(each["base64"]) for each in told["files"]}
    pdf = house.engine.home.folder / filing.pdf_path
    assert files[f"{INCIDENT}-notify-1.pdf"] == pdf.read_bytes()
    assert json.loads(files[f"{INCIDENT}-notify-1.json"])["incident"] == INCIDENT
    assert house.duties()[GDPR].state == ObligationState.OWED, "filed only with their number"


def test_a_webhook_that_never_answers_is_in_doubt_and_not_asked_again(
    house: House, gateway: FaultGateway
) -> None:
    ready(house)
    gateway.fault = "cut"
    sent = send_report(house.engine, OTTO, INCIDENT, GDPR, webhook=True)
    assert sent.sent_outcome == Outcome.IN_DOUBT
    with pytest.raises(Conflict, match="may have gone"):
        send_report(house.engine, OTTO, INCIDENT, GDPR, webhook=True)
    assert len(gateway.forms) == 1


def test_a_webhook_without_a_gateway_or_with_an_address_leaves_nothing(house: House) -> None:
    ready(house)
    with pytest.raises(BadInput, match=r"reports\.url"):
        send_report(house.engine, OTTO, INCIDENT, GDPR, webhook=True)
    with pytest.raises(BadInput, match="both --to and --webhook"):
        send_report(house.engine, OTTO, INCIDENT, GDPR, to=DESK, webhook=True)


def test_sent_is_not_filed(house: House) -> None:
    ready(house)
    send(house)
    assert house.duties()[GDPR].state == ObligationState.OWED
    filed = file_report(house.engine, OTTO, INCIDENT, GDPR, Receipt(number="DE-4711"))
    assert filed.reference == "DE-4711"


def test_it_goes_once(house: House) -> None:
    ready(house)
    send(house)
    with pytest.raises(Conflict, match=f"went to {DESK}"):
        send(house)
    assert len(house.acts("report-sending")) == 1


def test_an_unknown_outcome_is_never_repeated_by_itself(house: House) -> None:
    ready(house)
    wire = _HangsUp()
    over(house, wire)
    with pytest.raises(KeyboardInterrupt):
        send(house)
    with pytest.raises(Conflict, match="may have gone"):
        send(house)
    assert wire.sent == 1


def test_a_person_says_that_it_did_not_arrive_and_it_goes_again(house: House) -> None:
    ready(house)
    real = house.engine
    over(house, _HangsUp())
    with pytest.raises(KeyboardInterrupt):
        send(house)
    with pytest.raises(BadInput, match="--why"):
        not_arrived(house.engine, OTTO, INCIDENT, GDPR, why=" ")
    not_arrived(house.engine, OTTO, INCIDENT, GDPR, why="the desk has nothing, Ms Lang says")
    house.engine = real
    assert send(house).sent_outcome == Outcome.ACCEPTED


def test_a_dead_relay_leaves_nothing_in_doubt(house: House) -> None:
    ready(house)
    real = house.engine
    over(house, _HangsUp(booked=False))
    with pytest.raises(Unreachable):
        send(house)
    house.engine = real
    assert send(house).sent_outcome == Outcome.ACCEPTED


def test_an_address_nobody_has_is_a_refusal_and_may_be_corrected(house: House) -> None:
    ready(house)
    refused = send(house, "di@people.example")
    assert refused.sent_outcome in (Outcome.UNDELIVERABLE, Outcome.REFUSED)
    assert send(house).sent_outcome == Outcome.ACCEPTED


@pytest.mark.parametrize("to", ["", "two@a.example, three@a.example", "nobody"])
def test_without_one_address_nothing_leaves(house: House, to: str) -> None:
    ready(house)
    if not to:
        with pytest.raises(BadInput, match="--to"):
            send(house, to)
    else:
        assert send(house, to).sent_outcome == Outcome.UNDELIVERABLE
    assert house.acts("report-sending") == []


def test_open_questions_leave_nothing(house: House) -> None:
    house.opened()
    prepare_report(house.engine, OTTO, INCIDENT, GDPR)
    with pytest.raises(BadInput, match=r"2\.6"):
        send(house)


def test_nothing_prepared_is_nothing_sent(house: House) -> None:
    house.opened()
    with pytest.raises(NotFound, match="report prepare"):
        send(house)


def test_not_one_of_the_people_stands_in_any_file_of_the_report(house: House) -> None:
    """Canaries: names, addresses and numbers of the list."""
    house.sent()
    made = prepare_report(house.engine, OTTO, INCIDENT, GDPR, Answers(given=ANSWERS)).filing
    from io import BytesIO

    import pypdf

    folder = (house.engine.home.folder / made.pdf_path).parent
    files = list(folder.iterdir())
    assert {each.suffix for each in files} == {".pdf", ".json", ".csv"}
    text = " ".join(
        " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(each.read_bytes())).pages)
        if each.suffix == ".pdf"
        else each.read_text("utf-8-sig")
        for each in files
    )
    canaries = [cell for row in PEOPLE.splitlines()[1:] for cell in row.split(",")[1:4] if cell]
    assert len(canaries) > 6
    assert [each for each in canaries if each in text] == []
