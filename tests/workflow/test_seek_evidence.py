"""A text in doubt is looked for at the provider; what is found ends the doubt, nothing does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import format_datetime

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.resolve import resolve
from incident_engine.workflow.dispatch.seek_evidence import Sought, seek_evidence
from incident_engine.workflow.engine import CLOCK
from tests.cast import INCIDENT, OTTO, House, typed
from tests.channels.fault_provider import FaultProvider
from tests.channels.fault_server import FaultServer

BO = "2,Bo Ek,,+8613912345678,CN,en\n"


@pytest.fixture
def provider() -> Iterator[FaultProvider]:
    with FaultProvider() as running:
        yield running


def in_doubt(house: House, provider: FaultProvider) -> None:
    """Bo's text was taken, and the answer never came."""
    house.set(sms_base_url=provider.base_url, web_base_url="https://kestrel.example")
    house.launched(f"id,name,email,phone,where,language\n{BO}", [ChannelName.SMS])
    provider.fault = "500 after taking"
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"in_doubt": 1}


def listed(house: House, provider: FaultProvider, *statuses: str) -> None:
    [form] = provider.forms
    made = format_datetime(house.clock.at)
    provider.listed = json.dumps(
        {
            "messages": [
                {
                    "sid": f"SM{n:032d}", "status": status, "body": form["Body"],
                    "from": form["From"], "to": form["To"], "date_created": made,
                    "error_code": None,
                }
                for n, status in enumerate(statuses)
            ]
        }
    ).encode()  # fmt: skip


def test_one_that_is_found_there_is_no_longer_in_doubt(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider, "delivered")
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1, found=1)
    assert house.outcomes() == {"delivered": 1}
    [entry] = house.acts("receipt-taken")
    assert '"was":"in_doubt"' in entry.body
    assert len(provider.forms) == 1, "nothing was asked for a second time"


def test_two_that_are_found_are_a_duplicate_that_is_named(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider, "sent", "delivered")
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1, found=1, doubled=1)
    assert house.outcomes() == {"delivered": 1}
    assert len(house.acts("receipt-taken")) == 2


def test_nothing_found_proves_nothing_and_a_person_decides(
    house: House, provider: FaultProvider
) -> None:
    in_doubt(house, provider)
    listed(house, provider)
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, OTTO) == Sought(asked=1)
    assert house.outcomes() == {"in_doubt": 1}
    [row] = house.deliveries()
    resolve(house.engine, OTTO, row.reference, "accepted", why="Bo answered it")
    assert house.outcomes() == {Outcome.ACCEPTED: 1}


def test_a_list_that_may_lag_is_not_asked_yet(house: House, provider: FaultProvider) -> None:
    in_doubt(house, provider)
    house.clock.passes(minutes=9)
    assert seek_evidence(house.engine, OTTO) == Sought()
    assert provider.asked == []


# Mails ------------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(house: House) -> Iterator[FaultServer]:
    """Ada's mail: the line broke after the last dot."""
    with FaultServer(fault="drop after dot, taken") as server:
        house.set(email_port=str(server.port))
        ada = "1,Ada Lovell,ada@people.example,,DE,en\n"
        house.launched(f"id,name,email,phone,where,language\n{ada}", [ChannelName.EMAIL])
        deliver(house.engine, OTTO, INCIDENT)
        assert house.outcomes() == {"in_doubt": 1}
        house.clock.passes(minutes=11)
        yield server


def logged(house: House, *lines: str) -> None:
    """Postfix's log, with our mail under the number 4F2A31B0C7."""
    [row] = house.deliveries()
    log = house.folder / "mail.log"
    named = [line.replace("OURS", row.reference) for line in lines]
    log.write_text("".join(f"Mar  6 04:00:0{n} mx {line}\n" for n, line in enumerate(named)))
    house.set(email_relay_log=str(log))


CLEANUP = "postfix/cleanup[912]: 4F2A31B0C7: message-id=<OURS@kestrel.example>"
QUEUED = (
    "postfix/qmgr[411]: 4F2A31B0C7: from=<notice@kestrel.example>, size=4711, nrcpt=1 "
    "(queue active)"
)
SENT = (
    "postfix/smtp[913]: 4F2A31B0C7: to=<ada@people.example>, "
    "relay=mx.people.example[192.0.2.7]:25, delay=0.5, delays=0.1/0/0.2/0.2, "
    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77)"
)
BOUNCED = (
    "postfix/smtp[913]: 4F2A31B0C7: to=<ada@people.example>, relay=none, delay=1, dsn=5.4.4, "
    "status=bounced (Host or domain name not found)"
)


@pytest.mark.parametrize(
    ("lines", "becomes"),
    [
        ((CLEANUP, QUEUED), "accepted"),
        ((CLEANUP, QUEUED, SENT), "accepted"),
        ((CLEANUP, QUEUED, BOUNCED), "undeliverable"),
        ((CLEANUP,), "in_doubt"),  # the body broke off: it was never queued
        ((QUEUED, SENT), "in_doubt"),  # somebody else's mail
        ((CLEANUP, CLEANUP.replace("OURS", "0" * 32), QUEUED), "in_doubt"),  # its number again
    ],
)
def test_a_mail_is_looked_for_in_the_log_of_the_relay(
    house: House, doubtful: FaultServer, lines: tuple[str, ...], becomes: str
) -> None:
    logged(house, *lines)
    found = seek_evidence(house.engine, OTTO)
    assert (found.asked, found.found) == (1, int(becomes != "in_doubt"))
    assert house.outcomes() == {becomes: 1}
    assert len(doubtful.world) == 1, "nothing was sent again"


def test_a_log_that_cannot_be_read_is_named_and_nothing_goes_out_again(
    house: House, doubtful: FaultServer
) -> None:
    house.set(email_relay_log=str(house.folder / "no.log"), email_resend_doubts="true")
    with pytest.raises(BadInput, match=r"email\.relay_log: .*no\.log cannot be read"):
        seek_evidence(house.engine, OTTO)
    assert house.outcomes() == {"in_doubt": 1}


def test_where_it_is_allowed_a_doubt_goes_out_once_more_and_never_again(
    house: House, doubtful: FaultServer
) -> None:
    house.set(email_resend_doubts="true")
    assert seek_evidence(house.engine, CLOCK).resent == 1
    [entry] = house.acts("doubt-resolved")
    assert json.loads(entry.body)["decision"] == "resend"
    deliver(house.engine, OTTO, INCIDENT)
    assert house.outcomes() == {"in_doubt": 1}, "the line broke again"
    first, second = doubtful.world
    assert first.content == second.content, "the same letter, under the same Message-ID"
    house.clock.passes(minutes=11)
    assert seek_evidence(house.engine, CLOCK).resent == 0
    deliver(house.engine, OTTO, INCIDENT)
    assert len(doubtful.world) == 2
    assert house.outcomes() == {"in_doubt": 1}, "now a person decides"


def test_without_leave_no_doubt_goes_out_again(house: House, doubtful: FaultServer) -> None:
    assert seek_evidence(house.engine, CLOCK) == Sought()
    assert house.outcomes() == {"in_doubt": 1}
    assert len(doubtful.world) == 1


def test_the_worker_looks_for_what_is_in_doubt_by_itself(
    house: House, doubtful: FaultServer
) -> None:
    logged(house, CLEANUP, QUEUED)
    turned = typed("worker", "--once")
    assert (turned.status, turned.err) == (0, "")
    assert "1 in doubt were found, 0 are tried once more." in turned.out
    assert house.outcomes() == {"accepted": 1}


def test_a_worker_whose_log_cannot_be_read_says_so_and_goes_on(
    house: House, doubtful: FaultServer
) -> None:
    house.set(email_relay_log=str(house.folder / "no.log"))
    turned = typed("worker", "--once")
    assert turned.status == 0
    assert "no.log cannot be read" in turned.out
    assert house.outcomes() == {"in_doubt": 1}
