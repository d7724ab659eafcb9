"""What every step leaves behind: a notice, a line in the audit, and until when the city promises a decision."""

from datetime import datetime
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.languages import Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service
from madang.services.applications import store
from madang.services.applications.contracts import Case
from madang.services.applications.rules import deadlines
from madang.services.applications.store import parties

OWN_REQUEST = to_translate("A request that you made")
"""What residents' data is read and changed for here, in the record that they can read."""


def tell(case: Case, template: str, *, about: UUID | None = None, **facts: str) -> None:
    """Tell the resident and who applies with them, once a template and what it is ``about``: by itself the case."""
    known: dict[str, str | Text] = {"service": catalogue.service(case.service).name, "number": case.number}
    together = parties.applicants_of(case.id) if catalogue.service(case.service).joint else ()
    for resident in (case.resident, *together):
        notify.tell(resident, template, known | facts, link=f"/my/cases/{case.number}", about=about or case.id)


def day(case: Case) -> str:
    """The case's date as notices take it."""
    return case.due.isoformat() if case.due else ""


def record(actor: Actor, action: str, case: Case) -> None:
    """Record a step, for the resident to read."""
    audit.record(actor, action, purpose=OWN_REQUEST, subject=case.resident, about=case.id)


def due(service: Service, now: datetime) -> datetime:
    """Until when the city promises to decide what it received at ``now``."""
    return deadlines.due(now, service.time.working_days, hours(now))


def hours(now: datetime) -> deadlines.OfficeHours:
    """When the offices are open, for dates around ``now``."""
    city = store.promises()
    return deadlines.OfficeHours(city.opens, city.closes, store.holidays_around(now.year))
