"""Reviews in PostgreSQL."""

from collections.abc import Collection
from datetime import timedelta
from functools import cache

import msgspec
import yaml
from django.conf import settings
from django.db import models
from django.db.models.functions import TruncDate

from madang.kernel.clock import SEOUL, in_seoul
from madang.records.catalogue.contracts import FieldKind, ServiceId
from madang.services.applications.contracts import Case, CaseId, Standing
from madang.services.document_review.contracts import (
    Check,
    Decision,
    DeskItem,
    Finding,
    Review,
    ReviewUnknown,
    Suggestion,
    Verdict,
)
from madang.services.document_review.models import ReviewRow
from madang.services.document_review.rules.policy import Policy


def add(case: Case, review: Review) -> bool:
    """Keep the review of a case unless it has one; False when it has, and then nothing may follow from this one."""
    row = ReviewRow(
        case=case.id, number=case.number, service=case.service, submitted=case.submitted or review.at,
        due=case.due or review.at, at=review.at, verdict=review.verdict, checks=msgspec.to_builtins(review.checks),
        failing=_count(review, Finding.FAILS), unclear=_count(review, Finding.UNCLEAR),
        suggestion=review.suggestion, waits=review.waits,
    )
    ReviewRow.objects.bulk_create([row], ignore_conflicts=True)
    return ReviewRow.objects.filter(case=case.id, at=review.at).exists()


def find(case: CaseId) -> tuple[Review, DeskItem]:
    """The review of a case and its line on the desk. Raises ReviewUnknown."""
    return _found(ReviewRow.objects.filter(case=case).first(), str(case))


def find_numbered(number: str) -> tuple[Review, DeskItem]:
    """As ``find``, by the case's number."""
    return _found(ReviewRow.objects.filter(number=number).first(), number)


def lock(case: CaseId) -> tuple[Review, DeskItem]:
    """As ``find``, locked until the transaction ends, so that of two officers one decides."""
    return _found(ReviewRow.objects.select_for_update().filter(case=case).first(), str(case))


def decide(case: CaseId, decision: Decision) -> None:
    """Keep an officer's decision; the case leaves the desk."""
    ReviewRow.objects.filter(case=case).update(
        approved=decision.approved, decided_by=decision.by, decided_at=decision.at, overruled=decision.overruled,
        reason=decision.reason, waits=False,
    )


def take_off_desk(case: CaseId) -> None:
    """Note that nobody need decide about the case any more."""
    ReviewRow.objects.filter(case=case, waits=True).update(waits=False)


def follow(case: Case) -> None:
    """Note whether the case waits for an officer, and its date; what was decided or never lay on a desk stays."""
    rows = ReviewRow.objects.filter(case=case.id, verdict=Verdict.HAND_TO_PERSON, approved=None)
    rows.update(waits=case.standing is Standing.WITH_OFFICER, due=case.due or models.F("due"))


def erase_what_was_found(case: CaseId) -> None:
    """Forget what the checks read and what an officer wrote; which rules spoke, and how, stays."""
    row = ReviewRow.objects.filter(case=case).first()
    if row is not None:
        ReviewRow.objects.filter(case=case).update(checks=[{**check, "found": ""} for check in row.checks], reason="")


def queue(services: Collection[ServiceId], limit: int) -> list[DeskItem]:
    """What waits of these services: by the day of its deadline, then the plainest first."""
    rows = ReviewRow.objects.filter(waits=True, service__in=services)
    ordered = rows.order_by(TruncDate("due", tzinfo=SEOUL), "failing", "unclear", "due", "case")
    return [_item(row) for row in ordered[:limit]]


def count_waiting(services: Collection[ServiceId]) -> int:
    """How many cases of these services wait on the desk."""
    return ReviewRow.objects.filter(waits=True, service__in=services).count()


@cache
def policy() -> Policy:
    """What the city lets a machine decide, read once from its profile (``review.yaml``)."""
    data = yaml.safe_load((settings.MADANG_PROFILE / "review.yaml").read_text(encoding="utf-8"))
    return Policy(
        frozenset(FieldKind(kind) for kind in data["own_word_suffices"]), float(data["sampled"]),
        {name: float(share) for name, share in data["sampled_by_service"].items()},
        timedelta(hours=float(data["at_hand_hours"])),
    )


def _count(review: Review, finding: Finding) -> int:
    return sum(check.finding is finding for check in review.checks)


def _found(row: ReviewRow | None, name: str) -> tuple[Review, DeskItem]:
    if row is None:
        raise ReviewUnknown(case=name)
    return _review(row), _item(row)


def _review(row: ReviewRow) -> Review:
    return Review(
        case=CaseId(row.case), checks=msgspec.convert(row.checks, tuple[Check, ...]), verdict=Verdict(row.verdict),
        at=in_seoul(row.at), decision=_decision(row), waits=row.waits,
    )


def _decision(row: ReviewRow) -> Decision | None:
    if row.approved is None or row.decided_at is None:
        return None
    return Decision(row.approved, row.decided_by, in_seoul(row.decided_at), row.overruled, row.reason)


def _item(row: ReviewRow) -> DeskItem:
    return DeskItem(
        case=CaseId(row.case), number=row.number, service=ServiceId(row.service), submitted=in_seoul(row.submitted),
        due=in_seoul(row.due), failing=row.failing, unclear=row.unclear, suggestion=Suggestion(row.suggestion),
    )
