"""Which shape of the tables this version of the product was made for.

Asked with one line of SQL: every command asks, and the migration library is slow to load.
"""

from __future__ import annotations

from sqlalchemy import inspect
from sqlmodel import text

from incident_engine.domain.errors import Refused
from incident_engine.store.db import Database

EXPECTED = "0005"
"""The newest migration; a test keeps it equal to the files."""


def must_be_current(database: Database) -> None:
    """Raise Refused when the database is older or newer than this version of the product."""
    found = _version(database)
    if found != EXPECTED:
        raise Refused(
            "database-version",
            "the database",
            f"is at version {found or 'none'}",
            expected=EXPECTED,
            next_step="Use the version of the product that made it, or restore a backup.",
        )


def _version(database: Database) -> str:
    with database.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return ""
        return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
