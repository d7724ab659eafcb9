"""Certificates over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import HttpResponse
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Page, Paging, Query, Schema, Slice
from madang.kernel.languages import Language
from madang.services.certificates import facade
from madang.services.certificates.contracts import Certificate, CertificateId, Validity

router = http_api.router("documents")

Code = Annotated[str, Field(max_length=60, description="As printed under the QR code; hyphens and blanks may stay.")]
_BYTES = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_PDF = {200: {"description": "The signed PDF.", "content": _BYTES}}


class VerificationOut(Schema):
    """What anyone who holds the code may know."""

    code: str
    kind: str
    title: str = Field(description="The document's name in the request's language.")
    validity: Validity
    masked_name: str
    issued: datetime
    expires: datetime
    revoked: datetime | None


class DocumentOut(Schema):
    """A signed document of mine."""

    id: UUID
    kind: str
    case: UUID
    number: str
    language: Language
    code: str
    issued: datetime
    expires: datetime
    revoked: datetime | None
    sha256: str


@router.get("/verifications/{code}", response=VerificationOut, auth=OPEN)
def verify(request: CityRequest, code: Code) -> HttpResponse:
    """Whether a document is genuine and holds. Anyone may ask."""
    found = facade.verify(code, request.now)
    told = {
        "code": found.code, "kind": found.kind, "title": facade.title(found.kind).into(request.language),
        "validity": found.validity, "masked_name": found.masked_name, "issued": found.issued,
        "expires": found.expires, "revoked": found.revoked,
    }
    # written here, not by the schema: this is the most asked question of all
    answer = HttpResponse(msgspec.json.encode(told), content_type="application/json; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


@router.get("/documents", response=Page[DocumentOut])
def mine(request: CityRequest, paging: Query[Paging]) -> Slice[Certificate]:
    """My documents, newest first."""
    return paging.newest_first(
        lambda before, limit: facade.mine(request.actor, before, limit), lambda held: held.issued
    )


@router.get("/documents/{document}", response=DocumentOut)
def one(request: CityRequest, document: UUID) -> Certificate:
    """One of my documents."""
    return facade.certificate(request.actor, CertificateId(document))


@router.get("/documents/{document}/pdf", response={200: None}, openapi_extra={"responses": _PDF})
def pdf(request: CityRequest, document: UUID) -> HttpResponse:
    """The signed PDF of one of my documents."""
    content = facade.download(request.actor, CertificateId(document))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{document}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
