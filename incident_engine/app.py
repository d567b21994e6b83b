"""Builds the one Engine: knows every class, and is the only file that reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from incident_engine import settings as configuration
from incident_engine.channels.wires import Wires
from incident_engine.home import Home, shipped
from incident_engine.settings import Settings
from incident_engine.store.checkpoints import create_signing_key
from incident_engine.store.db import Database
from incident_engine.store.sealing import create_master_key, read_keyring
from incident_engine.store.version import must_be_current
from incident_engine.workflow.engine import Engine

if TYPE_CHECKING:
    from incident_engine.domain.playbook import Playbook


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def build(home: Home) -> Engine:
    """The engine of an existing home. Raises NotFound, BadInput or Refused with the next step."""
    settings = configuration.load(home)
    database = database_of(home, settings)
    must_be_current(database)
    keyring = read_keyring(home.keys)
    wires = Wires(settings, keyring.master, now, home.evidence / "letters")
    return Engine(
        home=home,
        settings=settings,
        database=database,
        keyring=keyring,
        read_playbooks=lambda: playbooks_of(settings),
        channel=wires.of,
        now=now,
    )


def wires_of(engine: Engine) -> Wires:
    """The wires of an installation, where more than sending is asked of them: what came back."""
    return Wires(
        engine.settings, engine.keyring.master, engine.now, engine.home.evidence / "letters"
    )


def create(home: Home) -> Engine:
    """Make the folder, keys and tables of a new home whose config.toml is written already."""
    from incident_engine.store import migrate

    create_master_key(home.keys)
    create_signing_key(home.keys)
    home.evidence.mkdir(mode=0o700, exist_ok=True)
    migrate.upgrade(database_of(home, configuration.load(home)))
    return build(home)


def database_of(home: Home, settings: Settings) -> Database:
    """The database that the settings name, else the SQLite file of the home."""
    return (
        Database(settings.database.url)
        if settings.database.url
        else Database.in_file(home.database)
    )


def playbooks_of(settings: Settings | None = None) -> tuple[Playbook, ...]:
    """The law files of the settings' folder, else those shipped."""
    from incident_engine.intake.playbook_file import read_playbooks

    folder = Path(settings.playbooks.folder) if settings and settings.playbooks.folder else None
    return tuple(read_playbooks(folder or shipped("playbooks")))
