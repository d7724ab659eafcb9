"""Signing in and out, for programs."""

from typing import Annotated

from pydantic import Field

from madang.commons.gateway import callers, http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Schema, Token
from madang.commons.identity import facade as identity

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


@router.delete("/session", response={204: None}, auth=Token())
def sign_out(request: CityRequest) -> None:
    """End the token that this request carries."""
    identity.close_api_session(callers.token_of(request))
