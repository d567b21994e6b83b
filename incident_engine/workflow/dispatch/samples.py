"""Samples: what a second person looks at before approving, as it would leave, byte for byte.

Every variant once, ten readers drawn by the notice's own hash (so that two people see the same
ten), and the odd ones: the longest name, no name, a guardian. Nothing is chosen by whoever
prepared the notice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, evidence, incidents
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, FrozenWording, Incident, PersonRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.dispatch.preview import as_sent, newest
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.readers import Group, readers, telling
from incident_engine.workflow.people.reach import opened

DRAWN = 10
_ENDING = {ChannelName.EMAIL: "eml", ChannelName.LETTER: "pdf"}


@dataclass(frozen=True)
class Sample:
    """One reader's notice: why it was chosen, whose words, and the files that were written."""

    why: str
    person: str
    group: str
    files: tuple[str, ...]


def write_samples(
    engine: Engine, actor: Actor, reference: str, out: Path, *, drawn: int = DRAWN
) -> list[Sample]:
    """Write the samples of the newest frozen notice into a new folder, with an index page.

    They hold people's names and addresses: the folder is the owner's alone, and the reading of
    each is in the journal. Raises BadInput for a folder in use, NotFound without a notice.
    """
    if out.exists() and any(out.iterdir()):
        raise BadInput("not-empty", str(out), "holds something already", expected="a new folder",
                       next_step="Name another with --out.")  # fmt: skip
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = newest(session, incident)
        told = telling(engine, session, incident, known_facts(session, incident))
        everyone = list(readers(engine, session, incident, told))
        frozen = {each.group: each for each in campaigns.wordings(session, campaign.id or 0)}
        seal = engine.keyring.seal(incident.wrapped_key)
        chosen = list(_chosen(everyone, seal, campaign, drawn))
        transaction.record(
            "samples-seen",
            incident=incident.reference,
            subject=campaign.sha256,
            people=sorted({row.public_id for _, row, _ in chosen}),
        )
    samples = [
        Sample(why, row.public_id, group.key, tuple(files))
        for number, (why, row, group) in enumerate(chosen, start=1)
        if (files := _write(engine, incident, campaign, row, frozen[group.key], out, number))
    ]
    samples += _pages(frozen.values(), out)
    evidence.write(out / "index.html", _index(incident, campaign, samples))
    return samples


def _chosen(
    everyone: list[tuple[PersonRow, Group]], seal: Seal, campaign: Campaign, drawn: int
) -> Iterator[tuple[str, PersonRow, Group]]:
    first: dict[str, tuple[PersonRow, Group]] = {}
    for row, group in everyone:
        first.setdefault(group.key, (row, group))
    for row, group in first.values():
        yield f"variant {group.language}, {group.country or '?'}", row, group
    lot = random.Random(campaign.sha256)
    for row, group in lot.sample(everyone, min(drawn, len(everyone))):
        yield "drawn by lot", row, group
    yield from _odd(everyone, seal)


def _odd(
    everyone: list[tuple[PersonRow, Group]], seal: Seal
) -> Iterator[tuple[str, PersonRow, Group]]:
    names = {row.id: str(opened(row, seal).get("name", "")) for row, _ in everyone}
    longest = max(everyone, key=lambda each: len(names[each[0].id]), default=None)
    if longest:
        yield "the longest name", *longest
    for why, found in (
        ("no name", next((e for e in everyone if not names[e[0].id]), None)),
        ("a guardian", next((e for e in everyone if e[1].guardian), None)),
    ):
        if found:
            yield why, *found


def _write(
    engine: Engine,
    incident: Incident,
    campaign: Campaign,
    row: PersonRow,
    frozen: FrozenWording,
    out: Path,
    number: int,
) -> list[str]:
    files = []
    for name in json.loads(campaign.plan):
        channel = ChannelName(name)
        try:
            content = as_sent(engine, incident, campaign, row, frozen, channel)
        except NotFound:
            continue
        file = f"{number:02d}-{channel}.{_ENDING.get(channel, 'txt')}"
        evidence.write(out / file, content)
        files.append(file)
    return files


def _pages(frozen: Iterable[FrozenWording], out: Path) -> Iterator[Sample]:
    for each in frozen:
        if each.group.startswith("public/"):
            wording = Wording.from_json(json.loads(each.body))
            files = {"page": wording.text, "press": wording.press, "banner": wording.banner}
            for kind, text in files.items():
                evidence.write(out / f"{each.language}-{kind}.txt", text.encode())
            names = tuple(f"{each.language}-{kind}.txt" for kind in files)
            yield Sample("the public page", "", each.group, names)


def _index(incident: Incident, campaign: Campaign, samples: list[Sample]) -> bytes:
    rows = "".join(
        f"<tr><td>{escape(each.why)}</td><td>{escape(each.person)}</td>"
        f"<td>{escape(each.group)}</td><td>"
        + " ".join(f'<a href="{escape(file)}">{escape(file)}</a>' for file in each.files)
        + "</td></tr>\n"
        for each in samples
    )
    title = f"Samples of {incident.reference}, {campaign.sha256[:16]}"
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
        "td,th{border:1px solid #767676;padding:.3rem .6rem;text-align:left}</style></head>"
        f"<body><main><h1>{title}</h1><table><caption>As each would leave, byte for byte</caption>"
        "<thead><tr><th scope=col>why</th><th scope=col>person</th><th scope=col>words</th>"
        f"<th scope=col>files</th></tr></thead><tbody>\n{rows}"
        "</tbody></table></main></body></html>\n"
    )
    return page.encode()
