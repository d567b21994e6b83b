"""Bring a database to the newest shape, step by step, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from incident_engine.domain.errors import Refused
from incident_engine.store.db import Database


def upgrade(database: Database) -> None:
    """Apply every migration not applied yet, in one transaction each."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def must_be_current(database: Database) -> None:
    """Raise Refused when the database is older or newer than this version of the product."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    expected = ScriptDirectory.from_config(_config()).get_current_head()
    if found != expected:
        raise Refused(
            "database-version",
            "the database",
            f"is at version {found}",
            expected=f"{expected}",
            next_step="Run `incident-engine init --upgrade` with a backup at hand.",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
