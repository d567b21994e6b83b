"""What can be wrong with a law file though every table of it is well-formed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from pydantic import ValidationError

from incident_engine.domain.conditions import leaves
from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.fact_faults import Clash, faults_of, path_of
from incident_engine.domain.law_text import DONE
from incident_engine.domain.playbook import Obligation, Playbook
from incident_engine.domain.words import Audience, Phase

_EARLIER = ("after", "not-before")


def parse_playbook(
    document: Mapping[str, object], *, place: str = "", sha256: str = ""
) -> Playbook:
    """A law file from what its TOML held. `place` names the file in faults.

    Raises BadFile with every fault: the path, what was found, what was expected.
    """
    try:
        playbook = Playbook.model_validate({**document, "sha256": sha256})
    except ValidationError as error:
        raise BadFile(faults_of(error, Playbook, place=place)) from None
    faults = [_fault(place, clash) for clash in _clashes(playbook)]
    if faults:
        raise BadFile(faults)
    return playbook


def _fault(place: str, clash: Clash) -> Fault:
    path = path_of([int(part) if part.isdigit() else part for part in clash.key.split(".")])
    spot = f"{place}: {path}" if place else path
    return Fault(place=spot, code=clash.code, found=clash.found, expected=clash.expected)


def _clashes(playbook: Playbook) -> Iterator[Clash]:
    yield from _twice(playbook)
    yield from _sources(playbook)
    for index, duty in enumerate(playbook.obligation):
        yield from _elements(playbook, duty, f"obligation.{index}")
        yield from _names(playbook, duty, f"obligation.{index}")
    yield from _cycles(playbook)
    yield from _examples(playbook)


def _twice(playbook: Playbook) -> Iterator[Clash]:
    names: set[str] = set()
    kinds: dict[tuple[Audience, Phase], str] = {}
    for index, duty in enumerate(playbook.obligation):
        if duty.id in names:
            yield Clash(
                f"obligation.{index}.id", f"{duty.id} a second time", "an id of its own",
                "duplicate-id",
            )  # fmt: skip
        names.add(duty.id)
        first = kinds.setdefault((duty.audience, duty.phase), duty.id)
        if first != duty.id:
            yield Clash(
                f"obligation.{index}.audience", f"{duty.audience}, {duty.phase} a second time",
                f"one obligation an audience and phase ({first} has it)", "duplicate-duty",
            )  # fmt: skip
        yield from _exception_twice(duty, index)


def _exception_twice(duty: Obligation, index: int) -> Iterator[Clash]:
    names: set[str] = set()
    for place, exempting in enumerate(duty.exception):
        if exempting.id in names:
            path = f"obligation.{index}.exception.{place}.id"
            yield Clash(path, f"{exempting.id} a second time", "an id of its own", "duplicate-id")
        names.add(exempting.id)


def _sources(playbook: Playbook) -> Iterator[Clash]:
    cited = [("scope.source", playbook.scope.source)]
    for index, duty in enumerate(playbook.obligation):
        cited += [(f"obligation.{index}", text) for text in duty.citations()]
    for path, text in cited:
        key = text.partition(" ")[0]
        if key not in playbook.sources:
            yield _unknown(path, "unknown-source", key, playbook.sources, "a key of [sources]")


def _unknown(path: str, code: str, found: str, known: Iterable[str], expected: str) -> Clash:
    words = list(known)
    close = get_close_matches(found, words, n=1)
    meant = f"{close[0]}, or another {expected}" if close else f"{expected}: {', '.join(words)}"
    return Clash(path, found, meant, code)


def _elements(playbook: Playbook, duty: Obligation, path: str) -> Iterator[Clash]:
    for condition in (playbook.scope.when, *duty.conditions()):
        for leaf in leaves(condition):
            for word in leaf.words:
                if word.startswith("@") and word[1:] not in playbook.elements:
                    yield _unknown(
                        path, "unknown-list", word[1:], playbook.elements, "a list of [elements]"
                    )


def _names(playbook: Playbook, duty: Obligation, path: str) -> Iterator[Clash]:
    known = [other.id for other in playbook.obligation]
    started = [(f"{path}.due", name) for due in duty.due for name in due.after]
    wanted = [(where, name[len(DONE) :]) for where, name in started if name.startswith(DONE)]
    wanted += [(f"{path}.order", order.than) for order in duty.order]
    wanted += [(f"{path}.follows", duty.follows)] if duty.follows else []
    for where, name in wanted:
        if "/" not in name and name not in known:
            yield _unknown(where, "unknown-obligation", name, known, "an obligation of this file")


def _cycles(playbook: Playbook) -> Iterator[Clash]:
    orders: Mapping[str, set[str]] = {duty.id: set() for duty in playbook.obligation}
    chains: Mapping[str, set[str]] = {duty.id: set() for duty in playbook.obligation}
    for duty in playbook.obligation:
        for order in duty.order:
            first, then = (order.than, duty.id) if order.must in _EARLIER else (duty.id, order.than)
            orders.get(then, set()).add(first)
        if duty.follows:
            chains[duty.id].add(duty.follows)
    for key, graph in (("order", orders), ("follows", chains)):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as cycle:
            around = " > ".join(cycle.args[1])
            yield Clash(
                "obligation", f"a cycle of {key}: {around}", "an order with an end", "cycle"
            )


def _examples(playbook: Playbook) -> Iterator[Clash]:
    known = [duty.id for duty in playbook.obligation]
    for index, example in enumerate(playbook.example):
        for key in example.expect:
            name = key.partition(" in ")[0]
            if name not in known:
                yield _unknown(
                    f"example.{index}.expect", "unknown-obligation", name, known,
                    "an obligation of this file",
                )  # fmt: skip
