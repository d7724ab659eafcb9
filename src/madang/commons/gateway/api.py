"""Signing in and out, for programs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from madang.commons.gateway import callers, http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Schema, Token
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts.delegations import Delegation
from madang.commons.identity.facade import acting

router = http_api.router("session")


class SignIn(Schema):
    """What proves who somebody is."""

    email: Annotated[str, Field(max_length=254, examples=["resident1@seoul.example"])]
    password: Annotated[str, Field(max_length=256)]
    code: Annotated[str, Field(max_length=20, description="The authenticator's code, if the account has one.")] = ""


class SignedIn(Schema):
    """What later requests carry: ``Authorization: Bearer <token>``."""

    token: str


@router.post("/session", response={201: SignedIn}, auth=OPEN)
def sign_in(request: CityRequest, proof: SignIn) -> dict[str, str]:
    """Sign in: the token that proves it from now on. Keep it secret; end it with DELETE."""
    return {"token": identity.open_api_session(
        proof.email, proof.password, proof.code, request.now, source=callers.address_of(request),
    )}


class MayActOut(Schema):
    """Somebody for whom I may act."""

    delegation: UUID
    kind: str
    name: str
    scopes: list[str]
    services: list[str] = Field(description="Services or categories that it is limited to; empty for every one.")
    until: datetime


class ActIn(Schema):
    """Under which permission."""

    delegation: UUID


class ActingOut(Schema):
    """A token that acts for another, and does nothing else."""

    token: str
    kind: str
    name: str
    scopes: list[str]
    expires: datetime


@router.get("/session/acting", response=list[MayActOut], auth=Token())
def may_act_for(request: CityRequest) -> list[dict[str, Any]]:
    """For whom I may act."""
    held = [one for one in acting.concerning(request.actor, request.now) if one.holds(request.now)]
    mine = [one for one in held if one.delegate == request.actor.account]
    return [{"delegation": one.id, "until": one.until, **_what(one)} for one in mine]


@router.post("/session/acting", response={201: ActingOut}, auth=Token())
def act_for(request: CityRequest, asked: ActIn) -> dict[str, Any]:
    """A token that acts for somebody, within what was agreed; the person can read that it was asked for.

    It ends with the token of this request, or when the permission ends; then the answer is 403 `identity.may_not_act`.
    """
    made = acting.token_for(request.actor, callers.token_of(request), asked.delegation, request.now)
    return {"token": made.token, "expires": made.expires, **_what(made.under)}


def _what(held: Delegation) -> dict[str, Any]:
    return {"kind": held.kind.value, "name": held.represented_name, "scopes": held.scopes, "services": held.services}


@router.delete("/session", response={204: None}, auth=Token())
def sign_out(request: CityRequest) -> None:
    """End the token that this request carries."""
    identity.close_api_session(callers.token_of(request))
