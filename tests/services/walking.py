"""A synthetic resident and an officer who drive any service to its end through the facades."""

import a_city

from madang.entrypoints.walk.typing import typed
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Service
from madang.records.registers.facade import population
from madang.services.applications import facade as applications
from madang.services.applications.contracts import AnswersWrong, Case, Standing
from madang.services.bookings import facade as bookings
from madang.services.bookings.contracts import Availability
from madang.services.document_review import facade as review

NOW = clock.now()
ANSWER = "시험 신청을 확인하였습니다. 10만 원을 다음 주에 드립니다."


def sent(who, service: Service) -> Case:
    answers = dict(typed((field for field in service.fields() if field.source is None), NOW.date()))
    if service.slot_question:
        answers[service.slot_question] = free_slot(service)
    try:
        return applications.apply(who, service.id, answers, Language.VI, NOW)
    except AnswersWrong as wrong:  # what no register knows of this resident is theirs to type
        open_questions = {mistake.field for mistake in wrong.mistakes}
        more = typed((field for field in service.fields() if field.name in open_questions), NOW.date())
        return applications.apply(who, service.id, {**answers, **more}, Language.VI, NOW)


def free_slot(service: Service) -> str:
    """The first slot of a service that can be had now."""
    found = bookings.open_slots(service.id, NOW, limit=200)
    return str(next(one.id for one in found if bookings.availability(one, NOW) is Availability.FREE))


def carry_on(service: Service, case: Case) -> None:
    match applications.case(a_city.REVIEWER, case.id).standing:
        case Standing.AWAITING_SIGNATURES:
            _sign(service, case)
        case Standing.AWAITING_PAYMENT:
            applications.payment_received(a_city.MONEY, case.id, NOW)
        case Standing.WITH_OFFICER:
            desk = a_city.officer(department=service.department.into(Language.KO))
            review.decide(desk, case.id, approve=True, reason=ANSWER, now=NOW)


def _sign(service: Service, case: Case) -> None:
    """Have synthetic residents of the demonstration sign with the one who sent it."""
    owner = a_city.resident(case.resident)
    others = [one for one in population.demo_residents() if one.id != case.resident]
    for other in others[: service.signatures - 1]:
        made = applications.invite(owner, case.number, other.name_ko, "", NOW)
        applications.answer_invitation(a_city.resident(other.id), made.code, NOW, signs=True)
