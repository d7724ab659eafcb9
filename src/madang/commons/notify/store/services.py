"""Services, their keys (sealed), templates and notifications."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings
from django.db.models import F, Max, Min, Q

from madang.commons.notify.contracts import (
    KeyKind,
    Notice,
    NoticeKind,
    Search,
    Service,
    ServiceKey,
    ServiceTemplate,
    Status,
)
from madang.commons.notify.models import NoticeRow, ServiceKeyRow, ServiceRow, ServiceTemplateRow

_PAGE: Final = 250
_FAILED: Final = (Status.PERMANENT_FAILURE, Status.TEMPORARY_FAILURE, Status.TECHNICAL_FAILURE)


def add_service(service: Service, callback_token: str) -> None:
    """Keep a service."""
    ServiceRow.objects.create(
        id=service.id, name=service.name, daily_limit=service.daily_limit, callback_url=service.callback_url,
        callback_token=_seal(callback_token) if callback_token else "", created=service.created,
    )


def service(service: UUID, *, lock: bool = False) -> Service | None:
    """A service; locked until the transaction ends when asked so."""
    rows = ServiceRow.objects.select_for_update() if lock else ServiceRow.objects
    row = rows.filter(id=service).first()
    return _service(row) if row else None


def service_called(name: str) -> Service | None:
    """The service of that name."""
    row = ServiceRow.objects.filter(name=name).first()
    return _service(row) if row else None


def services() -> list[Service]:
    """All services, by name."""
    return [_service(row) for row in ServiceRow.objects.order_by("name")]


def callback_of(service: UUID) -> tuple[str, str]:
    """Where a service wants to hear of its notifications, and the token that it knows us by."""
    row = ServiceRow.objects.get(id=service)
    return row.callback_url, _open(row.callback_token) if row.callback_token else ""


def add_key(key: ServiceKey) -> None:
    """Keep a key; its secret is encrypted, because a signature is checked with it and a digest would not do."""
    ServiceKeyRow.objects.create(
        id=key.id, service_id=key.service, name=key.name, kind=key.kind, sealed=_seal(key.secret), created=key.created
    )


def keys(service: UUID) -> list[ServiceKey]:
    """The keys of a service that were not revoked."""
    rows = ServiceKeyRow.objects.filter(service_id=service, revoked=None).order_by("created")
    return [
        ServiceKey(row.id, row.service_id, row.name, KeyKind(row.kind), _open(row.sealed), row.created) for row in rows
    ]


def revoke_key(service: UUID, name: str, now: datetime) -> int:
    """Let a key be used no longer; how many there were of that name."""
    return ServiceKeyRow.objects.filter(service_id=service, name=name, revoked=None).update(revoked=now)


def add_template(template: ServiceTemplate) -> None:
    """Keep a version of a template."""
    ServiceTemplateRow.objects.create(
        template=template.id, service_id=template.service, kind=template.kind, version=template.version,
        name=template.name, subject=template.subject, body=template.body, created=template.created,
        created_by=template.created_by,
    )


def template(service: UUID, template: UUID, version: int | None = None) -> ServiceTemplate | None:
    """A template's version, or its last."""
    rows = ServiceTemplateRow.objects.filter(service_id=service, template=template)
    first = rows.aggregate(first=Min("created"))["first"]
    row = (rows.filter(version=version) if version else rows).order_by("-version").first()
    return _template(row, first) if row else None


def templates(service: UUID, kind: str = "") -> list[ServiceTemplate]:
    """The last version of each template, by name."""
    rows = ServiceTemplateRow.objects.filter(service_id=service, **({"kind": kind} if kind else {}))
    last = {one["template"]: one for one in rows.values("template").annotate(v=Max("version"), first=Min("created"))}
    found = [row for row in rows.order_by("name") if row.version == last[row.template]["v"]]
    return [_template(row, last[row.template]["first"]) for row in found]


def versions(service: UUID, template: UUID) -> list[ServiceTemplate]:
    """Every version of a template, the last first."""
    rows = list(ServiceTemplateRow.objects.filter(service_id=service, template=template).order_by("-version"))
    return [_template(row, rows[-1].created) for row in rows]


def add_notice(notice: Notice, pdf: bytes | None, *, due: datetime | None) -> None:
    """Keep a notification; ``due`` is when it is sent, None when it never is."""
    NoticeRow.objects.create(
        id=notice.id, service_id=notice.service, kind=notice.kind, recipient=notice.recipient,
        template=notice.template, version=notice.version, subject=notice.subject, body=notice.body,
        reference=notice.reference, status=notice.status, created=notice.created, sent=notice.sent,
        completed=notice.completed, unsubscribe_url=notice.unsubscribe_url, postage=notice.postage, pdf=pdf,
        next_try=due, is_test=due is None,
    )


def count_since(service: UUID, since: datetime) -> int:
    """How many notifications that were really sent a service has asked for since."""
    return NoticeRow.objects.filter(service_id=service, created__gte=since, is_test=False).count()


def notice(service: UUID, notice: UUID) -> Notice | None:
    """A notification of the service's."""
    row = NoticeRow.objects.filter(service_id=service, id=notice).defer("pdf").first()
    return _notice(row) if row else None


def pdf_of(notice: UUID) -> bytes | None:
    """The letter as it was or will be printed."""
    row = NoticeRow.objects.filter(id=notice).only("pdf").first()
    return bytes(row.pdf) if row and row.pdf is not None else None


def notices(service: UUID, search: Search) -> list[Notice]:
    """Notifications, newest first, at most 250."""
    rows = NoticeRow.objects.filter(service_id=service).defer("pdf").order_by("-created", "-id")
    if search.statuses:
        wanted = {one for status in search.statuses for one in (_FAILED if status == "failed" else (status,))}
        rows = rows.filter(status__in=wanted)
    if search.kinds:
        rows = rows.filter(kind__in=search.kinds)
    if search.reference:
        rows = rows.filter(reference=search.reference)
    if search.older_than:
        last = NoticeRow.objects.filter(service_id=service, id=search.older_than).first()
        if last is None:
            return []
        rows = rows.filter(Q(created__lt=last.created) | Q(created=last.created, id__lt=last.id))
    return [_notice(row) for row in rows[:_PAGE]]


def claim(kind: NoticeKind, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
    """Notifications that are due, noted as tried; nobody else gets them before the lease ends."""
    rows = NoticeRow.objects.filter(kind=kind, status=Status.CREATED, next_try__lte=now).defer("pdf")
    found = list(rows.order_by("next_try").select_for_update(skip_locked=True)[:limit])
    NoticeRow.objects.filter(id__in=[row.id for row in found]).update(
        next_try=now + lease, attempts=F("attempts") + 1
    )
    for row in found:
        row.attempts += 1
    return [_notice(row) for row in found]


def settle(notice: UUID, status: Status, error: str, next_try: datetime | None, now: datetime) -> None:
    """Note what became of a try."""
    final = now if status.is_final else None
    NoticeRow.objects.filter(id=notice, status=Status.CREATED).update(
        status=status, error=error, next_try=next_try, completed=final, callback_due=final,
        sent=None if status in {Status.CREATED, Status.TECHNICAL_FAILURE} else now,
    )


def receive(told: Sequence[tuple[UUID, Status]], now: datetime) -> int:
    """Note what a provider says of notifications; how many were news."""
    changed = 0
    for one, status in told:
        rows = NoticeRow.objects.filter(id=one, status__in=[Status.SENDING, Status.CREATED, Status.ACCEPTED])
        changed += rows.update(status=status, completed=now, next_try=None, callback_due=now)
    return changed


def due_callbacks(now: datetime, limit: int) -> list[tuple[Notice, int]]:
    """Notifications whose service wants to hear of them, held from others for a while, and how often it was tried."""
    rows = NoticeRow.objects.filter(callback_due__lte=now).defer("pdf").select_for_update(skip_locked=True)
    found = list(rows.order_by("callback_due")[:limit])
    NoticeRow.objects.filter(id__in=[row.id for row in found]).update(
        callback_due=now + timedelta(minutes=1), callback_tries=F("callback_tries") + 1
    )
    return [(_notice(row), row.callback_tries + 1) for row in found]


def set_callback(notice: UUID, due: datetime | None) -> None:
    """When the service is told next; None when it was, or nobody wants to hear."""
    NoticeRow.objects.filter(id=notice).update(callback_due=due)


def forget(before: datetime) -> int:
    """Delete notifications created before."""
    return NoticeRow.objects.filter(created__lt=before).delete()[0]


@cache
def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"notify.keys" + settings.SECRET_KEY.encode()).digest()))


def _seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def _open(sealed: str) -> str:
    return _box().decrypt(sealed.encode()).decode()


def _service(row: ServiceRow) -> Service:
    return Service(row.id, row.name, row.daily_limit, row.callback_url, row.created)


def _template(row: ServiceTemplateRow, first: datetime) -> ServiceTemplate:
    return ServiceTemplate(
        row.template, row.service_id, NoticeKind(row.kind), row.version, row.name, row.subject, row.body, row.created,
        row.created_by, first,
    )


def _notice(row: NoticeRow) -> Notice:
    return Notice(
        row.id, row.service_id, NoticeKind(row.kind), row.recipient, row.template, row.version, row.subject, row.body,
        row.reference, Status(row.status), row.created, row.sent, row.completed, row.unsubscribe_url, row.postage,
        row.attempts,
    )
