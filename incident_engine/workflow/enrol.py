"""Users in and out: who may act in the installation."""

from __future__ import annotations

import re
import secrets

from incident_engine.domain.errors import BadInput, Conflict, NotFound, NotPermitted
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Role
from incident_engine.store import users
from incident_engine.store.db import Database
from incident_engine.store.tables import User
from incident_engine.workflow.engine import Actor, Engine, Transaction

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def enrol(engine: Engine, actor: Actor, name: str, role: Role) -> str:
    """Add a user. Returns the token, which is shown once and kept only as a hash."""
    actor.may(Act.MANAGE_USERS)
    must_be_a_name(name)
    with engine.transaction(actor) as transaction:
        return _add(transaction, name, role)


def enrol_first(engine: Engine, name: str) -> str:
    """Add the first administrator of a new home. Refused when there is any user already."""
    must_be_a_name(name)
    with engine.transaction(Actor(name, Role.ADMIN)) as transaction:
        if users.everyone(transaction.session):
            raise Conflict(
                "home-in-use",
                str(engine.home.folder),
                "has its users already",
                next_step="An administrator adds more: `incident-engine user add NAME`.",
            )
        return _add(transaction, name, Role.ADMIN)


def dismiss(engine: Engine, actor: Actor, name: str) -> None:
    """Disable a user at once. The last administrator cannot be disabled."""
    actor.may(Act.MANAGE_USERS)
    with engine.transaction(actor) as transaction:
        user = users.by_name(transaction.session, name)
        if user is None:
            raise NotFound("no-user", name, "there is no such user")
        others = [
            each
            for each in users.everyone(transaction.session)
            if each.role == Role.ADMIN and each.disabled_at is None and each.name != name
        ]
        if user.role == Role.ADMIN and not others:
            raise Conflict("last-admin", name, "is the last administrator")
        user.disabled_at = transaction.at
        transaction.session.add(user)
        transaction.record("user-disabled", subject=name)


def who(database: Database, token: str) -> Actor:
    """The user whom a token proves. Raises NotPermitted when it proves nobody."""
    with database.reading() as session:
        user = users.by_token(session, token) if token else None
    if user is None:
        raise NotPermitted(
            "no-token",
            "the token",
            "is missing" if not token else "belongs to nobody here",
            next_step="Set INCIDENT_ENGINE_TOKEN, or run `incident-engine login`.",
        )
    return Actor(user.name, Role(user.role))


def _add(transaction: Transaction, name: str, role: Role) -> str:
    if users.by_name(transaction.session, name):
        raise Conflict("user-exists", name, "is a user already", next_step="Choose another name.")
    token = secrets.token_urlsafe(32)
    transaction.session.add(
        User(name=name, role=role, token_sha256=users.token_hash(token), created_at=transaction.at)
    )
    transaction.record("user-added", subject=name, role=role.value)
    return token


def must_be_a_name(name: str) -> None:
    """Raise BadInput unless this can be a user's name."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            "bad-name",
            "the user's name",
            f"found {name[:64]!r}",
            expected="letters, digits, dot, dash or underscore, at most 64",
        )
