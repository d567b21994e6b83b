"""Change one setting of the home, and write down who did: a sender or a relay is no small thing."""

from __future__ import annotations

from incident_engine import settings as configuration
from incident_engine.domain.permits import Act
from incident_engine.workflow.engine import Actor, Engine


def change_setting(engine: Engine, actor: Actor, name: str, value: str) -> None:
    """Write one setting into config.toml. The journal keeps its name, never its value: a secret.

    Raises BadInput for an unknown name or a value that cannot be; then nothing is changed.
    """
    actor.may(Act.CHANGE_SETTINGS)
    with engine.transaction(actor) as transaction:
        transaction.record("setting-changed", subject=name)
        configuration.change(engine.home, name, value)
