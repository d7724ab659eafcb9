"""The API that clients of the GOV.UK Notify product speak, under ``/v2``: docs/notify.md says what is the same."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from madang.commons.notify import facade
from madang.commons.notify.contracts import (
    Asked,
    AskedWrong,
    KeyKind,
    LimitReached,
    NoSuchNotice,
    Notice,
    NoticeKind,
    Search,
    Service,
    ServiceTemplate,
    TokenRefused,
)
from madang.commons.notify.web.asked import Asked as AskedHere

View = Callable[..., HttpResponse]
_ADDRESS: Final = {NoticeKind.SMS: "phone_number", NoticeKind.EMAIL: "email_address"}
_LONGEST_REFERENCE: Final = 1_000
_LONGEST_BODY: Final = 3 * 1024 * 1024


def _open_to_services(*methods: str) -> Callable[[View], View]:
    """A view for services that signed their request; whatever is wrong is told in the product's form."""

    def make(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: AskedHere, **names: Any) -> HttpResponse:
            if request.method not in methods:
                return _wrong(405, "BadRequestError", "The method is not allowed for the requested URL.")
            try:
                service, key = facade.signed_in(request.headers.get("Authorization", ""), request.now)
                return view(request, service, key, **names)
            except TokenRefused as refused:
                is_missing = "must be provided" in refused.why
                return _wrong(401 if is_missing else 403, "AuthError", refused.why)
            except AskedWrong as wrong:
                return _wrong(400, wrong.kind, wrong.why)
            except LimitReached as reached:
                return _wrong(429, "TooManyRequestsError", f"Exceeded send limits ({reached.limit}) for today")
            except NoSuchNotice:
                return _wrong(404, "NoResultFound", "No result found")

        return answered

    return make


@_open_to_services("POST")
def send(request: AskedHere, service: Service, key: KeyKind, kind: str) -> HttpResponse:
    """``POST /v2/notifications/sms``, ``email`` or ``letter``."""
    given, what = _body(request), NoticeKind(kind)
    reference = _reference(given)
    if what is NoticeKind.LETTER and "content" in given:
        made = facade.ask_ready_letter(service, key, reference or _needed("reference"), _pdf(given), request.now)
        return JsonResponse({"id": str(made.id), "reference": reference, "postage": made.postage}, status=201)
    asked = Asked(
        what, _text(given, _ADDRESS[what]) if what in _ADDRESS else "", _uuid(given), _personalisation(given),
        reference, str(given["one_click_unsubscribe_url"]) if given.get("one_click_unsubscribe_url") else None,
    )
    for unknown in ("sms_sender_id", "email_reply_to_id"):
        if given.get(unknown):
            raise AskedWrong(why=f"{unknown} {given[unknown]} does not exist in database for service id {service.id}")
    made, template = facade.ask(service, key, asked, request.now)
    return JsonResponse(_sent(made, template), status=201)


@_open_to_services("GET")
def one(request: AskedHere, service: Service, key: KeyKind, notice: UUID) -> HttpResponse:  # noqa: ARG001 -- every view's signature
    """``GET /v2/notifications/{id}``."""
    return JsonResponse(_notice(facade.notice_of(service, notice)))


@_open_to_services("GET")
def pdf(request: AskedHere, service: Service, key: KeyKind, notice: UUID) -> HttpResponse:  # noqa: ARG001 -- as above
    """``GET /v2/notifications/{id}/pdf``."""
    return HttpResponse(facade.letter_pdf(service, notice), content_type="application/pdf")


@_open_to_services("GET")
def many(request: AskedHere, service: Service, key: KeyKind) -> HttpResponse:  # noqa: ARG001 -- as above
    """``GET /v2/notifications``: newest first, 250 at once."""
    older = request.GET.get("older_than", "")
    search = Search(
        request.GET.getlist("status"), request.GET.getlist("template_type"), request.GET.get("reference", ""),
        _as_uuid(older, "older_than") if older else None,
    )
    found = facade.notices_of(service, search)
    links = {"current": _url(request.get_full_path())}
    if found:
        asked = [(name, value) for name, values in request.GET.lists() for value in values if name != "older_than"]
        links["next"] = _url(f"/v2/notifications?{urlencode([*asked, ('older_than', str(found[-1].id))])}")
    return JsonResponse({"notifications": [_notice(notice) for notice in found], "links": links})


@_open_to_services("GET")
def template(
    request: AskedHere, service: Service, key: KeyKind, template: UUID, version: int | None = None  # noqa: ARG001 -- as above
) -> HttpResponse:
    """``GET /v2/template/{id}`` and ``/version/{version}``."""
    return JsonResponse(_template(facade.template_of(service, template, version)))


@_open_to_services("GET")
def templates(request: AskedHere, service: Service, key: KeyKind) -> HttpResponse:  # noqa: ARG001 -- as above
    """``GET /v2/templates``."""
    kind = request.GET.get("type", "")
    if kind and kind not in set(NoticeKind):
        raise AskedWrong(why=f"type {kind} is not one of [sms, email, letter]", kind="ValidationError")
    return JsonResponse({"templates": [_template(found) for found in facade.templates_of(service, kind)]})


@_open_to_services("GET")
def versions(request: AskedHere, service: Service, key: KeyKind, owner: UUID, template: UUID) -> HttpResponse:  # noqa: ARG001 -- as above
    """``GET /service/{id}/template/{id}/versions``."""
    if owner != service.id:
        raise NoSuchNotice
    return JsonResponse({"data": [_template(found) for found in facade.template_versions(service, template)]})


@_open_to_services("POST")
def preview(request: AskedHere, service: Service, key: KeyKind, template: UUID) -> HttpResponse:  # noqa: ARG001 -- as above
    """``POST /v2/template/{id}/preview``."""
    found = facade.template_of(service, template)
    given = {name: "https://…" if isinstance(value, dict) else value
             for name, value in _personalisation(_body(request)).items()}
    subject, body = facade.preview_for_service(found, given)
    return JsonResponse({
        "id": str(found.id), "type": found.kind.value, "version": found.version, "body": body,
        "html": facade.paragraphs_as_html(body) if found.kind is NoticeKind.EMAIL else None,
        "subject": subject if found.kind is not NoticeKind.SMS else None,
        "postage": "second" if found.kind is NoticeKind.LETTER else None,
    })


@_open_to_services("GET")
def received(request: AskedHere, service: Service, key: KeyKind) -> HttpResponse:  # noqa: ARG001 -- as above
    """``GET /v2/received-text-messages``: newest first, 250 at once."""
    older = request.GET.get("older_than", "")
    found = facade.texts_of(service, _as_uuid(older, "older_than") if older else None)
    links = {"current": _url(request.get_full_path())}
    if found:
        links["next"] = _url(f"/v2/received-text-messages?{urlencode({'older_than': str(found[-1].id)})}")
    return JsonResponse({"received_text_messages": [
        {
            "id": str(one.id), "service_id": str(one.service), "user_number": one.sender, "notify_number": one.number,
            "content": one.content, "created_at": one.at.isoformat(),
        }
        for one in found
    ], "links": links})


def _sent(made: Notice, template: ServiceTemplate) -> dict[str, Any]:
    content: dict[str, Any] = {"body": made.body}
    if made.kind is NoticeKind.SMS:
        content["from_number"] = facade.sender_number()
    else:
        content["subject"] = made.subject
    if made.kind is NoticeKind.EMAIL:
        content |= {"from_email": facade.sender_address(), "one_click_unsubscribe_url": made.unsubscribe_url}
    return {
        "id": str(made.id), "reference": made.reference, "uri": _url(f"/v2/notifications/{made.id}"),
        "content": content, "scheduled_for": None,
        "template": {
            "id": str(template.id), "version": template.version, "uri": _url(f"/v2/template/{template.id}"),
        },
    }


def _notice(one: Notice) -> dict[str, Any]:
    name, _, line = one.recipient.partition("\n")
    letter = [name, line] if one.kind is NoticeKind.LETTER and line else []
    lines = {f"line_{number}": (letter[number - 1] if number <= len(letter) else None) for number in range(1, 8)}
    path = f"/v2/template/{one.template}/version/{one.version}" if one.template else ""
    return {
        "id": str(one.id), "reference": one.reference, "type": one.kind.value, "status": one.status.value,
        "email_address": one.recipient if one.kind is NoticeKind.EMAIL else None,
        "phone_number": one.recipient if one.kind is NoticeKind.SMS else None, **lines,
        "postage": one.postage or None, "subject": one.subject or None, "body": one.body,
        "template": {"id": str(one.template), "version": one.version, "uri": _url(path)} if one.template else None,
        "created_by_name": None, "created_at": one.created.isoformat(), "scheduled_for": None,
        "sent_at": one.sent.isoformat() if one.sent else None,
        "completed_at": one.completed.isoformat() if one.completed else None,
        "one_click_unsubscribe_url": one.unsubscribe_url, "is_cost_data_ready": False, "cost_in_pounds": None,
        "cost_details": {},
    }


def _template(found: ServiceTemplate) -> dict[str, Any]:
    return {
        "id": str(found.id), "type": found.kind.value, "name": found.name, "version": found.version,
        "subject": found.subject or None, "body": found.body, "created_by": found.created_by,
        "created_at": found.first_created.isoformat(),
        "updated_at": found.created.isoformat() if found.version > 1 else None,
        "personalisation": {name: {"required": True} for name in facade.names_in(found)},
        "postage": "second" if found.kind is NoticeKind.LETTER else None, "letter_contact_block": None,
    }


def _body(request: HttpRequest) -> dict[str, Any]:
    # read here, because a file of 2 MB in base64 is more than the city takes elsewhere; the gateway has its own bound
    text = request.read(_LONGEST_BODY + 1)
    if len(text) > _LONGEST_BODY:
        raise AskedWrong(why="File is larger than 2MB")
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise AskedWrong(why="Invalid JSON supplied in POST data")
    return given


def _text(given: Mapping[str, Any], name: str) -> str:
    if name not in given:
        _needed(name)
    if not isinstance(given[name], str):
        raise AskedWrong(why=f"{name} {given[name]!r} is not of type string", kind="ValidationError")
    return str(given[name])


def _needed(name: str) -> str:
    raise AskedWrong(why=f"{name} is a required property", kind="ValidationError")


def _uuid(given: Mapping[str, Any]) -> UUID:
    return _as_uuid(_text(given, "template_id"), "template_id")


def _as_uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise AskedWrong(why=f"{name} is not a valid UUID", kind="ValidationError") from None


def _personalisation(given: Mapping[str, Any]) -> Mapping[str, object]:
    found = given.get("personalisation") or {}
    if not isinstance(found, dict):
        raise AskedWrong(why="personalisation is not of type object", kind="ValidationError")
    return found


def _reference(given: Mapping[str, Any]) -> str | None:
    reference = given.get("reference")
    if reference is not None and (not isinstance(reference, str) or len(reference) > _LONGEST_REFERENCE):
        raise AskedWrong(why="reference is too long or not of type string", kind="ValidationError")
    return reference


def _pdf(given: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(_text(given, "content"), validate=True)
    except ValueError:
        raise AskedWrong(why="Cannot decode letter content (invalid base64 encoding)", kind="ValidationError") from None


def _wrong(status: int, error: str, message: str) -> HttpResponse:
    return JsonResponse({"status_code": status, "errors": [{"error": error, "message": message}]}, status=status)


def _url(path: str) -> str:
    return f"{settings.MADANG_PUBLIC_URL}{path}"
