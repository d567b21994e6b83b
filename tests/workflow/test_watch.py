"""The clock: nothing due is missed, told twice or told too low, however long it slept."""

from __future__ import annotations

import email
import json
import threading
from datetime import timedelta
from email import policy

from sqlmodel import select

from incident_engine.store.tables import Alert
from incident_engine.workflow.settle_obligation import Settlement, settle
from incident_engine.workflow.watch import watch
from tests.cast import INCIDENT, OTTO, House

AUTHORITY = "eu-gdpr/authority/DE"


def alerts(house: House) -> list[Alert]:
    due = house.duties()[AUTHORITY]
    with house.engine.reading() as session:
        return list(session.exec(select(Alert).where(Alert.obligation_id == due.id)).all())


def at(house: House, *, hours_before: float) -> None:
    due = house.duties()[AUTHORITY].due_at
    assert due is not None
    house.clock.at = due - timedelta(hours=hours_before)


def test_each_rung_is_climbed_once_at_its_time_and_tells_its_own(house: House) -> None:
    house.opened()
    for hours in (60, 48, 47, 24, 12, 11, 3, 0, -12, -300):
        at(house, hours_before=hours)
        watch(house.engine)
        watch(house.engine)
    assert [(each.rung, each.whom) for each in alerts(house)] == [
        (1, "on call"), (2, "on call"), (3, "data protection officer"), (4, "counsel"),
        (5, "counsel"), (6, "data protection officer"),
    ]  # fmt: skip


def test_after_a_week_asleep_only_the_highest_rung_is_told_with_those_it_passed(
    house: House,
) -> None:
    house.opened()
    at(house, hours_before=-24 * 7)
    watch(house.engine)
    [alert] = alerts(house)
    assert (alert.rung, alert.late_by_seconds) == (6, (7 * 24 - 12) * 3600)
    [entry] = [e for e in house.acts("deadline-escalated") if e.subject == AUTHORITY]
    assert json.loads(entry.body)["passed"] == [1, 2, 3, 4, 5]


def test_two_watchers_at_once_make_one_alert(house: House) -> None:
    house.opened()
    at(house, hours_before=20)
    start = threading.Barrier(4)

    def turn() -> None:
        start.wait()
        watch(house.engine)

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(alerts(house)) == 1
    assert len([e for e in house.acts("deadline-escalated") if e.subject == AUTHORITY]) == 1


def test_what_is_done_or_waived_is_not_warned_of(house: House) -> None:
    house.opened()
    settle(house.engine, OTTO, INCIDENT, AUTHORITY, Settlement(trigger="waive", why="no risk"))
    at(house, hours_before=1)
    watch(house.engine)
    assert alerts(house) == []


def test_the_one_on_call_gets_a_mail_that_says_what_is_due_when_and_why(house: House) -> None:
    house.set(alerts_on_call="oncall@kestrel.example")
    house.opened()
    at(house, hours_before=24)
    assert watch(house.engine).alerted == 1
    [path] = house.mail.written
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["To"] == "oncall@kestrel.example"
    assert mail["Subject"] == f"{INCIDENT}: due in 24 h 0 min"
    body = mail.get_body(("plain",))
    assert body is not None
    for words in ("GDPR Art 33(1)", "72 hours", "DE", "2026-03-09T02:25:00+00:00"):
        assert words in body.get_content()
    assert watch(house.engine).alerted == 0


def test_without_an_address_the_alert_is_kept_as_shown(house: House) -> None:
    house.opened()
    at(house, hours_before=24)
    assert watch(house.engine).alerted == 0
    assert {each.outcome for each in alerts(house)} == {"shown"}


def test_an_alert_no_server_takes_now_waits_for_the_next_turn_and_hinders_nothing(
    house: House,
) -> None:
    house.set(alerts_on_call="oncall@kestrel.example", email_port="1")
    house.opened()
    hold = Settlement(trigger="hold", why="FBI", until=house.clock() + timedelta(hours=1))
    settle(house.engine, OTTO, INCIDENT, "us-ca/individuals/US-CA", hold)
    at(house, hours_before=24)
    turned = watch(house.engine)
    assert (turned.released, turned.alerted, turned.unsent) == (1, 0, 1)
    house.set(email_port=str(house.mail.port))
    assert watch(house.engine).alerted == 1
    assert len(house.mail.written) == 1


def test_an_alert_without_any_mail_server_set_up_is_no_fault_of_the_clock(house: House) -> None:
    house.set(alerts_on_call="oncall@kestrel.example", email_host="")
    house.opened()
    at(house, hours_before=24)
    assert watch(house.engine).unsent == 1
