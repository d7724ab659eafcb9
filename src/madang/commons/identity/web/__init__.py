"""Pages under /accounts/: signing in, second factors, proving more in the middle of something."""

from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, re_path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

from madang.commons.identity import facade
from madang.commons.identity.contracts import Factor
from madang.commons.identity.web import acting, centre, emergencies, guardians, purposes
from madang.kernel.assurance import Assurance

_GOAL = "identity_goal"
"""Where somebody was going when they were asked to prove more; kept in the session across the set-up."""


@never_cache
def step_up(request: HttpRequest) -> HttpResponse:
    """Prove more surely who one is, by whatever the account has, and come back to ``next``."""
    goal = _goal(request)
    actor = facade.myself(request)
    if actor.account is None:
        return redirect(_with_next("account_login", _with_next("identity_step_up", goal)))
    if actor.assurance >= Assurance.SUBSTANTIAL:
        if _needs_more(request, actor.assurance):
            return render(request, "identity/centre/go_there.html", {"goal": goal})
        request.session.pop(_GOAL, None)
        return redirect(goal)
    factors = facade.factors_of(actor.account)
    if Factor.TOTP in factors:
        return redirect(_with_next("mfa_reauthenticate", goal))
    if Factor.PASSKEY in factors:
        return redirect(_with_next("mfa_reauthenticate_webauthn", goal))
    request.session[_GOAL] = goal
    return render(request, "identity/step_up.html", {"goal": goal})


def how_to_join(request: HttpRequest) -> HttpResponse:
    """Nobody makes an account alone: this page says where and how one gets it."""
    return render(request, "identity/how_to_join.html")


class SetUpApp(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Set an authenticator app up. Its first code proves it, so that the session rises at once."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Note the proof, under a new session key."""
        response: HttpResponse = super().form_valid(form)
        _risen(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey. It was just used, with finger, face or PIN, so that the session rises at once."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Note the proof, under a new session key."""
        response: HttpResponse = super().form_valid(form)
        _risen(self.request, Authenticator.Type.WEBAUTHN)
        return response


class PasskeyAgain(webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A passkey in the middle of a session."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Rise, under a new session key."""
        self.request.session.cycle_key()
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Ask again on the same page, which keeps where one was going."""
        super().form_invalid(form)
        return redirect(self.request.get_full_path())


def _risen(request: HttpRequest, factor: str) -> None:
    request.session.cycle_key()
    record_authentication(request, request.user, "mfa", type=factor, reauthenticated=True)
    facade.note_sign_in(facade.myself(request))


def _needs_more(request: HttpRequest, held: Assurance) -> bool:
    """Whether the page that sent somebody here asks for more than two factors can prove."""
    return request.GET.get("needed") == str(int(Assurance.HIGH)) and held < Assurance.HIGH


def _goal(request: HttpRequest) -> str:
    """Where to go on to: a path of this city, else where somebody was going before, else their own page."""
    asked = request.GET.get("next", "") or request.session.get(_GOAL, "")
    if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return str(asked)
    return "/my/"


def _with_next(name: str, goal: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': goal})}"


def _here(route: str, view: Any, name: str) -> URLPattern:
    made: URLPattern = path(f"accounts/{route}", view, name=name)
    return made


urlpatterns: list[URLPattern] = [
    _here("centre/prove/", centre.prove, "identity_centre_prove"),
    _here("centre/recover/", centre.recover, "identity_centre_recover"),
    _here("centre/recover/<uuid:recovery>/", centre.confirm, "identity_centre_confirm"),
    _here("centre/open/", centre.open_account, "identity_centre_open"),
    _here("centre/guardian/", guardians.record, "identity_centre_guardian"),
    _here("centre/guardian/of/", guardians.of_ward, "identity_centre_guardian_of"),
    _here("centre/guardian/<uuid:delegation>/", guardians.answer, "identity_centre_guardian_answer"),
    _here("centre/navigate/", centre.navigate, "identity_centre_navigate"),
    _here("recover/", centre.type_code, "identity_type_code"),
    _here("emergencies/", emergencies.overview, "identity_emergencies"),
    _here("emergencies/take/", emergencies.take, "identity_emergency_take"),
    _here("emergencies/<uuid:emergency>/", emergencies.review, "identity_emergency_review"),
    _here("purpose/", purposes.state, "identity_purpose"),
    _here("acting/", acting.overview, "identity_acting"),
    _here("acting/invite/", acting.invite, "identity_acting_invite"),
    _here("acting/stop/", acting.stop, "identity_acting_stop"),
    _here("acting/children/<uuid:resident>/", acting.child, "identity_acting_child"),
    _here("acting/<uuid:delegation>/", acting.answer, "identity_acting_answer"),
    _here("acting/<uuid:delegation>/begin/", acting.begin, "identity_acting_begin"),
    _here("login/", account.login, "account_login"),
    _here("logout/", account.logout, "account_logout"),
    _here("inactive/", account.account_inactive, "account_inactive"),
    _here("signup/", how_to_join, "account_signup"),
    _here("reauthenticate/", account.reauthenticate, "account_reauthenticate"),
    _here("password/change/", account.password_change, "account_change_password"),
    _here("password/reset/", account.password_reset, "account_reset_password"),
    _here("password/reset/done/", account.password_reset_done, "account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key, name="account_reset_password_from_key",
    ),
    _here("password/reset/key/done/", account.password_reset_from_key_done, "account_reset_password_from_key_done"),
    _here("step-up/", step_up, "identity_step_up"),
    _here("2fa/", mfa.index, "mfa_index"),
    _here("2fa/authenticate/", mfa.authenticate, "mfa_authenticate"),
    _here("2fa/reauthenticate/", mfa.reauthenticate, "mfa_reauthenticate"),
    _here("2fa/totp/activate/", SetUpApp.as_view(), "mfa_activate_totp"),
    _here("2fa/totp/deactivate/", totp.deactivate_totp, "mfa_deactivate_totp"),
    _here("2fa/recovery-codes/", recovery.view_recovery_codes, "mfa_view_recovery_codes"),
    _here("2fa/recovery-codes/generate/", recovery.generate_recovery_codes, "mfa_generate_recovery_codes"),
    _here("2fa/recovery-codes/download/", recovery.download_recovery_codes, "mfa_download_recovery_codes"),
    _here("2fa/webauthn/", webauthn.list_webauthn, "mfa_list_webauthn"),
    _here("2fa/webauthn/add/", AddPasskey.as_view(), "mfa_add_webauthn"),
    _here("2fa/webauthn/login/", webauthn.login_webauthn, "mfa_login_webauthn"),
    _here("2fa/webauthn/reauthenticate/", PasskeyAgain.as_view(), "mfa_reauthenticate_webauthn"),
    _here("2fa/webauthn/keys/<int:pk>/remove/", webauthn.remove_webauthn, "mfa_remove_webauthn"),
    _here("2fa/webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, "mfa_edit_webauthn"),
]
