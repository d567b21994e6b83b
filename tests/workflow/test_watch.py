"""The clock: nothing due is missed, told twice or told too low, however long it slept."""

from __future__ import annotations

import email
import json
import threading
from datetime import datetime, timedelta
from email import policy

from sqlmodel import select

from incident_engine.store.tables import Alert
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.watch import watch
from tests.cast import INCIDENT, OTTO, House, document

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


PIPL = "cn-pipl/authority/CN"


def test_a_law_that_says_immediately_gets_an_aim_of_our_own_and_no_number(house: House) -> None:
    house.opened()
    duty = house.duties()[PIPL]
    aware = datetime.fromisoformat(document()["clocks"]["aware"].isoformat())
    assert (duty.due_at, duty.due_words) == (None, "立即 (immediately)")
    assert duty.target_at == aware + timedelta(hours=24)
    assert json.loads(duty.answer)["due"]["target"] is None


def test_the_mail_about_it_says_the_laws_words_and_whose_aim_it_is(house: House) -> None:
    house.set(alerts_counsel="counsel@kestrel.example")
    house.opened()
    aim = house.duties()[PIPL].target_at
    assert aim is not None
    house.clock.at = aim - timedelta(hours=2)
    watch(house.engine)
    said = [path.read_bytes() for path in house.mail.written if b"cn-pipl, CN" in path.read_bytes()]
    bodies = [email.message_from_bytes(each, policy=policy.default) for each in said]
    assert bodies
    for mail in bodies:
        words = mail.get_content()
        assert "The law says: 立即 (immediately). Our own aim is 2026-03-07T02:25:00+00:00" in words


def test_a_duty_that_a_later_fact_brought_is_aimed_at_from_when_we_learned_it(
    house: House,
) -> None:
    house.opened(people=[{"where": "DE", "count": 2}], organisation={"country": "DE"})
    house.clock.passes(days=2)
    added = [("people.FR.where", "FR"), ("people.FR.count", "5")]
    record_facts(house.engine, OTTO, INCIDENT, added, why="counted")
    assert house.duties()["eu-gdpr/individuals/FR"].target_at == house.clock() + timedelta(days=1)


def test_whoever_wants_no_aim_sets_it_to_zero(house: House) -> None:
    house.set(deadlines_own_aim="0")
    house.opened()
    assert house.duties()[PIPL].target_at is None
