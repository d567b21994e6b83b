"""The demonstration's mail server takes our mail, and scripted people bounce."""

from email import message_from_bytes, policy
from pathlib import Path

from incident_engine.channels.mail.email import EmailChannel
from incident_engine.channels.mail.relay import Relay
from incident_engine.demo.mailbox import HOST, MailServer
from incident_engine.domain.words import Outcome
from tests.channels.conftest import Ledger, letter_to, reference


def relay(server: MailServer) -> Relay:
    return Relay(
        host=HOST, port=server.port, security="none", sender="notices@kestrel.example", lanes=4
    )


def test_mail_becomes_files_one_bounces_and_one_waits(tmp_path: Path) -> None:
    with MailServer(
        tmp_path, unknown={"di@kestrel.example"}, busy_once={"bo@kestrel.example"}
    ) as server:
        batch = [
            letter_to(f"{name}@kestrel.example", number)
            for number, name in enumerate(["ada", "di", "bo"])
        ]
        first = {r.reference: r for r in EmailChannel(relay(server)).send(batch, Ledger())}
        [again] = EmailChannel(relay(server)).send(batch[2:], Ledger())
    assert first[reference(0)].outcome is Outcome.ACCEPTED
    assert first[reference(1)].outcome is Outcome.UNDELIVERABLE
    assert first[reference(2)].outcome is Outcome.DEFERRED
    assert again.outcome is Outcome.ACCEPTED
    files = sorted((tmp_path / "mail").iterdir())
    assert [path.name for path in files] == ["0001.eml", "0002.eml"]
    mail = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert mail["To"] == "ada@kestrel.example"
    assert first[reference(0)].provider_reference == "DEMO0001"


def test_the_mail_server_stops_with_a_conversation_still_open(tmp_path: Path) -> None:
    with MailServer(tmp_path) as server:
        sending = EmailChannel(relay(server)).send([letter_to("ada@kestrel.example")], Ledger())
        next(sending)
    sending.close()
