"""The page on which somebody says what they open a person's data for."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.identity.contracts.purposes import Purpose, Said
from madang.commons.identity.facade import myself, purposes
from madang.kernel import clock
from madang.kernel.errors import Invalid
from madang.kernel.languages import Language


class PurposeForm(forms.Form):
    """What for, and a line in one's own words."""

    purpose = forms.ChoiceField(label=_("What do you open this for?"), widget=forms.RadioSelect)
    line = forms.CharField(
        label=_("In your own words"), max_length=200, required=False,
        help_text=_("The person reads this, too. Write no names and no numbers of others."),
    )

    def __init__(self, language: Language, choices: dict[str, Purpose], *args: Any) -> None:
        super().__init__(*args)
        fields: dict[str, Any] = self.fields
        fields["purpose"].choices = [
            (name, f"{one.name.into(language)} · {one.law}") for name, one in choices.items()
        ]


@never_cache
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """Say what one case or person is opened for, and go on to it."""
    actor, now = myself(request), clock.now()
    about, door = request.GET.get("about", "")[:60], request.GET.get("door", "")
    choices = purposes.choices(actor, door)
    form = PurposeForm(request.language, choices, request.POST or None)  # type: ignore[attr-defined]  # the edge sets it
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            purposes.state(request, actor, Said(about, door, typed["purpose"], typed["line"]), now)
        except Invalid as wrong:
            form.add_error(getattr(wrong, "field", None), gettext(wrong.message).format(**wrong.data))
        else:
            return redirect(_goal(request))
    context = {"form": form, "about": about, "minutes": purposes.policy().holds.seconds // 60}
    return render(request, "identity/purpose.html", context, status=422 if form.errors else 200)


def _goal(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/desk/"
