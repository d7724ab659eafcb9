"""The door to the portal: what several rooms know about one resident's business, brought together for a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.notify import facade as notify
from madang.front_desk.portal import rules, store
from madang.front_desk.portal.contracts import Business, Figures, FormPage, Nearby, OwnedFigures, ServiceFigures
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, ServiceUnknown, Step
from madang.records.places import facade as places
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, Mistake, Permission, Standing
from madang.services.payments import facade as payments
from madang.services.payments.contracts import Bill, BillStanding
from madang.services.payments.contracts import Permission as MayPay

_SHOWN = 3
_LOOKED_AT = 20
_NEAREST = 4
_PLACES_OF_A_DISTRICT = 20
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
        is_settled=rules.is_settled(case), may_withdraw=rules.may_withdraw(case) and case.resident == actor.subject,
    )


def form_page(actor: Actor, number: str, step: str) -> FormPage:
    """One page of a draft. Raises CaseUnknown, StepUnknown."""
    case = applications.case_of(actor, number)
    service = catalogue.service(case.service)
    here = rules.step_named(service, step)
    return FormPage(case, service, here, rules.step_before(service, here), rules.step_after(service, here))


def keep_page(
    actor: Actor, page: FormPage, typed: Mapping[str, str], now: datetime, language: Language, seen: str = ""
) -> tuple[Case, Mapping[str, Mistake]]:
    """Keep what was typed to a page, also what is wrong; the mistakes that can be mended there, by question."""
    case, mistakes = applications.keep(actor, page.case.number, typed, now, language=language, seen=seen)
    return case, rules.on_this_page(page.step, mistakes)


def step_of(service: Service, question: str) -> Step | None:
    """The page on which a question is asked."""
    return rules.step_of(service, question)


def tell_of_recovery(resident: ResidentId, recovery: UUID) -> None:
    """Tell a resident by every way that a way back into their account was given out at a centre."""
    with transaction():
        notify.tell(resident, "account_recovered", {"phone": "120"}, link="/accounts/2fa/", about=recovery)


def places_for(service: Service | None, district: str, dong: str = "") -> Nearby:
    """Where the service (or any) can be done in person: in a district, or the nearest to a dong of it.

    Nobody need say where they are: without a district no place is shown, without a dong no walking time.
    """
    kinds = [way.kind for way in service.offline if way.kind != "phone"] if service else list(_ANY_PLACE)
    chosen = next((one for one in places.districts() if one.code == district), None)
    if chosen is None:
        return Nearby(places.districts())
    dongs = places.dongs(chosen.code)
    near = next((one for one in dongs if one.code == dong), None)
    if near is None:
        found = places.offline_places(kinds, chosen.code, limit=_PLACES_OF_A_DISTRICT)
        return Nearby(places.districts(), chosen, dongs, found=[(place, None) for place in found])
    nearest = places.nearest_of(kinds, near.point, _NEAREST)
    return Nearby(places.districts(), chosen, dongs, near, [(one.place, one) for one in nearest])


def owned_figures(actor: Actor, now: datetime) -> OwnedFigures:
    """The services of the actor's own department that anybody asked for, over the year. Raises NotPermitted."""
    smallest = store.telling().smallest_told
    months = applications.months(actor, _since(now))
    asked_for = {one.service for one in months}
    owned = [one for one in applications.owned(actor) if one.id in asked_for]
    return OwnedFigures([rules.in_all(one, months, smallest) for one in owned], smallest)


def owned_months(actor: Actor, now: datetime) -> Sequence[Figures]:
    """The same, a line a service and month."""
    months = applications.months(actor, _since(now))
    return [
        line for one in applications.owned(actor) for line in rules.by_month(one, months, store.telling().smallest_told)
    ]


def figures_of_service(actor: Actor, service_id: str, now: datetime) -> ServiceFigures:
    """One service of the actor's department. Raises ServiceUnknown, also for another department's; NotPermitted."""
    service = next((one for one in applications.owned(actor) if one.id == service_id), None)
    if service is None:
        raise ServiceUnknown(service=service_id[:60])
    smallest, since = store.telling().smallest_told, _since(now)
    stopped = rules.stopped_at(service, applications.left_drafts(actor, since, now))
    pages = [*(step.name for step in service.steps), rules.NOT_SENT]
    return ServiceFigures(
        service, rules.by_month(service, applications.months(actor, since), smallest),
        [(page, rules.told(stopped[page], smallest)) for page in pages], smallest,
    )


def _since(now: datetime) -> datetime:
    """The first moment of the month with which the year of figures begins."""
    back = now.year * 12 + now.month - store.telling().months
    return now.replace(year=back // 12, month=back % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _bill_due(actor: Actor, case: Case) -> Bill | None:
    """What is to be paid now; None also in the moments before the bill of a request that was just sent is made."""
    if case.standing is not Standing.AWAITING_PAYMENT or not actor.may(MayPay.SEE_OWN):
        return None
    bill = payments.bill_of_case(actor, case.id)
    return bill if bill and bill.standing is BillStanding.DUE else None
