"""The door to the portal: what several rooms know about one resident's business, brought together for a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.notify import facade as notify
from madang.front_desk.portal import rules
from madang.front_desk.portal.contracts import Business, FormPage
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, Step
from madang.records.places import facade as places
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, Mistake, Permission, Standing
from madang.services.payments import facade as payments
from madang.services.payments.contracts import Bill, BillStanding
from madang.services.payments.contracts import Permission as MayPay

_SHOWN = 3
_LOOKED_AT = 20
_ANY_PLACE = ("community_center", "district_office", "kiosk")


def open_cases(actor: Actor) -> Sequence[Business]:
    """What a resident has under way, newest first, a few; nothing, and no query, for anybody else."""
    if not actor.may(Permission.SEE_OWN):
        return []
    going_on = [case for case in applications.my_cases(actor, limit=_LOOKED_AT) if not rules.is_settled(case)]
    return [Business(case, catalogue.service(case.service)) for case in going_on[:_SHOWN]]


def business(actor: Actor, number: str) -> Business:
    """One request of the resident's with what belongs to it. Raises CaseUnknown, also for somebody else's."""
    case = applications.case_of(actor, number)
    service = catalogue.service(case.service)
    return Business(
        case, service, rules.way(case, service), _bill_due(actor, case),
        is_settled=rules.is_settled(case), may_withdraw=rules.may_withdraw(case),
    )


def form_page(actor: Actor, number: str, step: str) -> FormPage:
    """One page of a draft. Raises CaseUnknown, StepUnknown."""
    case = applications.case_of(actor, number)
    service = catalogue.service(case.service)
    here = rules.step_named(service, step)
    return FormPage(case, service, here, rules.step_before(service, here), rules.step_after(service, here))


def keep_page(
    actor: Actor, page: FormPage, typed: Mapping[str, str], now: datetime, language: Language
) -> tuple[Case, Mapping[str, Mistake]]:
    """Keep what was typed to a page, also what is wrong; the mistakes that can be mended there, by question."""
    case, mistakes = applications.keep(actor, page.case.number, typed, now, language=language)
    return case, rules.on_this_page(page.step, mistakes)


def step_of(service: Service, question: str) -> Step | None:
    """The page on which a question is asked."""
    return rules.step_of(service, question)


def tell_of_recovery(resident: ResidentId, recovery: UUID) -> None:
    """Tell a resident by every way that a way back into their account was given out at a centre."""
    with transaction():
        notify.tell(resident, "account_recovered", {"phone": "120"}, link="/accounts/2fa/", about=recovery)


def places_for(service: Service | None, district: str) -> Mapping[str, Any]:
    """The districts, the one that was chosen, and its places where the service (or any) can be done in person."""
    kinds = [way.kind for way in service.offline if way.kind != "phone"] if service else list(_ANY_PLACE)
    districts = places.districts()
    chosen = next((one for one in districts if one.code == district), None)
    found = places.offline_places(kinds, chosen.code, limit=20) if chosen else []
    return {"districts": districts, "chosen": chosen, "places": found}


def _bill_due(actor: Actor, case: Case) -> Bill | None:
    """What is to be paid now; None also in the moments before the bill of a request that was just sent is made."""
    if case.standing is not Standing.AWAITING_PAYMENT or not actor.may(MayPay.SEE_OWN):
        return None
    bill = payments.bill_of_case(actor, case.id)
    return bill if bill and bill.standing is BillStanding.DUE else None
