"""The door to the portal: what several rooms know about one resident's business, brought together for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.kernel.actors import Actor
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service
from madang.records.places import facade as places
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, Permission, Standing
from madang.services.payments import facade as payments
from madang.services.payments.contracts import Bill, BillStanding, BillUnknown

_SHOWN = 3
_DEFAULT_KINDS = ("community_center", "district_office", "kiosk")


@dataclass(frozen=True, slots=True)
class Business:
    """A request with what belongs to it: its service, and its bill while there is something to pay."""

    case: Case
    service: Service
    bill: Bill | None = None


def open_cases(actor: Actor) -> Sequence[Business]:
    """What a resident has under way, newest first, a few; nothing, and no query, for anybody else."""
    if not actor.may(Permission.SEE_OWN):
        return []
    over = {Standing.COMPLETED, Standing.REFUSED, Standing.WITHDRAWN}
    going_on = [case for case in applications.my_cases(actor, limit=20) if case.standing not in over]
    return [Business(case, catalogue.service(case.service)) for case in going_on[:_SHOWN]]


def business(actor: Actor, number: str) -> Business:
    """One request of the resident's with what belongs to it. Raises CaseUnknown, also for somebody else's."""
    case = applications.case_of(actor, number)
    return Business(case, catalogue.service(case.service), _bill_due(actor, case))


def places_for(service: Service | None, district: str) -> Mapping[str, Any]:
    """The districts, the one that was chosen, and its places where the service (or any) can be done in person."""
    kinds = [way.kind for way in service.offline if way.kind != "phone"] if service else list(_DEFAULT_KINDS)
    districts = places.districts()
    chosen = next((one for one in districts if one.code == district), None)
    found = places.offline_places(kinds, chosen.code, limit=20) if chosen else []
    return {"districts": districts, "chosen": chosen, "places": found}


def _bill_due(actor: Actor, case: Case) -> Bill | None:
    if case.standing is not Standing.AWAITING_PAYMENT:
        return None
    try:
        bill = payments.bill_of_case(actor, case.id)
    except BillUnknown:  # the case was sent a moment ago and its bill is still being made
        return None
    return bill if bill.standing is BillStanding.DUE else None
