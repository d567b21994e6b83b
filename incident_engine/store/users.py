"""Who may act: found by the hash of a token, never by the token."""

from __future__ import annotations

from hashlib import sha256

from sqlmodel import Session, col, select

from incident_engine.store.tables import User


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256. Tokens are 32 random bytes, so no salt is needed."""
    return sha256(token.encode()).hexdigest()


def by_token(session: Session, token: str) -> User | None:
    """The user whose token this is, if it was not disabled."""
    question = select(User).where(
        User.token_sha256 == token_hash(token), col(User.disabled_at).is_(None)
    )
    return session.exec(question).first()


def by_name(session: Session, name: str) -> User | None:
    """The user of that name, disabled or not."""
    return session.exec(select(User).where(User.name == name)).first()


def everyone(session: Session) -> list[User]:
    """All users, oldest first."""
    return list(session.exec(select(User).order_by(col(User.id))).all())
