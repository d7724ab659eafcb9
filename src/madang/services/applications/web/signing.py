"""Pages of a request of several people: invite, and read and sign what somebody else asks for."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.gateway.pages import CityRequest, FormField, render, switched
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade
from madang.services.applications.contracts import Case, Standing
from madang.services.applications.contracts.further import AnswerMissing
from madang.services.applications.contracts.parties import Party, PartyStanding

_STANDINGS: Mapping[PartyStanding, Promise] = {
    PartyStanding.INVITED: gettext_lazy("Has not answered yet"),
    PartyStanding.SIGNED: gettext_lazy("Signed"),
    PartyStanding.DECLINED: gettext_lazy("Declined"),
    PartyStanding.ENDED: gettext_lazy("The invitation has ended"),
}
_UNPROCESSABLE = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signers(request: CityRequest, number: str) -> HttpResponse:
    """Who signs with the resident: invite somebody, or take an invitation back."""
    case = facade.case_of(request.actor, number)
    if request.method != "POST":
        return _signers(request, case)
    if switch := switched(request, request.path):
        return switch
    if back := request.POST.get("take_back", ""):
        facade.take_back(request.actor, number, _uuid(back), request.now)
        return HttpResponseRedirect(f"/my/cases/{case.number}/signers")
    name, email = request.POST.get("name", ""), request.POST.get("email", "")
    try:
        made = facade.invite(request.actor, number, name, email, request.now)
    except AnswerMissing as wrong:
        return _signers(request, case, typed=(name, email), mistake=gettext(wrong.message).format(**wrong.data))
    return _signers(request, case, made=made)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: CityRequest) -> HttpResponse:
    """Type the code, read the request, sign or decline. The code travels in the form, so that no log holds it."""
    code, go = request.POST.get("code", ""), request.POST.get("go", "")
    if request.method != "POST" or go == "":
        return render(request, "applications/sign.html", {"field": _code_field(code)})
    if go in {"sign", "decline"}:
        case = facade.answer_invitation(request.actor, code, request.now, signs=go == "sign")
        return render(request, "applications/signed.html", {"case": case, "signed": go == "sign"})
    read = facade.read_to_sign(request.actor, code, request.now)
    labels = {field.name: field.label.into(request.language) for field in read.service.fields()}
    return render(request, "applications/sign.html", {
        "case": read.case, "code": code, "party": read.party,
        "service_name": read.service.name.into(request.language), "joint": read.service.joint,
        "answers": [(labels[name], value) for name, value in read.case.values.items() if name in labels],
    })


def _signers(
    request: CityRequest, case: Case, *, made: facade.Invitation | None = None, typed: tuple[str, str] = ("", ""),
    mistake: str = "",
) -> HttpResponse:
    service = catalogue.service(case.service)
    fields = [
        FormField("name", gettext("Their name, as the register has it"), value=typed[0], error=mistake, longest=100),
        FormField("email", gettext("Their e-mail address"), "email", typed[1], required=False,
                  hint=gettext("With it they also find the invitation in their messages here.")),
    ]
    return render(request, "applications/signers.html", {
        "case": case, "service_name": service.name.into(request.language), "joint": service.joint,
        "lines": _lines(request, facade.parties_of(request.actor, case.number)), "made": made, "fields": fields,
        "wrong_fields": [one for one in fields if one.error],
        "may_invite": case.standing is Standing.AWAITING_SIGNATURES,
    }, _UNPROCESSABLE if mistake else 200)


def _lines(request: CityRequest, parties: Sequence[Party]) -> list[Mapping[str, object]]:
    return [
        {"party": one, "standing": _STANDINGS[one.standing], "is_open": one.is_open(request.now)}
        for one in parties if one.name
    ]


def _code_field(code: str) -> FormField:
    return FormField("code", gettext("The code of the invitation"), value=code, hint="ABCD-EFGH-JKMN")


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        return UUID(int=0)
