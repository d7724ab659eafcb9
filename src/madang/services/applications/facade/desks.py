"""Whose desk a case belongs to, for what officers do with it here."""

from collections.abc import Sequence

from madang.commons.audit import facade as audit
from madang.kernel.actors import Actor, Stated
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, ServiceId
from madang.services.applications import store
from madang.services.applications.contracts import Case, CaseUnknown, Permission
from madang.services.applications.rules import numbers

DECIDING = to_translate("Deciding about a request that you made")


def services_of(actor: Actor) -> Sequence[ServiceId]:
    """The services of the officer's department; every one for whoever leads."""
    actor.require(Permission.REVIEW)
    return [one.id for one in catalogue.services() if is_of_department(actor, one) or actor.may(Permission.LEAD)]


def found(actor: Actor, number: str) -> tuple[Case, str | Stated]:
    """A case of the officer's department, and what it is opened for.

    Raises CaseUnknown, also for another department's; for whoever leads PurposeNeeded instead until they said what for.
    """
    actor.require(Permission.REVIEW)
    case = store.find_numbered(numbers.read_number(number))
    return case, _purpose(actor, case)


def is_of_department(actor: Actor, service: Service) -> bool:
    """Whether the officer works where the service is given."""
    return bool(actor.department) and actor.department in service.department.by_language.values()


def record(actor: Actor, action: str, case: Case, purpose: str | Stated) -> None:
    """Record what an officer did with a case, for its resident to read."""
    audit.record(actor, action, purpose=purpose, subject=case.resident, about=case.id)


def _purpose(actor: Actor, case: Case) -> str | Stated:
    if is_of_department(actor, catalogue.service(case.service)):
        return DECIDING
    if not actor.may(Permission.LEAD):
        raise CaseUnknown(case=case.number)
    return actor.require_purpose(case.number, Permission.LEAD)
