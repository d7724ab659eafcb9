"""Cases in PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import holidays
import msgspec
import yaml
from django.conf import settings
from django.db import connection
from django.db.models import Aggregate, Count, DurationField, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from madang.kernel.assurance import Assurance
from madang.kernel.clock import in_seoul
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications.contracts import Answer, Case, CaseId, CaseUnknown, Happening, Reason, Standing
from madang.services.applications.contracts.figures import LeftDrafts, ServiceMonth
from madang.services.applications.contracts.further import Allowed, Appeal, Ask, Delay
from madang.services.applications.models import CaseRow
from madang.services.applications.store import parties

_ERASED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Promises:
    """What the city's profile says about requests (``cases.yaml``)."""

    opens: time
    closes: time
    country: str
    draft_kept: timedelta
    allowed: Allowed
    signature_kept: timedelta


def begin(draft: Case) -> Case | None:
    """Keep a new draft unless the resident has one of this service; the one that stands.

    None when another case has the draft's number: give it another id and ask again.
    """
    CaseRow.objects.bulk_create([_row(draft)], ignore_conflicts=True)
    return draft_of(draft.resident, draft.service)


def add(case: Case) -> Case | None:
    """Keep a case that was never a draft; the case again, or None when another one has its number."""
    CaseRow.objects.bulk_create([_row(case)], ignore_conflicts=True)
    return case if CaseRow.objects.filter(id=case.id).exists() else None


def save(case: Case, now: datetime) -> Case:
    """Keep what a step made of a locked case; the case again."""
    CaseRow.objects.filter(id=case.id).update(changed=now, **_columns(case))
    return case


def find(case: CaseId) -> Case:
    """A case by its id. Raises CaseUnknown."""
    return _one(CaseRow.objects.filter(id=case), str(case))


def find_numbered(number: str) -> Case:
    """A case by its number. Raises CaseUnknown."""
    return _one(CaseRow.objects.filter(number=number), number)


def lock(case: CaseId) -> Case:
    """A case, locked until the transaction ends, so that two steps at once are two steps in turn."""
    return _one(CaseRow.objects.select_for_update().filter(id=case), str(case))


def find_own(resident: ResidentId, case: CaseId | str) -> Case:
    """A case of a resident's own, or one that they may see beside its resident. Raises CaseUnknown for any other."""
    mine = Q(resident=resident) | Q(id__in=parties.cases_of(resident))
    return _one(CaseRow.objects.filter(mine, **_named(case)), str(case))


def lock_own(resident: ResidentId, case: CaseId | str) -> Case:
    """A resident's very own case, locked. Raises CaseUnknown, also for one that they may only see."""
    return _one(CaseRow.objects.select_for_update().filter(**_named(case), resident=resident), str(case))


def draft_of(resident: ResidentId, service: ServiceId) -> Case | None:
    """The resident's open draft of a service."""
    row = CaseRow.objects.filter(resident=resident, service=service, standing=Standing.DRAFT).first()
    return None if row is None else _case(row)


def of_resident(resident: ResidentId, before: datetime | None, limit: int) -> list[Case]:
    """A resident's cases, the last begun first; with ``before`` those begun earlier than that."""
    mine = Q(resident=resident) | Q(id__in=parties.cases_of(resident))
    rows = CaseRow.objects.filter(mine).order_by("-begun", "-id")
    if before is not None:
        rows = rows.filter(begun__lt=before)
    return [_case(row) for row in rows[:limit]]


def asked_cases(limit: int, after: CaseId | None) -> list[CaseId]:
    """Cases that wait for their residents, by id, from ``after`` on."""
    rows = CaseRow.objects.filter(standing=Standing.AWAITING_RESIDENT).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [CaseId(one) for one in rows.values_list("id", flat=True)[:limit]]


def under_way(standings: Collection[Standing], warned_below: int, limit: int, after: CaseId | None) -> list[Case]:
    """Cases in these standings that were not yet warned about at ``warned_below``, by id, from ``after`` on."""
    rows = CaseRow.objects.filter(standing__in=standings, warned__lt=warned_below, due__isnull=False).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [_case(row) for row in rows[:limit]]


def warned_of(services: Collection[ServiceId], standings: Collection[Standing], limit: int) -> list[Case]:
    """Undecided cases of these services that somebody was warned about, the nearest date first."""
    rows = CaseRow.objects.filter(service__in=services, standing__in=standings, warned__gt=0)
    return [_case(row) for row in rows.order_by("due", "id")[:limit]]


def appealed_of(services: Collection[ServiceId], limit: int) -> list[Case]:
    """Cases of these services with an appeal to be decided, the nearest date first."""
    rows = CaseRow.objects.filter(service__in=services, standing=Standing.APPEALED)
    return [_case(row) for row in rows.order_by("due", "id")[:limit]]


def erase_drafts(untouched_since: datetime) -> int:
    """Delete drafts that nobody touched since then; how many."""
    unsent = [Standing.DRAFT, Standing.AWAITING_SIGNATURES]
    return CaseRow.objects.filter(standing__in=unsent, changed__lt=untouched_since).delete()[0]


def erase_answers(service: ServiceId, closed_before: datetime, now: datetime) -> list[CaseId]:
    """Erase the answers of a service's cases that came to their end before then, up to 500 of them; which ones."""
    closed = [Standing.REFUSED, Standing.COMPLETED, Standing.WITHDRAWN]
    rows = CaseRow.objects.filter(service=service, standing__in=closed, changed__lt=closed_before, erased=None)
    ids = list(rows.select_for_update(skip_locked=True).values_list("id", flat=True)[:_ERASED_AT_ONCE])
    CaseRow.objects.filter(id__in=ids).update(answers={}, reasons=[], asks=[], appeals=[], erased=now)
    parties.forget_names(ids)
    return [CaseId(one) for one in ids]

def months(services: Collection[ServiceId], since: datetime) -> list[ServiceMonth]:
    """Counts of requests begun since then, by service and month on Seoul's calendar, the newest month first."""
    rows = CaseRow.objects.filter(service__in=services, begun__gte=since)
    told = rows.values("service", month=TruncMonth("begun", tzinfo=since.tzinfo)).annotate(
        begun=Count("id"), sent=Count("submitted"), done=_standing(Standing.COMPLETED),
        by_machine=Count("id", filter=Q(standing=Standing.COMPLETED, automatic=True)),
        handed_over=Count("id", filter=Q(history__contains=[{"standing": Standing.WITH_OFFICER}])),
        refused=_standing(Standing.REFUSED), taken_back=_standing(Standing.WITHDRAWN),
        unpaid=_standing(Standing.AWAITING_PAYMENT),
        median=_Median(F("decided") - F("submitted"), output_field=DurationField()),
    )
    return [
        ServiceMonth(
            ServiceId(row["service"]), row["month"].date(), row["begun"], row["sent"], row["done"], row["by_machine"],
            row["handed_over"], row["refused"], row["taken_back"], row["unpaid"],
            row["median"].total_seconds() / 60 if row["median"] is not None else None,
        )
        for row in told.order_by("-month", "service")
    ]


def left_drafts(services: Collection[ServiceId], since: datetime, untouched_since: datetime) -> list[LeftDrafts]:
    """How many drafts were left, by the names of the questions answered in them: no answer leaves the table."""
    question = """
        SELECT service, answered, count(*) FROM (
            SELECT service, ARRAY(
                SELECT key FROM jsonb_each(answers) WHERE value->>'value' <> '' ORDER BY key
            ) AS answered
            FROM applications_case
            WHERE standing = 'draft' AND service = ANY(%s) AND begun >= %s AND changed < %s
        ) AS draft GROUP BY service, answered
    """
    with connection.cursor() as cursor:
        cursor.execute(question, [list(services), since, untouched_since])
        return [LeftDrafts(ServiceId(row[0]), frozenset(row[1]), row[2]) for row in cursor.fetchall()]


@cache
def promises() -> Promises:
    """The city's promises about requests, read once from its profile."""
    data = yaml.safe_load((settings.MADANG_PROFILE / "cases.yaml").read_text(encoding="utf-8"))
    hours = data["office_hours"]
    return Promises(
        time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"]), hours["country"],
        timedelta(days=data["draft_kept_days"]), _allowed(data),
        timedelta(days=data["signature_days"]),
    )


@cache
def holidays_around(year: int) -> frozenset[date]:
    """The public holidays of a year, of the one before and the one after it, with their substitutes."""
    return frozenset(holidays.country_holidays(promises().country, years=(year - 1, year, year + 1)))


def _allowed(data: dict[str, Any]) -> Allowed:
    ask, appeal = data["ask"], data["appeal"]
    return Allowed(
        ask["days"], ask["most_days"], ask["again_days"], ask["remind_days_before"], appeal["days"],
        appeal["decided_days"], tuple(data["warn_at_percent"]),
    )


def _named(case: CaseId | str) -> dict[str, Any]:
    return {"number": case} if isinstance(case, str) else {"id": case}


def _one(rows: QuerySet[CaseRow], name: str) -> Case:
    row = rows.first()
    if row is None:
        raise CaseUnknown(case=name)
    return _case(row)


def _case(row: CaseRow) -> Case:
    return Case(
        id=CaseId(row.id), number=row.number, service=ServiceId(row.service), resident=ResidentId(row.resident),
        language=Language(row.language), standing=Standing(row.standing),
        answers=msgspec.convert(row.answers, dict[str, Answer]), fee=Won(row.fee), begun=in_seoul(row.begun),
        submitted=_in_seoul(row.submitted), due=_in_seoul(row.due), decided=_in_seoul(row.decided),
        reasons=msgspec.convert(row.reasons, tuple[Reason, ...]), document=row.document,
        history=msgspec.convert(row.history, tuple[Happening, ...]), waits_for=row.waits_for,
        assurance=Assurance(row.assurance), automatic=row.automatic, decided_by=row.decided_by,
        paused=_in_seoul(row.paused), warned=row.warned, asks=msgspec.convert(row.asks, tuple[Ask, ...]),
        appeals=msgspec.convert(row.appeals, tuple[Appeal, ...]),
        delays=msgspec.convert(row.delays, tuple[Delay, ...]),
    )


def _in_seoul(moment: datetime | None) -> datetime | None:
    return moment and in_seoul(moment)


def _row(case: Case) -> CaseRow:
    return CaseRow(
        id=case.id, number=case.number, service=case.service, resident=case.resident, begun=case.begun,
        changed=case.begun, **_columns(case),
    )


def _columns(case: Case) -> dict[str, Any]:
    return {
        "language": case.language, "standing": case.standing, "answers": msgspec.to_builtins(case.answers),
        "fee": case.fee.amount, "assurance": case.assurance, "submitted": case.submitted, "due": case.due,
        "decided": case.decided, "automatic": case.automatic, "reasons": msgspec.to_builtins(case.reasons),
        "history": msgspec.to_builtins(case.history),
        "document": case.document, "waits_for": case.waits_for, "decided_by": case.decided_by,
        "paused": case.paused, "warned": case.warned, "asks": msgspec.to_builtins(case.asks),
        "appeals": msgspec.to_builtins(case.appeals), "delays": msgspec.to_builtins(case.delays),
    }


class _Median(Aggregate):
    """PostgreSQL's own median; django.db has none."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _standing(standing: Standing) -> Count:
    return Count("id", filter=Q(standing=standing))
