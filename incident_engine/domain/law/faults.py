"""What can be wrong with a law file though every table of it is well-formed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from pydantic import ValidationError

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.faults import Clash, faults_of, path_of
from incident_engine.domain.law.conditions import ALWAYS, Condition, leaves, terms_in
from incident_engine.domain.law.playbook import Exempting, Extending, Obligation, Playbook
from incident_engine.domain.law.statement import placed
from incident_engine.domain.law.text import DONE, END_OF_YEAR
from incident_engine.domain.law.words import Must
from incident_engine.domain.words import Audience, Phase

_KINDS = frozenset(kind.value for kind in DataType)
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
    yield from _elements(playbook)
    yield from _conditions(playbook)
    for index, duty in enumerate(playbook.obligation):
        yield from _names(playbook, duty, f"obligation.{index}")
        yield from _contradictions(duty, f"obligation.{index}")
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
        yield from _twice_inside(duty.exception, f"obligation.{index}.exception")
        yield from _twice_inside(duty.extension, f"obligation.{index}.extension")


def _twice_inside(parts: Sequence[Exempting | Extending], path: str) -> Iterator[Clash]:
    names: set[str] = set()
    for place, part in enumerate(parts):
        if part.id in names:
            yield Clash(
                f"{path}.{place}.id", f"{part.id} a second time", "an id of its own", "duplicate-id"
            )
        names.add(part.id)


def _sources(playbook: Playbook) -> Iterator[Clash]:
    for path, text in _citations(playbook):
        key = text.partition(" ")[0]
        if key not in playbook.sources:
            yield _unknown(path, "unknown-source", key, playbook.sources, "key of [sources]")


def _citations(playbook: Playbook) -> Iterator[tuple[str, str]]:
    for path, value in placed(playbook):
        if path.endswith(".source") and isinstance(value, str):
            yield path, value
        elif ".content." in path and isinstance(value, Mapping):
            yield from ((f"{path}.{item}", str(text)) for item, text in value.items())


def _unknown(path: str, code: str, found: str, known: Iterable[str], expected: str) -> Clash:
    words = list(known)
    close = get_close_matches(found, words, n=1)
    listed = f"{expected}: {', '.join(words)}"
    meant = f"{close[0]}, or another {expected}" if close else f"one {listed}"
    return Clash(path, found, meant, code)


def _elements(playbook: Playbook) -> Iterator[Clash]:
    """Lists whose words are neither a kind of data nor a list."""
    for name, words in playbook.elements.items():
        for word in words:
            inner = word[1:]
            if word.startswith("@"):
                if inner not in playbook.lists:
                    yield _unknown(f"elements.{name}", "unknown-list", inner, playbook.lists,
                                   "list of [elements]")  # fmt: skip
            elif word not in _KINDS:
                yield _unknown(f"elements.{name}", "unknown-word", word, DataType, "kind of data")


def _places_of_conditions(playbook: Playbook) -> Iterator[tuple[str, Condition]]:
    yield from ((f"terms.{name}", found) for name, found in playbook.terms.items())
    for path, value in placed(playbook):
        if isinstance(value, Condition):
            yield path, value


def _conditions(playbook: Playbook) -> Iterator[Clash]:
    """Lists and terms that are named and not there."""
    for path, condition in _places_of_conditions(playbook):
        for name in terms_in(condition):
            if name not in playbook.terms:
                yield _unknown(path, "unknown-term", name, playbook.terms, "term of [terms]")
        for leaf in leaves(condition, {}):
            for word in leaf.words:
                if word.startswith("@") and word[1:] not in playbook.lists:
                    yield _unknown(
                        path, "unknown-list", word[1:], playbook.lists, "list of [elements]"
                    )


def _names(playbook: Playbook, duty: Obligation, path: str) -> Iterator[Clash]:
    known = [other.id for other in playbook.obligation]
    started = [name.removeprefix(END_OF_YEAR) for name in duty.starts()]
    wanted = [(f"{path}.due", name[len(DONE) :]) for name in started if name.startswith(DONE)]
    wanted += [(f"{path}.order", order.than) for order in duty.order]
    wanted += [(f"{path}.follows", duty.follows)] if duty.follows else []
    for where, name in wanted:
        if "/" not in name and name not in known:
            yield _unknown(where, "unknown-obligation", name, known, "obligation of this file")


def _contradictions(duty: Obligation, path: str) -> Iterator[Clash]:
    """Two things of equal rank of which nothing says which one counts."""
    seen: set[date] = set()
    for index, due in enumerate(duty.due):
        if due.from_ in seen and any(
            earlier.from_ == due.from_ and earlier.when == ALWAYS for earlier in duty.due[:index]
        ):
            yield Clash(
                f"{path}.due.{index}", f"a second version from {due.from_}",
                "when in the one before it, so that the cases differ", "equal-rank",
            )  # fmt: skip
        seen.add(due.from_)
    if duty.extension and not any(due.is_numbered for due in duty.due):
        yield Clash(f"{path}.extension", "an extension of a duty without a number",
                    "within in one of its due: words cannot be put off", "no-number")  # fmt: skip
    for item in duty.content.required:
        if item in duty.content.forbidden:
            yield Clash(f"{path}.content", f"{item} both required and forbidden", "one of the two",
                        "equal-rank")  # fmt: skip


def _cycles(playbook: Playbook) -> Iterator[Clash]:
    chains: Mapping[str, set[str]] = {duty.id: set() for duty in playbook.obligation}
    for duty in playbook.obligation:
        chains[duty.id] |= {duty.follows} if duty.follows else set()
    terms = {name: set(terms_in(found)) for name, found in playbook.terms.items()}
    lists = {
        name: {word[1:] for word in words if word.startswith("@")}
        for name, words in playbook.elements.items()
    }
    graphs = (
        ("order", "obligation", earlier_first([playbook])),
        ("follows", "obligation", chains),
        ("terms", "terms", terms),
        ("elements", "elements", lists),
    )
    for key, path, graph in graphs:
        if around := _circle(graph):
            yield Clash(path, f"a cycle of {key}: {around}", "an order with an end", "cycle")


def earlier_first(playbooks: Iterable[Playbook]) -> dict[str, set[str]]:
    """Every obligation (`law/duty`) with those before it, by order or because it awaits them.

    Those that must come together are one: `law/duty with law/other`.
    """
    laws = list(playbooks)
    one = _together(laws)
    graph: dict[str, set[str]] = {}
    for law in laws:
        for duty in law.obligation:
            own = f"{law.id}/{duty.id}"
            earlier = graph.setdefault(one.get(own, own), set())
            earlier |= {one.get(name, name) for name in _awaited(law, duty)}
            for must, other in _orders(law, duty):
                first, then = (other, own) if must in _EARLIER else (own, other)
                if must is not Must.WITH:
                    graph.setdefault(one.get(then, then), set()).add(one.get(first, first))
    return graph


def _orders(law: Playbook, duty: Obligation) -> Iterator[tuple[Must, str]]:
    for order in duty.order:
        yield order.must, order.than if "/" in order.than else f"{law.id}/{order.than}"


def _together(laws: Sequence[Playbook]) -> dict[str, str]:
    """Each obligation that must come at the same time as others, with one name for all of them."""
    sets: list[set[str]] = []
    for law in laws:
        for duty in law.obligation:
            pairs = [{f"{law.id}/{duty.id}", o} for m, o in _orders(law, duty) if m is Must.WITH]
            for pair in pairs:
                touching = [each for each in sets if each & pair]
                sets = [each for each in sets if not each & pair]
                sets.append(pair.union(*touching))
    return {name: " with ".join(sorted(each)) for each in sets for name in each}


def _awaited(law: Playbook, duty: Obligation) -> Iterator[str]:
    """The obligations of the same file whose doing alone starts its clock."""
    for due in duty.due:
        if len(due.after) == 1 and due.after[0].startswith(DONE) and not due.or_sooner:
            name = due.after[0][len(DONE) :]
            yield name if "/" in name else f"{law.id}/{name}"


def _circle(graph: Mapping[str, set[str]]) -> str:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        return " > ".join(cycle.args[1])
    return ""


def clashes_between(playbooks: Sequence[Playbook]) -> list[Fault]:
    """What can be wrong between law files: orders that go in a circle, acts nobody names."""
    faults = []
    if around := _circle(earlier_first(playbooks)):
        faults.append(
            Fault(place="the law files together", code="cycle",
                  found=f"a cycle of order: {around}", expected="an order with an end")
        )  # fmt: skip
    known = {f"{law.id}/{duty.id}" for law in playbooks for duty in law.obligation}
    known |= {
        f"{law.id}/{duty.audience}/{duty.phase}" for law in playbooks for duty in law.obligation
    }
    for law in playbooks:
        for act in _acts_elsewhere(law):
            if act.partition("/")[0] in {each.id for each in playbooks} and act not in known:
                expected = "an obligation of that file"
                faults.append(Fault(place=law.id, code="unknown-obligation", found=act,
                                    expected=expected))  # fmt: skip
    return faults


def _acts_elsewhere(law: Playbook) -> Iterator[str]:
    for duty in law.obligation:
        for name in duty.starts():
            act = name.removeprefix(END_OF_YEAR).removeprefix(DONE)
            if "/" in act:
                yield act
        yield from (order.than for order in duty.order if "/" in order.than)


def _examples(playbook: Playbook) -> Iterator[Clash]:
    known = [duty.id for duty in playbook.obligation]
    for index, example in enumerate(playbook.example):
        for key in example.expect:
            name = key.partition(" in ")[0]
            if name not in known:
                yield _unknown(
                    f"example.{index}.expect", "unknown-obligation", name, known,
                    "obligation of this file",
                )  # fmt: skip
