"""What is on the street: publications, the one row that says which, and who took it up."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from madang.kernel.clock import in_seoul
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import IntersectionId, PlanSetId, TimingPlan
from madang.streets.traffic_signals.contracts.operation import How, Publication, PublicationId
from madang.streets.traffic_signals.models import AcknowledgementRow, PublicationRow, PublishedAreaRow, StreetRow
from madang.streets.traffic_signals.store.blobs import packed, unpacked

Plans = Mapping[IntersectionId, TimingPlan]


def current() -> Publication | None:
    """What is on the street, or None before the first publication."""
    row = StreetRow.objects.select_related("publication").first()
    return _publication(row.publication) if row else None


def lock_current() -> Publication | None:
    """As ``current``, locked until the transaction ends: one publication after the other."""
    row = StreetRow.objects.select_for_update().filter(id=1).first()
    return _publication(row.publication) if row else None


def plans_of(publication: PublicationId, area: str | None = None) -> dict[IntersectionId, TimingPlan]:
    """The plans of a publication, of one area when it is given."""
    rows = PublishedAreaRow.objects.filter(publication=publication)
    blobs = (rows if area is None else rows.filter(area=area)).values_list("content", flat=True)
    return {plan.intersection: plan for blob in blobs for plan in unpacked(blob, list[TimingPlan])}


def add(made: Publication, plans: Plans, areas: Mapping[IntersectionId, str], intended: PublicationId | None) -> None:
    """Keep a publication whole; nobody sees it before ``flip``."""
    before = StreetRow.objects.values_list("publication_id", flat=True).first()
    row = PublicationRow.objects.create(
        id=made.id, at=made.at, how=made.how, by=made.by, plan_set=made.plan_set, before=before,
        intended=intended or made.id, changed=made.changed, fallen_back=list(made.fallen_back),
    )
    by_area: dict[str, list[TimingPlan]] = defaultdict(list)
    for place, plan in plans.items():
        by_area[areas.get(place, "")].append(plan)
    PublishedAreaRow.objects.bulk_create(
        PublishedAreaRow(publication=row, area=area, content=packed(own)) for area, own in by_area.items()
    )


def flip(publication: PublicationId) -> None:
    """Put a publication on the street, by one row."""
    StreetRow.objects.update_or_create(id=1, defaults={"publication_id": publication})


def intended(publication: PublicationId) -> PublicationId:
    """What would be on the street if no data had failed."""
    return PublicationId(PublicationRow.objects.values_list("intended", flat=True).get(id=publication))


def before(publication: PublicationId) -> PublicationId | None:
    """What was on the street before."""
    found = PublicationRow.objects.values_list("before", flat=True).get(id=publication)
    return PublicationId(found) if found and PublicationRow.objects.filter(id=found).exists() else None


def publications(limit: int) -> list[Publication]:
    """The last ones, the newest first."""
    return [_publication(row) for row in PublicationRow.objects.order_by("-at")[:limit]]


def publication(found: UUID) -> Publication | None:
    """One publication, if it is kept."""
    row = PublicationRow.objects.filter(id=found).first()
    return _publication(row) if row else None


def acknowledge(found: PublicationId, area: str, by: str, now: datetime, intersections: int) -> None:
    """Note that controllers of an area took a publication up; again is once."""
    row = AcknowledgementRow(publication=found, area=area, by=by, at=now, intersections=intersections)
    AcknowledgementRow.objects.bulk_create([row], ignore_conflicts=True)


def taken_up(found: PublicationId) -> int:
    """How many intersections' controllers took it up."""
    counts = AcknowledgementRow.objects.filter(publication=found).values_list("area", "intersections")
    return sum(dict(counts).values())


def erase(before_when: datetime) -> int:
    """Erase publications that were replaced before then, with their acknowledgements; how many."""
    row = StreetRow.objects.select_related("publication").first()
    used = {row.publication_id, row.publication.intended, row.publication.before} if row else set()
    old = PublicationRow.objects.filter(at__lt=before_when).values_list("id", flat=True)
    gone = [one for one in old if one not in used]
    AcknowledgementRow.objects.filter(publication__in=gone).delete()
    PublicationRow.objects.filter(id__in=gone).delete()
    return len(gone)


def new_publication_id() -> PublicationId:
    """A number for a publication."""
    return PublicationId(new_id())


def _publication(row: PublicationRow) -> Publication:
    run = PlanSetId(row.plan_set) if row.plan_set else None
    return Publication(
        PublicationId(row.id), in_seoul(row.at), How(row.how), row.by, run,
        tuple(map(IntersectionId, row.fallen_back)), row.changed,
    )
