"""Services that send by the compatible API: operators make them, keys sign for them, notifications go out."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import Final
from uuid import UUID, uuid4

import httpx

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import channels, profile, ways
from madang.commons.notify.channels import letter as letters
from madang.commons.notify.contracts import (
    Asked,
    AskedWrong,
    Carried,
    DeliveryId,
    DeliveryState,
    KeyKind,
    Letter,
    LimitReached,
    Message,
    MessageId,
    NoSuchNotice,
    Notice,
    NoticeKind,
    Permission,
    PhoneWrong,
    PostalAddressWrong,
    Search,
    Service,
    ServiceKey,
    ServiceTemplate,
    ServiceUnknown,
    Status,
    TextToSave,
    TokenRefused,
)
from madang.commons.notify.facade import files
from madang.commons.notify.rules import addresses, texts, writing
from madang.commons.notify.rules import services as rules
from madang.commons.notify.store import services
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language

_PURPOSE: Final = "let a department's service send messages"
_NOBODY: Final = ResidentId(UUID(int=0))
_CALLBACK_WAITS: Final = (5, 60, 300, 1800, 3600)
_CALLBACK_SECONDS: Final = 5.0
_LONGEST_PDF: Final = 700_000
_STATUS_OF: Final = {
    NoticeKind.SMS: Status.SENDING, NoticeKind.EMAIL: Status.DELIVERED, NoticeKind.LETTER: Status.ACCEPTED,
}
"""What a notification is once its provider took it. Text messages wait for their report; SMTP gives none."""


def make_service(
    actor: Actor, name: str, daily_limit: int, now: datetime, *, callback: tuple[str, str] = ("", "")
) -> Service:
    """Make a service; ``callback`` is where it hears of its notifications and the token it knows us by."""
    actor.require(Permission.RUN_SERVICES)
    made = Service(uuid4(), name, daily_limit, callback[0], now)
    with transaction():
        services.add_service(made, callback[1])
        audit.record(actor, "notify.make_service", purpose=_PURPOSE, about=made.id)
    return made


def make_key(actor: Actor, service: str, name: str, now: datetime, *, kind: KeyKind = KeyKind.NORMAL) -> str:
    """Make a key; it is ``name-service-secret`` as the product's clients want it, and is shown this once."""
    actor.require(Permission.RUN_SERVICES)
    found = service_called(actor, service)
    made = ServiceKey(new_id(), found.id, name, kind, str(UUID(bytes=secrets.token_bytes(16), version=4)), now)
    with transaction():
        services.add_key(made)
        audit.record(actor, "notify.make_key", purpose=_PURPOSE, about=found.id)
    return f"{name}-{found.id}-{made.secret}"


def revoke_key(actor: Actor, service: str, name: str, now: datetime) -> int:
    """Let a key be used no longer; how many there were."""
    actor.require(Permission.RUN_SERVICES)
    found = service_called(actor, service)
    with transaction():
        audit.record(actor, "notify.revoke_key", purpose=_PURPOSE, about=found.id)
        return services.revoke_key(found.id, name, now)


def save_template(actor: Actor, service: str, template: TextToSave, now: datetime) -> ServiceTemplate:
    """Keep a template of a service, as the next version of the one with its name. Raises AskedWrong."""
    actor.require(Permission.RUN_SERVICES)
    found = service_called(actor, service)
    if template.kind is NoticeKind.SMS and not texts.size(template.body).fits:
        raise AskedWrong(why=f"The text is longer than {texts.LONGEST_PARTS} parts")
    before = next((one for one in services.templates(found.id) if one.name == template.name), None)
    made = ServiceTemplate(
        before.id if before else uuid4(), found.id, before.kind if before else template.kind,
        before.version + 1 if before else 1, template.name, template.subject, template.body, now, actor.name,
        before.first_created if before else now,
    )
    with transaction():
        services.add_template(made)
        audit.record(actor, "notify.save_template", purpose=_PURPOSE, about=made.id)
    return made


def service_called(actor: Actor, name: str) -> Service:
    """The service of that name. Raises NotPermitted, ServiceUnknown."""
    actor.require(Permission.RUN_SERVICES)
    found = services.service_called(name)
    if found is None:
        raise ServiceUnknown(name=name)
    return found


def all_services(actor: Actor) -> Sequence[Service]:
    """All services. Raises NotPermitted."""
    actor.require(Permission.RUN_SERVICES)
    return services.services()


def signed_in(authorization: str, now: datetime) -> tuple[Service, KeyKind]:
    """The service that signed a request, and what its key may do. Raises TokenRefused."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused(why="Unauthorized: authentication token must be provided")
    found = services.service(rules.issuer(token))
    if found is None:
        raise TokenRefused(why="Invalid token: service not found")
    keys = services.keys(found.id)
    return found, keys[rules.require_signed(token, [key.secret for key in keys], now.timestamp())].kind


def ask(service: Service, key: KeyKind, asked: Asked, now: datetime) -> tuple[Notice, ServiceTemplate]:
    """Take a notification in. Raises AskedWrong, LimitReached."""
    template = services.template(service.id, asked.template)
    if template is None:
        raise AskedWrong(why="Template not found")
    if template.kind is not asked.kind:
        raise AskedWrong(why=f"{template.kind} template is not suitable for {asked.kind} notification")
    given, kept = files.with_links(service, asked, now)
    subject, body = preview_for_service(template, given)
    if asked.kind is NoticeKind.SMS and not texts.size(body).fits:
        raise AskedWrong(why=f"Text messages cannot be longer than {texts.LONGEST_PARTS} parts")
    made = Notice(
        new_id(), service.id, asked.kind, _recipient(asked), template.id, template.version, subject, body,
        asked.reference, Status.CREATED, now, None, None, asked.unsubscribe_url,
        "second" if asked.kind is NoticeKind.LETTER else "",
    )
    pdf = letters.typeset(_letter(made)) if asked.kind is NoticeKind.LETTER else None
    with transaction():
        taken = _taken_in(service, key, made, pdf, now)
        files.keep(service, kept)
    return taken, template


def ask_ready_letter(service: Service, key: KeyKind, reference: str, pdf: bytes, now: datetime) -> Notice:
    """Take a letter in that is set already: its address stands in the window. Raises AskedWrong, LimitReached."""
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1_024:]:
        raise AskedWrong(why="Cannot read the file: it is not a PDF", kind="ValidationError")
    if len(pdf) > _LONGEST_PDF:
        raise AskedWrong(why=f"The file is larger than {_LONGEST_PDF // 1000} kB", kind="ValidationError")
    made = Notice(
        new_id(), service.id, NoticeKind.LETTER, "", None, 1, "", "", reference, Status.CREATED, now, None, None, None,
        "second",
    )
    return _taken_in(service, key, made, pdf, now)


def notice_of(service: Service, notice: UUID) -> Notice:
    """One of the service's notifications. Raises NoSuchNotice."""
    found = services.notice(service.id, notice)
    if found is None:
        raise NoSuchNotice
    return found


def letter_pdf(service: Service, notice: UUID) -> bytes:
    """A letter as it is printed. Raises NoSuchNotice, AskedWrong for what is no letter."""
    if notice_of(service, notice).kind is not NoticeKind.LETTER:
        raise AskedWrong(why="Notification is not a letter")
    return services.pdf_of(notice) or b""


def notices_of(service: Service, search: Search) -> Sequence[Notice]:
    """The service's notifications, newest first, at most 250."""
    return services.notices(service.id, search)


def template_of(service: Service, template: UUID, version: int | None = None) -> ServiceTemplate:
    """A template, or one of its versions. Raises NoSuchNotice."""
    found = services.template(service.id, template, version)
    if found is None:
        raise NoSuchNotice
    return found


def templates_of(service: Service, kind: str = "") -> Sequence[ServiceTemplate]:
    """The service's templates."""
    return services.templates(service.id, kind)


def template_versions(service: Service, template: UUID) -> Sequence[ServiceTemplate]:
    """Every version of a template, the last first. Raises NoSuchNotice."""
    template_of(service, template)
    return services.versions(service.id, template)


def names_in(template: ServiceTemplate) -> Sequence[str]:
    """What must be filled into a template."""
    return rules.placeholders(f"{template.subject}\n{template.body}")


def preview_for_service(template: ServiceTemplate, given: Mapping[str, object]) -> tuple[str, str]:
    """The subject and the body with what is given filled in. Raises AskedWrong."""
    rules.require_all(f"{template.subject}\n{template.body}", given)
    return rules.filled(template.subject, given), rules.filled(template.body, given)


def receive_for_services(told: Sequence[tuple[UUID, DeliveryState]], now: datetime) -> int:
    """Note what a provider says of services' notifications; how many were news."""
    states = {DeliveryState.DELIVERED: Status.DELIVERED, DeliveryState.GIVEN_UP: Status.PERMANENT_FAILURE}
    with transaction():
        return services.receive([(one, states[state]) for one, state in told if state in states], now)


def sender_number() -> str:
    """Whose number text messages show."""
    return ways.ways().sender_number


def sender_address() -> str:
    """Whose address e-mails show."""
    return profile.voice().address


def paragraphs_as_html(body: str) -> str:
    """A text as the paragraphs that its e-mail shows."""
    return "".join(f"<p>{escape(one)}</p>" for one in body.split("\n\n"))


def deliver_for_services(now: datetime) -> int:
    """Carry a batch of services' notifications of each kind; how many were taken up."""
    return sum(_deliver(kind, now) for kind in NoticeKind)


def tell_services(now: datetime, limit: int = 50) -> int:
    """Tell services what became of their notifications; how many were tried."""
    with transaction():
        due = services.due_callbacks(now, limit)
    for notice, tries in due:
        url, token = services.callback_of(notice.service)
        again = None if not url or _is_told(url, token, notice) else _next_callback(tries, now)
        with transaction():
            services.set_callback(notice.id, again)
    return len(due)


def _deliver(kind: NoticeKind, now: datetime) -> int:
    channel, lease = channels.named(kind.value), ways.ways().leases[kind.value]
    with transaction():
        due = services.claim(kind, now, lease + timedelta(seconds=60), channel.batch)
    if not due:
        return 0
    for notice, carried in zip(due, channel.carry([_letter(notice) for notice in due]), strict=True):
        _settle(notice, carried, now)
    return len(due)


def _settle(notice: Notice, carried: Carried, now: datetime) -> None:
    again = None
    if carried.state is DeliveryState.FAILED_WILL_RETRY:
        again = writing.next_try(profile.voice().patience, notice.attempts, notice.created, now)
    failed = Status.PERMANENT_FAILURE if carried.bounced else Status.TECHNICAL_FAILURE
    status = _STATUS_OF[notice.kind] if carried.state is DeliveryState.SENT else (Status.CREATED if again else failed)
    with transaction():
        services.settle(notice.id, status, carried.error, again, now)


def _letter(notice: Notice) -> Letter:
    message = Message(
        MessageId(notice.id), _NOBODY, "", notice.id, Language.KO, notice.subject, notice.body, "", notice.created,
        None,
    )
    return Letter(
        DeliveryId(notice.id), notice.recipient, message, notice.attempts, unsubscribe=notice.unsubscribe_url or "",
        ready=services.pdf_of(notice.id) if notice.kind is NoticeKind.LETTER else None,
    )


def _taken_in(service: Service, key: KeyKind, made: Notice, pdf: bytes | None, now: datetime) -> Notice:
    """Keep it and count it, in one transaction, so that no two requests share the last place of the day."""
    if key is KeyKind.TEST:
        done = Status.RECEIVED if made.kind is NoticeKind.LETTER else Status.DELIVERED
        made = replace(made, status=done, sent=now, completed=now)
    with transaction():
        services.service(service.id, lock=True)
        midnight = clock.in_seoul(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if key is KeyKind.NORMAL and services.count_since(service.id, midnight) >= service.daily_limit:
            raise LimitReached(limit=service.daily_limit)
        services.add_notice(made, pdf, due=None if key is KeyKind.TEST else now)
    return made


def _recipient(asked: Asked) -> str:
    if asked.kind is NoticeKind.LETTER:
        name, *lines = rules.address_lines(asked.personalisation) or [""]
        if len(lines) < 2:  # noqa: PLR2004 -- a street and a postcode
            raise AskedWrong(why="Address must be at least 3 lines long", kind="ValidationError")
        try:
            return letters.address(name, f"{lines[-1]} {' '.join(lines[:-1])}")
        except PostalAddressWrong:
            why = "Must be a real road-name address with its postcode last"
            raise AskedWrong(why=why, kind="ValidationError") from None
    if asked.kind is NoticeKind.EMAIL:
        if not addresses.is_address("email", asked.recipient):
            raise AskedWrong(why="email_address Not a valid email address", kind="ValidationError")
        return asked.recipient
    try:
        return addresses.phone(asked.recipient)
    except PhoneWrong:
        raise AskedWrong(why="phone_number Not a valid mobile number", kind="ValidationError") from None


def _is_told(url: str, token: str, notice: Notice) -> bool:
    body = {
        "id": str(notice.id), "reference": notice.reference, "to": notice.recipient, "status": notice.status.value,
        "created_at": notice.created.isoformat(), "completed_at": _iso(notice.completed),
        "sent_at": _iso(notice.sent), "notification_type": notice.kind.value,
        "template_id": str(notice.template) if notice.template else None, "template_version": notice.version,
    }
    try:
        answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=_CALLBACK_SECONDS)
    except httpx.HTTPError:
        return False
    return answer.is_success


def _next_callback(tries: int, now: datetime) -> datetime | None:
    return now + timedelta(seconds=_CALLBACK_WAITS[tries - 1]) if tries <= len(_CALLBACK_WAITS) else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
