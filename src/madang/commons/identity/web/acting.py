"""Pages about acting for another: whom I may act for, who may act for me, and beginning and stopping to."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.identity.contracts.delegations import (
    Consent,
    Delegation,
    Kind,
    NotForYourself,
    Standing,
    TimeNotAllowed,
)
from madang.commons.identity.facade import acting, myself
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.errors import SignInNeeded, Unavailable
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

Answer = Callable[..., HttpResponse]


def _sent(view: Answer) -> Answer:
    """Opened rather than sent, as after a step-up that came in between, a button's address leads to the overview."""

    @wraps(view)
    def sent(request: HttpRequest, **where: object) -> HttpResponse:
        return view(request, **where) if request.method == "POST" else redirect("/accounts/acting/")

    return sent


class InviteForm(forms.Form):
    """Who may act, as what, in what, and until when."""

    kind = forms.ChoiceField(label=_("Who is it?"), widget=forms.RadioSelect)
    email = forms.EmailField(label=_("E-mail address of the person who will act for you"), max_length=254)
    scopes = forms.MultipleChoiceField(label=_("What may they do for you?"), widget=forms.CheckboxSelectMultiple)
    last_day = forms.DateField(label=_("Until which day?"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, language: Language, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        allowed = acting.policy()
        kinds = {name: kind for name, kind in allowed.kinds.items() if can_be_invited(name)}
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [(name.value, kind.name.into(language)) for name, kind in kinds.items()]
        fields["scopes"].choices = [(name, one.name.into(language)) for name, one in allowed.scopes.items()]


def can_be_invited(kind: Kind) -> bool:
    """Whether somebody may invite as this kind by themselves; the others need a register or an officer."""
    return kind is not Kind.PARENT and Consent.OWN_SIGN_IN in acting.policy().kinds[kind].consent


@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Whom I may act for, who may act for me, what waits for an answer, and my children."""
    actor, now = myself(request), clock.now()
    if actor.account is None:
        raise SignInNeeded
    concerning = acting.concerning(actor, now)
    minors, is_silent = _minors(actor)
    shown = [_shown(request, actor, one) for one in concerning]
    return render(request, "identity/acting/overview.html", {
        "may_act": [one for one in shown if one["mine"] and one["active"]],
        "may_act_for_me": [one for one in shown if not one["mine"] and one["active"]],
        "to_answer": [one for one in shown if one["asks_me"]],
        "waiting": [one for one in shown if one["offered"] and not one["asks_me"]],
        "minors": minors, "is_silent": is_silent, "is_resident": actor.subject is not None,
        "said": request.GET.get("said", ""),
    })


@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Offer somebody to act for me. Whether the address has an account is not told."""
    actor, now = myself(request), clock.now()
    acting.require_surely(actor, now)
    language = request.language  # type: ignore[attr-defined]  # the edge sets it
    form = InviteForm(language, request.POST or None, initial={"last_day": now.date() + timedelta(days=90)})
    if request.method == "POST" and form.is_valid() and _invited(actor, form):
        return redirect("/accounts/acting/?said=invited")
    return render(request, "identity/acting/invite.html", {"form": form}, status=422 if form.errors else 200)


@_sent
def child(request: HttpRequest, resident: UUID) -> HttpResponse:
    """Act for a child of mine from now on; a bigger child is asked first."""
    made = acting.act_as_parent(myself(request), ResidentId(resident), clock.now())
    return redirect("/accounts/acting/" if made.standing is Standing.ACTIVE else "/accounts/acting/?said=invited")


@_sent
def answer(request: HttpRequest, delegation: UUID) -> HttpResponse:
    """Accept or refuse an offer, or end a delegation; ``do`` says which."""
    actor, now = myself(request), clock.now()
    match request.POST.get("do"):
        case "accept":
            acting.accept(actor, delegation, now)
        case "refuse":
            acting.refuse(actor, delegation, now)
        case "end":
            acting.end(actor, delegation, now)
    return redirect("/accounts/acting/")


@_sent
def begin(request: HttpRequest, delegation: UUID) -> HttpResponse:
    """Act for somebody from now on: their own page follows."""
    acting.begin(request, myself(request), delegation, clock.now())
    return redirect("/my/")


@_sent
def stop(request: HttpRequest) -> HttpResponse:
    """Be oneself again."""
    acting.stop(request)
    return redirect("/accounts/acting/")


def _minors(actor: Actor) -> tuple[Any, bool]:
    try:
        return acting.minors_of(actor, clock.now()), False
    except Unavailable:  # the rest of the page works without the register
        return (), True


def _invited(actor: Actor, form: InviteForm) -> bool:
    said = form.cleaned_data
    asked = acting.Invitation(Kind(said["kind"]), said["email"], said["scopes"], said["last_day"])
    try:
        acting.invite(actor, asked, clock.now())
    except NotForYourself as wrong:
        form.add_error("email", gettext(wrong.message))
    except TimeNotAllowed as wrong:
        form.add_error("last_day", gettext(wrong.message).format(longest_days=wrong.longest_days))
    return not form.errors


def _shown(request: HttpRequest, actor: Actor, one: Delegation) -> dict[str, Any]:
    language, allowed = request.language, acting.policy()  # type: ignore[attr-defined]  # the edge sets it
    mine = one.delegate == actor.account or (one.awaits_delegate and one.represented != actor.subject)
    offered = one.standing is Standing.OFFERED
    return {
        "id": one.id, "mine": mine, "active": one.standing is Standing.ACTIVE, "offered": offered,
        "asks_me": offered and (mine if one.awaits_delegate else one.represented == actor.subject),
        "name": one.represented_name if mine else one.delegate_name,
        "kind": allowed.kinds[one.kind].name.into(language),
        "law": allowed.kinds[one.kind].law, "until": one.until,
        "scopes": [allowed.scopes[name].name.into(language) for name in one.scopes if name in allowed.scopes],
        "services": one.services, "ends_here": mine or one.kind is not Kind.GUARDIAN,
    }
