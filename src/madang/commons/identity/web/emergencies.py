"""Pages for emergencies: take a role that one lacks, with a reason; and review what others did."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.identity.contracts import Permission
from madang.commons.identity.facade import centre, emergencies, myself, policy
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.errors import Invalid, NotPermitted, SignInNeeded
from madang.kernel.languages import Language


class EmergencyForm(forms.Form):
    """Which role, and why."""

    role = forms.ChoiceField(label=_("Which role do you need?"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why, in a sentence"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000)

    def __init__(self, language: Language, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        fields: dict[str, Any] = self.fields
        roles = policy().roles
        allowed = [name for name in centre.policy().emergency_roles if name in roles]
        fields["role"].choices = [(name, roles[name].title.into(language)) for name in allowed]


@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for a review, and the way to take a role."""
    actor = _staff(request)
    reviews = emergencies.open_reviews(actor) if actor.may(Permission.REVIEW_EMERGENCY) else ()
    now = clock.now()
    shown = [{"one": one, "own": one.account == actor.account, "late": one.review_due <= now} for one in reviews]
    return render(request, "identity/emergencies/overview.html", {
        "reviews": shown, "may_take": actor.may(Permission.TAKE_EMERGENCY),
        "may_review": actor.may(Permission.REVIEW_EMERGENCY), "said": request.GET.get("said", ""),
    })


@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take a role in an emergency."""
    actor, now = _staff(request), clock.now()
    actor.require(Permission.TAKE_EMERGENCY)
    form = EmergencyForm(request.language, request.POST or None)  # type: ignore[attr-defined]  # the edge sets it
    if request.method == "POST" and form.is_valid():
        try:
            emergencies.take(actor, form.cleaned_data["role"], form.cleaned_data["reason"], now)
        except Invalid as wrong:
            form.add_error(getattr(wrong, "field", None), gettext(wrong.message))
        else:
            return redirect("/accounts/emergencies/?said=taken")
    minutes = int(centre.policy().emergency_lasts.total_seconds() // 60)
    return render(request, "identity/emergencies/take.html", {"form": form, "minutes": minutes},
                  status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, emergency: UUID) -> HttpResponse:
    """Close a review."""
    if request.method == "POST":
        was_right = request.POST.get("was_right") == "yes"
        finding = request.POST.get("finding", "")
        emergencies.review(_staff(request), emergency, finding, clock.now(), was_right=was_right)
    return redirect("/accounts/emergencies/")


def _staff(request: HttpRequest) -> Actor:
    actor = myself(request)
    if actor.account is None:
        raise SignInNeeded
    if not (actor.may(Permission.TAKE_EMERGENCY) or actor.may(Permission.REVIEW_EMERGENCY)):
        raise NotPermitted
    return actor
