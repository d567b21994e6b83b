"""A database older than its own checkpoint: an old copy was put back, or the journal cut.

Whatever was sent since is unknown to it, and would be sent again. So nothing leaves until a
person has looked.
"""

from __future__ import annotations

from incident_engine.domain.errors import Refused
from incident_engine.store import checkpoints, journal
from incident_engine.store.checkpoints import Checkpoint
from incident_engine.workflow.engine import Engine


def must_not_be_rolled_back(engine: Engine) -> Checkpoint | None:
    """The newest signed checkpoint, when the journal still has the entry it signed.

    Looks at one entry, so it can be asked before every round; `journal verify` walks the chain.
    Raises Refused when the journal ends before it or has another entry there.
    """
    home = engine.home
    newest = checkpoints.newest(home.checkpoints, home.keys)
    if newest is None:
        return None
    with engine.reading() as session:
        found = journal.hash_of(session, newest.entries)
        count, _ = journal.last(session)
    if found == newest.head:
        return newest
    raise Refused(
        "rolled-back",
        "the database",
        f"ends at entry {count}, but a checkpoint of {newest.at:%Y-%m-%d %H:%M} UTC signed "
        f"{newest.entries}"
        if count < newest.entries
        else f"has another entry {newest.entries} than the checkpoint signed",
        expected="the database that the checkpoint was made from",
        next_step="Nothing is sent: people could be told twice. Put back the newest copy. Only if "
        "there is none: move checkpoints.jsonl aside as evidence, settle every delivery that may "
        "have left with `stop` and `resolve`, and go on.",
    )
