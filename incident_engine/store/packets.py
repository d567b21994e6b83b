"""Packets for controllers, and the copy of each that is kept among the evidence.

The list of people in a packet names people: its copy is sealed under the incident's key like
every other cell that does, and ends with that key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session, col, select

from incident_engine.home import Home
from incident_engine.store import evidence
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import ControllerPacket

PEOPLE = "people.csv"


def of_incident(session: Session, incident_id: int) -> list[ControllerPacket]:
    """Every packet ever made for an incident, oldest first."""
    return list(
        session.exec(
            select(ControllerPacket)
            .where(ControllerPacket.incident_id == incident_id)
            .order_by(col(ControllerPacket.id))
        ).all()
    )


def keep(home: Home, seal: Seal, reference: str, sha256: str, files: Mapping[str, bytes]) -> None:
    """Keep a copy of a packet's files; `sha256` is its report's. Raises Unreachable."""
    folder = _folder(home, reference, sha256)
    for name, content in files.items():
        if name == PEOPLE:
            sealed = seal.close(_cell(sha256), content.decode())
            evidence.write(folder / f"{name}.sealed", sealed)
        else:
            evidence.write(folder / name, content)


def read(home: Home, reference: str, sha256: str, name: str) -> bytes:
    """The copy of one file that names nobody; nothing when it is not there any more."""
    path = _folder(home, reference, sha256) / name
    return path.read_bytes() if path.is_file() else b""


def read_people(home: Home, seal: Seal, reference: str, sha256: str) -> bytes:
    """The list of people in clear; nothing when its copy is not there any more.

    Raises BadInput when it does not open under this key.
    """
    path = _folder(home, reference, sha256) / f"{PEOPLE}.sealed"
    return str(seal.open(_cell(sha256), path.read_bytes())).encode() if path.is_file() else b""


def _folder(home: Home, reference: str, sha256: str) -> Path:
    return home.evidence / reference / "packets" / sha256[:16]


def _cell(sha256: str) -> str:
    return f"packet/{sha256}/{PEOPLE}"
