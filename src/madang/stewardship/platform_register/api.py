"""The platform register over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Schema
from madang.stewardship.platform_register import facade
from madang.stewardship.platform_register.contracts import Action, Part, Seen, System

router = http_api.router("platforms")


class ShareOut(Schema):
    """A share of systems on the common stack, from 0 to 1, and its source."""

    year: int
    share: float
    source: str


class OverviewOut(Schema):
    """The city's systems in figures."""

    on: date
    systems: int
    platforms: int
    complying: int = Field(description="Systems that use, by their own word, every part that they need.")
    confirmed: int = Field(description="Of those, systems of which everything that can be seen is seen.")
    share: float
    history: list[ShareOut]
    target: ShareOut
    migrating: int
    retiring: int
    late: list[str] = Field(description="Keys of systems whose planned month is over.")
    without_plan: list[str]
    is_estimate: bool


class SystemOut(Schema):
    """A system as its department declares it."""

    key: str
    name: str
    department: str
    kind: str
    back_office_of: str
    needs: list[Part]
    uses: list[Part]
    complies: bool
    plan: Action | None
    by: date | None = Field(description="The first day of the plan's last month.")


class EvidenceOut(Schema):
    """What is seen of a system."""

    key: str
    complies: bool
    is_late: bool
    requests: int
    last_sign_in: datetime | None
    seen: dict[Part, Seen]


@router.get("/platforms", response=OverviewOut, auth=OPEN)
def overview(request: CityRequest) -> Mapping[str, Any]:
    """How many systems stand on the common stack, since when, and what is late."""
    found = facade.overview(request.now)
    named = ("on", "systems", "platforms", "complying", "confirmed", "share", "history", "target", "migrating",
             "retiring", "is_estimate")
    return {name: getattr(found, name) for name in named} | {
        "late": [one.key for one in found.late], "without_plan": [one.key for one in found.without_plan],
    }


@router.get("/platforms/systems", response=list[SystemOut], auth=OPEN)
def systems(request: CityRequest) -> list[Mapping[str, Any]]:
    """Every system as its department declares it."""
    return [_out(request, one) for one in facade.systems()]


@router.get("/platforms/evidence", response=list[EvidenceOut])
def evidence(request: CityRequest) -> list[Mapping[str, Any]]:
    """For stewards: what the gateway and the OpenID provider saw of each system of late."""
    return [
        {
            "key": one.system.key, "complies": one.system.complies, "is_late": one.is_late,
            "requests": one.evidence.requests, "last_sign_in": one.evidence.last_sign_in, "seen": dict(one.seen),
        }
        for one in facade.standings(request.actor, request.now)
    ]


def _out(request: CityRequest, one: System) -> Mapping[str, Any]:
    return {
        "key": one.key, "name": one.name.into(request.language), "department": one.department, "kind": one.kind,
        "back_office_of": one.back_office_of, "needs": sorted(one.needs), "uses": sorted(one.uses),
        "complies": one.complies, "plan": one.plan.action if one.plan else None,
        "by": one.plan.by if one.plan else None,
    }
