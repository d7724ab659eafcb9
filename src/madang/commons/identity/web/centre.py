"""Pages of the counter: an officer proves identity, opens or recovers an account; a resident types the printed code."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.identity.contracts import PasswordTooWeak
from madang.commons.identity.contracts.centre import AtCounter, RecoveryId
from madang.commons.identity.contracts.delegations import Kind
from madang.commons.identity.facade import acting, centre, myself, navigating
from madang.kernel import clock
from madang.kernel.errors import CityError, Conflict, Invalid, NotFound, TooOften
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language


class CounterForm(forms.Form):
    """Who stands at the counter, and which document was seen."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    document = forms.ChoiceField(label=_("Which document did you see?"), widget=forms.RadioSelect)
    centre = forms.CharField(label=_("Centre"), max_length=100)

    def __init__(self, language: Language, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        fields: dict[str, Any] = self.fields
        documents = centre.policy().documents
        fields["document"].choices = [(name, text.into(language)) for name, text in documents.items()]
        fields["document"].help_text = _("Only the kind is recorded, never the number.")

    def seen(self) -> AtCounter:
        """What was typed."""
        return AtCounter(self.cleaned_data["email"], self.cleaned_data["document"], self.cleaned_data["centre"])


class OpenForm(CounterForm):
    """As above, for somebody without an account."""

    resident = forms.UUIDField(label=_("Number in the register, from the document reader"))
    language = forms.ChoiceField(label=_("Language"), choices=[(one.value, one.own_name) for one in Language])


class CodeForm(forms.Form):
    """The printed code and a new password."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    code = forms.CharField(label=_("Code that the officer printed"), max_length=20)
    password = forms.CharField(
        label=_("New password"), max_length=256, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["code"].widget.attrs |= {"autocomplete": "one-time-code", "autocapitalize": "characters"}


class NavigateForm(forms.Form):
    """Whom the navigator sits beside, what they read out, and what they do for them."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    code = forms.CharField(label=_("Code that the resident reads out"), max_length=20, required=False)
    scopes = forms.MultipleChoiceField(
        label=_("What do you do for them?"), widget=forms.CheckboxSelectMultiple, required=False,
    )

    def __init__(self, language: Language, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        fields: dict[str, Any] = self.fields
        allowed = acting.policy()
        scopes = allowed.kinds[Kind.NAVIGATOR].scopes
        fields["scopes"].choices = [(name, allowed.scopes[name].name.into(language)) for name in scopes]


Do = Callable[[Any], dict[str, Any]]


@never_cache
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Record that identity was proved in person."""

    def do(form: CounterForm) -> dict[str, Any]:
        centre.prove(myself(request), form.seen(), clock.now())
        return {"done": gettext("It is recorded. A second factor that is set up from now on gives the highest level.")}

    return _counter(request, CounterForm, do, gettext("Prove identity in person"))


@never_cache
@require_http_methods(["GET", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    """Open an account; its code is shown once."""

    def do(form: OpenForm) -> dict[str, Any]:
        typed = form.cleaned_data
        resident, language = ResidentId(typed["resident"]), Language(typed["language"])
        return {"printed": centre.open_account(myself(request), form.seen(), resident, language, clock.now())}

    return _counter(request, OpenForm, do, gettext("Open an account"))


@never_cache
@require_http_methods(["GET", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Recover an account; its code is shown once, here or to a second officer."""

    def do(form: CounterForm) -> dict[str, Any]:
        code = centre.recover(myself(request), form.seen(), clock.now())
        waits = gettext("Another officer must confirm this on this page before a code is printed.")
        return {"printed": code, "done": "" if code else waits}

    return _counter(request, CounterForm, do, gettext("Recover an account"), shows_waiting=True)


@never_cache
@require_http_methods(["POST"])
def confirm(request: HttpRequest, recovery: UUID) -> HttpResponse:
    """Confirm what another officer began; the code is shown once."""
    code = centre.confirm(myself(request), RecoveryId(recovery), clock.now())
    return render(request, "identity/centre/counter.html", {"title": gettext("Recover an account"), "printed": code})


@never_cache
@require_http_methods(["GET", "POST"])
def navigate(request: HttpRequest) -> HttpResponse:
    """Sit beside a resident: send them a code, and with the code that they read out act for them."""
    actor = myself(request)
    navigating.require_navigator(actor)
    form = NavigateForm(request.language, request.POST or None)  # type: ignore[attr-defined]  # the edge sets it
    context: dict[str, Any] = {"form": form, "title": gettext("Sit beside somebody")}
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            if request.POST.get("do") == "send":
                navigating.ask(actor, typed["email"], clock.now())
                context["done"] = gettext("If this person has an account, a code is on its way to them.")
            else:
                read_out = (typed["email"], typed["code"])
                navigating.begin(request, actor, read_out, typed["scopes"], clock.now())
                return redirect("/my/")
        except (Invalid, TooOften) as wrong:
            form.add_error(getattr(wrong, "field", "code"), _said(wrong))
    return render(request, "identity/centre/navigate.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def type_code(request: HttpRequest) -> HttpResponse:
    """A resident sets a new password with a printed code."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            centre.set_password_with_code(typed["email"], typed["code"], typed["password"], clock.now())
        except PasswordTooWeak as weak:
            form.add_error("password", list(weak.why))
        except (Invalid, TooOften) as wrong:
            form.add_error("code", _said(wrong))
        else:
            return redirect("account_login")
    return render(request, "identity/centre/type_code.html", {"form": form}, status=422 if form.errors else 200)


def _counter(
    request: HttpRequest, kind: type[CounterForm], do: Do, title: str, *, shows_waiting: bool = False
) -> HttpResponse:
    """One of the counter's forms: shown, sent, or shown again with what is wrong."""
    actor = myself(request)
    centre.require_counter(actor)
    form = kind(request.language, request.POST or None)  # type: ignore[attr-defined]  # the edge sets it
    context: dict[str, Any] = {"form": form, "title": title}
    if request.method == "POST" and form.is_valid():
        try:
            context |= do(form) | {"form": None}
        except (Invalid, NotFound, Conflict) as wrong:
            field = getattr(wrong, "field", "email")
            form.add_error(field if field in form.fields else None, _said(wrong))
    if shows_waiting:
        context["waiting"] = [one for one in centre.waiting(actor, clock.now()) if one.officer != actor.account]
    return render(request, "identity/centre/counter.html", context, status=422 if form.errors else 200)


def _said(wrong: CityError) -> str:
    return gettext(wrong.message).format(**wrong.data)
