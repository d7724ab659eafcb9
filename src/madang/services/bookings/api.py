"""Bookings over HTTP. A place is taken by sending a request (`POST /cases`) whose answer names a slot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Page, Paging, Query, Schema, Slice, Status, idempotent
from madang.records.catalogue.contracts import ServiceId
from madang.services.bookings import facade
from madang.services.bookings.contracts import Attendance, Availability, Booking, BookingStanding, Draw, Slot

router = http_api.router("bookings")

ICALENDAR = "text/calendar; charset=utf-8"
_NO_SUCH = {"responses": {404: {"$ref": "#/components/responses/Problem404"}}}


class SessionOut(Schema):
    """One meeting, on Seoul's clock."""

    starts: datetime
    ends: datetime


class SlotOut(Schema):
    """What can be booked once. Answer a request's slot question with its `id`; add `:wait` to accept waiting."""

    id: UUID
    service: str
    district: str
    place: str
    sessions: list[SessionOut]
    capacity: int
    free: int
    waiting: int
    availability: Availability
    closes: datetime
    cancel_until: datetime
    draw_closes: datetime | None
    draw_at: datetime | None
    commitment: str = Field(description="SHA-256 of the draw's seed, hexadecimal; empty where none is drawn.")


class BookingOut(Schema):
    """A booking of my own."""

    id: UUID
    case: UUID
    slot: SlotOut
    seats: int
    standing: BookingStanding
    asked: datetime
    until: datetime | None = Field(description="Until when to pay or to accept.")
    entry_number: int | None
    entry_code: str
    attendance: Attendance


class FeedOut(Schema):
    """The address of a calendar of one's own; it is told once."""

    path: str


class EntryOut(Schema):
    """One entry of a draw."""

    number: int
    code: str
    seats: int


class DrawOut(Schema):
    """A draw with everything that is needed to hold it again; the seed once it is drawn."""

    slot: UUID
    service: str
    starts: datetime
    capacity: int
    commitment: str
    seed: str
    drawn: datetime | None
    entries: list[EntryOut]
    order: list[int]
    winners: list[int]


class AttendanceIn(Schema):
    """Whether somebody came."""

    attendance: Annotated[Attendance, Field(examples=["came"])]


class ObjectionIn(Schema):
    """Why it should not count that one did not come."""

    words: Annotated[str, Field(max_length=500)]


class SlotsAsked(Schema):
    """What to look for."""

    service: Annotated[str, Field(max_length=100)]
    district: Annotated[str, Field(max_length=5, description="A district's code.")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 60


@router.get("/bookings/slots", response=list[SlotOut], auth=OPEN, openapi_extra=_NO_SUCH)
def slots(request: CityRequest, asked: Query[SlotsAsked]) -> list[Mapping[str, object]]:
    """What can still be asked for of a service, by time."""
    found = facade.open_slots(ServiceId(asked.service), request.now, district=asked.district, limit=asked.limit)
    return [_slot(request, one) for one in found]


@router.get("/bookings", response=Page[BookingOut])
def mine(request: CityRequest, paging: Query[Paging]) -> Slice[Mapping[str, object]]:
    """My bookings, the last asked for first."""
    found = paging.newest_first(lambda before, limit: facade.mine(request.actor, before, limit), lambda one: one.asked)
    return Slice([_booking(request, one) for one in found.items], found.next)


@router.post("/bookings/feed", response={201: FeedOut})
@idempotent
def make_feed(request: CityRequest) -> Status[Mapping[str, str]]:
    """A new address for my calendar; the one before is not valid any more."""
    return Status(201, {"path": facade.make_feed(request.actor, request.language, request.now)})


@router.delete("/bookings/feed", response={204: None})
def drop_feed(request: CityRequest) -> HttpResponse:
    """Take the address of my calendar back."""
    facade.drop_feed(request.actor)
    return HttpResponse(status=204)


@router.get("/bookings/{booking}", response=BookingOut)
def one(request: CityRequest, booking: UUID) -> Mapping[str, object]:
    """One of my bookings."""
    return _booking(request, facade.booking(request.actor, booking))


@router.post("/bookings/{booking}/cancel", response=BookingOut)
def cancel(request: CityRequest, booking: UUID) -> Mapping[str, object]:
    """Give a place, or a wish for one, back."""
    return _booking(request, facade.cancel(request.actor, booking, request.now))


@router.post("/bookings/{booking}/accept", response=BookingOut)
def accept(request: CityRequest, booking: UUID) -> Mapping[str, object]:
    """Say yes to a place that came free."""
    return _booking(request, facade.accept(request.actor, booking, request.now))


@router.post("/bookings/{booking}/objection", response=BookingOut)
def object_to(request: CityRequest, booking: UUID, asked: ObjectionIn) -> Mapping[str, object]:
    """Say why it should not count that I did not come."""
    return _booking(request, facade.object_to(request.actor, booking, asked.words))


@router.post("/attendance/{booking}", response={204: None})
def note(request: CityRequest, booking: UUID, asked: AttendanceIn) -> HttpResponse:
    """Staff: note whether somebody came to what my department offers, or grant their objection (`excused`)."""
    if asked.attendance is Attendance.EXCUSED:
        facade.excuse(request.actor, booking)
    else:
        facade.note(request.actor, booking, asked.attendance, request.now)
    return HttpResponse(status=204)


@router.get("/draws/{slot}", response=DrawOut, auth=OPEN)
def draw(request: CityRequest, slot: UUID) -> Mapping[str, object]:  # noqa: ARG001 -- the framework's signature
    """A draw, with everything that is needed to hold it again."""
    return draw_out(facade.published(slot))


def draw_out(found: Draw) -> Mapping[str, object]:
    """A draw as it is published."""
    return {
        "slot": found.slot.id, "service": found.slot.service, "starts": found.slot.starts,
        "capacity": found.slot.capacity, "commitment": found.slot.commitment, "seed": found.seed,
        "drawn": found.slot.drawn, "entries": found.entries, "order": found.order, "winners": found.winners,
    }


def _booking(request: CityRequest, found: Booking) -> Mapping[str, object]:
    return {
        "id": found.id, "case": found.case, "slot": _slot(request, found.slot), "seats": found.seats,
        "standing": found.standing, "asked": found.asked, "until": found.until, "entry_number": found.number,
        "entry_code": found.code, "attendance": found.attendance,
    }


def _slot(request: CityRequest, found: Slot) -> Mapping[str, object]:
    return {
        "id": found.id, "service": found.service, "district": found.district,
        "place": facade.place_of(found).into(request.language), "sessions": found.sessions,
        "capacity": found.capacity, "free": found.free, "waiting": found.waiting,
        "availability": facade.availability(found, request.now), "closes": found.closes,
        "cancel_until": found.cancel_until, "draw_closes": found.draw_closes, "draw_at": found.draw_at,
        "commitment": found.commitment,
    }
