"""A city of a few routes and pages, to try the edge on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from madang.commons.events.models import OutboxRow
from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, Body, Page, Paging, Query, Schema, Slice, idempotent
from madang.commons.gateway.pages import CityRequest
from madang.kernel.assurance import Assurance
from madang.kernel.clock import SEOUL
from madang.kernel.errors import AssuranceTooLow, Conflict, Invalid, NotFound, SignInNeeded, Unavailable
from madang.kernel.ids import new_id

BEGINNING = datetime(2026, 11, 1, 9, 0, tzinfo=SEOUL)


@dataclass(eq=False)
class TreeUnknown(NotFound):
    tree: str

    code = "trees.unknown"
    message = "There is no tree {tree}."


@dataclass
class Mistake:
    field: str
    code: str
    message: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class TreeWrong(Invalid):
    mistakes: tuple[Mistake, ...]


class TreeIn(Schema):
    kind: str
    height: int


class TreeOut(Schema):
    kind: str
    at: datetime


router = http_api.router("trees")


@router.post("/trees", response={201: TreeOut})
@idempotent
def plant(request: CityRequest, tree: TreeIn) -> dict[str, object]:
    """Plant a tree; each leaves one row, so that a test can count."""
    OutboxRow.objects.create(id=new_id(), topic="trees.planted", body=b"{}", at=request.now)
    if tree.height > 100:
        raise TreeWrong(mistakes=(Mistake("height", "too_high", "You may not do this."),))
    return {"kind": tree.kind, "at": request.now}


@router.get("/trees", response=Page[TreeOut], auth=OPEN)
def trees(request: CityRequest, paging: Query[Paging]) -> Slice[dict[str, object]]:
    """Seven trees, one an hour."""
    every = [{"kind": f"tree {n}", "at": BEGINNING + timedelta(hours=n)} for n in range(7)][::-1]
    return paging.newest_first(
        lambda before, limit: [one for one in every if before is None or one["at"] < before][:limit],
        lambda one: one["at"],
    )


@router.get("/trees/{tree}", response=TreeOut, auth=OPEN)
def tree(request: CityRequest, tree: str) -> None:
    """No tree is ever found; some fail otherwise."""
    raise {
        "in-the-way": Conflict(), "behind": SignInNeeded(), "asleep": Unavailable(),
        "shy": AssuranceTooLow(needed=Assurance.SUBSTANTIAL, held=Assurance.LOW), "broken": RuntimeError("secret"),
    }.get(tree, TreeUnknown(tree=tree))


@router.post("/echo", response=dict[str, object], auth=OPEN)
def echo(request: CityRequest, told: Body[dict[str, object]]) -> dict[str, object]:
    """What was told."""
    return told


@router.get("/numbers/{number}", response=dict[str, str], auth=OPEN)
def number(request: CityRequest, number: UUID) -> dict[str, str]:
    """A UUID."""
    return {"number": str(number)}


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("마당 " * 400)


def broken(request: HttpRequest) -> HttpResponse:
    raise {"SignIn": SignInNeeded(), "Missing": TreeUnknown(tree="<b>"), "Bug": RuntimeError("secret")}[
        request.GET.get("what", "Bug")
    ]


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("said", ""))


urlpatterns = [
    path("api/", http_api.build([router]).urls),
    path("page", page),
    path("broken", broken),
    path("form", form),
]
handler400 = "madang.commons.gateway.error_pages.unreadable"
handler403 = "madang.commons.gateway.error_pages.not_permitted"
handler404 = "madang.commons.gateway.error_pages.not_found"
handler500 = "madang.commons.gateway.error_pages.failed"
