"""What may follow what, for whom, and what is still lacking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incident_engine.domain.errors import NotPermitted, WrongMove
from incident_engine.domain.lifecycle import (
    CAMPAIGN,
    INCIDENT,
    OBLIGATION,
    CampaignView,
    IncidentView,
    ObligationView,
)
from incident_engine.domain.machine import Lifecycle
from incident_engine.domain.pictures import delivery_picture, lifecycle_picture
from incident_engine.domain.words import CampaignState, IncidentState, ObligationState, Role

READY = IncidentView(confirmed=True, people=4, approved_campaign=True, why="seen in the logs")
LIFECYCLES: list[Lifecycle[Any, Any]] = [INCIDENT, OBLIGATION, CAMPAIGN]


def walk(*triggers: str, view: IncidentView = READY) -> IncidentState:
    state = IncidentState.DETECTED
    for trigger in triggers:
        state = INCIDENT.next_state(state, trigger, role=Role.ADMIN, view=view)
    return state


def test_the_whole_way_from_first_sign_to_closed() -> None:
    end = walk("assess", "confirm", "notify", "complete", "monitor", "close")
    assert end == IncidentState.CLOSED


@pytest.mark.parametrize(
    "way",
    [
        ("confirm",),  # at two in the morning nobody types two moves
        ("confirm", "assess"),  # it turned out otherwise
        ("confirm", "notify", "complete", "notify"),  # a second wave
        ("confirm", "monitor", "notify"),
        ("confirm", "monitor", "close", "reopen", "confirm"),
    ],
)
def test_the_odd_moves_that_real_work_needs(way: tuple[str, ...]) -> None:
    walk(*way)


@pytest.mark.parametrize("way", [("dismiss", "reopen", "assess"), ("confirm", "dismiss")])
def test_what_is_not_certain_can_be_dismissed(way: tuple[str, ...]) -> None:
    walk(*way, view=replace(READY, confirmed=None))


def test_what_the_facts_call_confirmed_is_corrected_before_it_is_dismissed() -> None:
    with pytest.raises(WrongMove, match="confirmed=false"):
        walk("dismiss")


def test_a_refused_move_says_what_is_possible_and_what_each_lacks() -> None:
    with pytest.raises(WrongMove) as refused:
        INCIDENT.next_state(
            IncidentState.CONFIRMED, "reopen", role=Role.RESPONDER, view=IncidentView(owed=3)
        )
    said = str(refused.value)
    assert "no such move from confirmed" in said
    assert "assess" in said
    assert "close (lacks: 3 duties to be met, waived or decided" in said
    assert "notify (lacks: an approved notice" in said


@pytest.mark.parametrize(
    ("trigger", "state", "view", "reason"),
    [
        ("dismiss", "assessing", replace(READY, why=""), "a reason"),
        ("dismiss", "assessing", replace(READY, met=1), "told already"),
        ("confirm", "assessing", replace(READY, confirmed=False), "not confirmed"),
        ("notify", "confirmed", replace(READY, approved_campaign=False), "approved notice"),
        ("complete", "notifying", replace(READY, under_way=2), "2 deliveries under way"),
        ("complete", "notifying", replace(READY, in_doubt=1), "1 delivery in doubt"),
        ("close", "monitoring", replace(READY, owed=1), "1 duty"),
        ("close", "monitoring", replace(READY, doubted=1), "1 duty"),
        ("close", "monitoring", replace(READY, announcement_up=True), "announcement"),
        ("reopen", "closed", replace(READY, why=" "), "a reason"),
    ],
)
def test_a_guard_gives_its_reason(
    trigger: str, state: str, view: IncidentView, reason: str
) -> None:
    with pytest.raises(WrongMove, match=reason):
        INCIDENT.next_state(IncidentState(state), trigger, role=Role.ADMIN, view=view)


def test_unknown_whether_confirmed_does_not_stop_anybody() -> None:
    assert walk("confirm", view=replace(READY, confirmed=None)) == IncidentState.CONFIRMED


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_an_auditor_moves_nothing(lifecycle: Lifecycle[Any, Any]) -> None:
    assert all(Role.AUDITOR not in move.roles for move in lifecycle.moves)
    assert all(move.roles for move in lifecycle.moves)


def test_a_responder_cannot_approve_and_an_approver_cannot_send() -> None:
    view = CampaignView()
    with pytest.raises(NotPermitted, match="admin or approver"):
        CAMPAIGN.next_state(CampaignState.PREPARED, "approve", role=Role.RESPONDER, view=view)
    with pytest.raises(NotPermitted, match="admin or responder"):
        CAMPAIGN.next_state(CampaignState.APPROVED, "launch", role=Role.APPROVER, view=view)


def test_nobody_approves_their_own_work_not_even_an_admin() -> None:
    with pytest.raises(WrongMove, match="own work"):
        CAMPAIGN.next_state(
            CampaignState.PREPARED, "approve", role=Role.ADMIN, view=CampaignView(by_author=True)
        )


def test_nothing_is_done_without_evidence_or_waived_without_a_reason() -> None:
    for trigger, lacking in (("done", "evidence"), ("waive", "reason"), ("hold", "reason")):
        with pytest.raises(WrongMove, match=lacking):
            OBLIGATION.next_state(
                ObligationState.OWED, trigger, role=Role.ADMIN, view=ObligationView()
            )


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_every_state_can_be_reached_and_left_or_is_an_end(
    lifecycle: Lifecycle[Any, Any],
) -> None:
    into = {move.to for move in lifecycle.moves} | {lifecycle.begins}
    out = {source for move in lifecycle.moves for source in move.sources}
    assert into == set(lifecycle.states)
    assert out | lifecycle.ends == set(lifecycle.states)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_there_are_no_moves_but_those_of_the_table(lifecycle: Lifecycle[Any, Any]) -> None:
    table = {move.trigger for move in lifecycle.moves}
    for state in lifecycle.states:
        assert set(lifecycle.machine.get_triggers(state.value)) <= table
    assert not any(trigger.startswith("to_") for trigger in lifecycle.machine.events)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_no_two_arrows_share_a_trigger_and_a_source(lifecycle: Lifecycle[Any, Any]) -> None:
    pairs = [(move.trigger, source) for move in lifecycle.moves for source in move.sources]
    assert len(pairs) == len(set(pairs))


def test_the_pictures_hold_every_arrow() -> None:
    drawn = lifecycle_picture(INCIDENT)
    for move in INCIDENT.moves:
        for source in move.sources:
            assert f"{source} --> {move.to}: {move.trigger}" in drawn
    assert "sending --> in_doubt" in delivery_picture()
