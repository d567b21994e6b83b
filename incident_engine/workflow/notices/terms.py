"""The terms a notice is sent on, beside its words and people: how fast, and what stops it.

They are frozen and approved with it. What was set differently since makes an approval void.
"""

from __future__ import annotations

import json
from typing import Any

from incident_engine.domain.delivery import pacing
from incident_engine.store.tables import Campaign
from incident_engine.workflow.engine import Engine


def pace_now(engine: Engine) -> dict[str, Any]:
    """Canary, batches, shares that warn and stop, and messages a minute, as they are set now."""
    email = engine.settings.email
    return {
        "canary": pacing.CANARY,
        "largest_batch": pacing.LARGEST,
        "judged_from": pacing.JUDGED_FROM,
        "bounces": {"warn": str(pacing.WARNS), "stop": str(pacing.STOPS)},
        "complaints": {"warn": str(pacing.COMPLAINTS_WARN), "stop": str(pacing.COMPLAINTS_STOP)},
        "email_per_domain": email.per_domain_limit,
        "email_per_provider": email.per_provider_limit,
    }


def quiet_hours_of(campaign: Campaign) -> str:
    """The quiet hours under the campaign's hash, like 21:00-08:00; empty for none."""
    return str(json.loads(campaign.manifest).get("quiet_hours", ""))
