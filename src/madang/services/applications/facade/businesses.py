"""A request that a delegate sends for a business: both see it."""

from datetime import datetime

from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.services.applications.contracts import Case
from madang.services.applications.contracts.parties import Capacity, Party, PartyStanding
from madang.services.applications.rules import signing
from madang.services.applications.store import parties

_COMPANY = "company"
"""The kind of delegation, as ``delegations.yaml`` calls it."""


def note_delegate(actor: Actor, case: Case, now: datetime) -> None:
    """Let whoever sent a request for a business see it while they may act for it; in the open transaction."""
    if actor.acting is None or actor.acting.kind != _COMPANY or actor.acting.by is None:
        return
    sent = Party(
        new_id(), case.id, Capacity.DELEGATE, "", now, actor.acting.until, PartyStanding.SIGNED, actor.acting.by, now,
    )
    parties.add(sent, signing.kept_code(str(sent.id)))
