"""Certificates' pages: whether a document is genuine, for anyone; and the document itself, for its owner."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.kernel.errors import CityError
from madang.services.certificates import facade
from madang.services.certificates.contracts import (
    CertificateId,
    CertificateUnknown,
    CodeMalformed,
    FileNotOurs,
    FileTooLarge,
    Validity,
    Verification,
)
from madang.services.certificates.web import credentials

_STATUS = {CertificateUnknown: 404, CodeMalformed: 400, FileNotOurs: 422, FileTooLarge: 413}


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: CityRequest) -> HttpResponse:
    """Where to type a code or give a file."""
    if request.method == "POST":
        return _verify_file(request, request.FILES.get("file"))
    if code := request.GET.get("code", "").strip():
        return _found(request, code)
    return render(request, "certificates/verify.html")


@require_safe
def verified(request: CityRequest, code: str) -> HttpResponse:
    """What the QR code leads to."""
    return _found(request, code)


@require_GET
def authority(request: CityRequest) -> HttpResponse:
    """The authority's certificate, to check a document without asking the city."""
    answer = HttpResponse(facade.authority(request.now), content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'attachment; filename="authority.pem"'
    return answer


@require_safe
def download(request: CityRequest, document: UUID) -> HttpResponse:
    """A document of one's own."""
    content = facade.download(request.actor, CertificateId(document))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{document}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _found(request: CityRequest, code: str) -> HttpResponse:
    try:
        return _told(request, facade.verify(code, request.now))
    except (CertificateUnknown, CodeMalformed) as wrong:
        return _asked_again(request, wrong, code=code[:60])


def _verify_file(request: CityRequest, file: "UploadedFile[bytes] | None") -> HttpResponse:
    if file is None:
        return HttpResponseRedirect("/verify/")
    try:
        # one byte more than may be: the facade says what is too large
        return _told(request, facade.verify_file(file.read(facade.LARGEST_FILE + 1), request.now))
    except (FileNotOurs, FileTooLarge) as wrong:
        return _asked_again(request, wrong, in_file=True)


def _told(request: CityRequest, found: Verification) -> HttpResponse:
    holds = found.validity is Validity.VALID
    context = {
        "found": found, "title": facade.title(found.kind), "holds": holds, "validity": found.validity.value,
        "code": facade.printed(found.code),
    }
    answer = render(request, "certificates/verified.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _asked_again(request: CityRequest, wrong: CityError, *, code: str = "", in_file: bool = False) -> HttpResponse:
    told = gettext(wrong.message).format(**wrong.data)
    context = {"wrong": told, "code": code, "in_file": in_file}
    return render(request, "certificates/verify.html", context, status=_STATUS[type(wrong)])


urls = [
    path("verify/", verify),
    path("verify/authority.pem", authority),
    path("verify/<str:code>", verified),
    path("documents/<uuid:document>.pdf", download),
    *credentials.urls,
]
"""Paths from the city's root."""
