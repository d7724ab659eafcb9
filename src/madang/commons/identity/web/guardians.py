"""Pages on which an officer records from a paper who is whose guardian, confirms another's record, and ends one."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from madang.commons.identity.contracts.delegations import DelegationId, Kind, Standing, TimeNotAllowed
from madang.commons.identity.contracts.guardians import Guardianship
from madang.commons.identity.facade import acting, centre, guardians, myself
from madang.commons.identity.web.centre import CounterForm
from madang.kernel import clock
from madang.kernel.errors import CityError, Conflict, Invalid, NotFound
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

_DATE = forms.DateInput(attrs={"type": "date"})


class WardForm(forms.Form):
    """Whose guardians are looked for."""

    ward = forms.UUIDField(label=_("Number in the register of the person represented"))


class GuardianForm(CounterForm):
    """Who stands at the counter, what the paper says, and what follows from it."""

    ward = forms.UUIDField(label=_("Number in the register of the person represented"))
    paper = forms.ChoiceField(label=_("Which paper shows it?"), widget=forms.RadioSelect)
    decided = forms.DateField(label=_("Day on the paper"), widget=_DATE)
    scopes = forms.MultipleChoiceField(label=_("In what may they act?"), widget=forms.CheckboxSelectMultiple)
    last_day = forms.DateField(label=_("Until which day?"), widget=_DATE)

    def __init__(self, language: Language, *args: Any, **facts: Any) -> None:
        super().__init__(language, *args, **facts)
        fields: dict[str, Any] = self.fields
        allowed, papers = acting.policy(), centre.policy().papers
        fields["email"].label = _("E-mail address of the guardian's account")
        fields["paper"].choices = [(name, text.into(language)) for name, text in papers.items()]
        scopes = allowed.kinds[Kind.GUARDIAN].scopes
        fields["scopes"].choices = [(name, allowed.scopes[name].name.into(language)) for name in scopes]

    def asked(self) -> Guardianship:
        """What was typed."""
        typed = self.cleaned_data
        return Guardianship(
            self.seen(), ResidentId(typed["ward"]), typed["paper"], typed["decided"], typed["scopes"],
            typed["last_day"],
        )


@never_cache
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record a guardianship; what others recorded and needs a second officer stands below."""
    actor, now = myself(request), clock.now()
    guardians.require_counter(actor)
    form = GuardianForm(request.language, request.POST or None)  # type: ignore[attr-defined]  # the edge sets it
    context: dict[str, Any] = {"form": form, "ward_form": WardForm()}
    if request.method == "POST" and form.is_valid():
        try:
            made = guardians.record(actor, form.asked(), now)
        except (Invalid, NotFound, Conflict) as wrong:
            field = getattr(wrong, "field", "last_day" if isinstance(wrong, TimeNotAllowed) else "email")
            form.add_error(field if field in form.fields else None, _said(wrong))
        else:
            context |= {"form": None, "done": _done(made.standing)}
    context["waiting"] = guardians.waiting(actor, now)
    return render(request, "identity/centre/guardian.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
def answer(request: HttpRequest, delegation: UUID) -> HttpResponse:
    """Confirm or refuse what another officer recorded, or record that it has ended; ``do`` says which."""
    actor, now = myself(request), clock.now()
    match request.POST.get("do"):
        case "confirm":
            guardians.answer(actor, DelegationId(delegation), now, confirm=True)
        case "refuse":
            guardians.answer(actor, DelegationId(delegation), now, confirm=False)
        case "end":
            guardians.end(actor, DelegationId(delegation), now)
    return redirect("identity_centre_guardian")


@never_cache
@require_POST
def of_ward(request: HttpRequest) -> HttpResponse:
    """Who is somebody's guardian, to end it; the number is sent, so that it stands in no address."""
    actor, form = myself(request), WardForm(request.POST)
    guardians.require_counter(actor)
    found = guardians.of_ward(actor, ResidentId(form.cleaned_data["ward"]), clock.now()) if form.is_valid() else None
    context = {"ward_form": form, "found": found}
    return render(request, "identity/centre/guardian.html", context, status=422 if form.errors else 200)


def _done(standing: Standing) -> str:
    if standing is Standing.ACTIVE:
        return gettext("It is recorded. The guardian can act from now on; both are told.")
    return gettext("It is recorded. Another officer must confirm it on this page before the guardian can act.")


def _said(wrong: CityError) -> str:
    return gettext(wrong.message).format(**wrong.data)
