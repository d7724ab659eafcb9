"""Where the city's way differs from django-allauth's: texts, where to go next, letters, secrets at rest."""

import base64
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madang.commons.identity import facade, post
from madang.kernel.actors import ActorKind

_WAYS: Final[Mapping[str, Promise]] = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use the authenticator app"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing in as the city does it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("Please type your current password."),
        "incorrect_code": _("This code is not right. Type the one that the app shows now."),
        "incorrect_password": _("The password is not right."),
        "invalid_password_reset": _("This link is not valid any more. Please ask for a new one."),
        "too_many_login_attempts": _("There were too many attempts. Please try again in a few minutes."),
        "rate_limited": _("There were too many attempts. Please try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature
        """Nobody makes an account alone: a person checks who somebody is first (docs/identity.md)."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a place within the city: a path on this host."""
        return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff come to their desk, residents to their own page."""
        return "/desk/" if facade.myself(request).kind is ActorKind.OFFICER else "/my/"

    def post_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse:
        """Record the sign-in."""
        facade.note_sign_in(facade.myself(request))
        response: HttpResponse = super().post_login(request, user, **facts)
        return response

    def is_reauthentication_required(self, *, app: str, **_facts: Any) -> bool:  # noqa: ARG002 -- allauth's signature
        """Whether the password must be typed again before something about the account changes."""
        return not facade.proved_recently(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to prove once more who one is, in the city's words."""
        return [way | {"description": _WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def add_message(self, request: HttpRequest, level: int, *args: Any, **facts: Any) -> None:
        """Say what went wrong; that something went well is seen on the page that follows."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **facts)

    def send_notification_mail(self, template_prefix: str, user: Any, *_args: Any, **_facts: Any) -> None:
        """Record that the account's ways in have changed, and write to its holder."""
        change = template_prefix.rpartition("/")[2]
        facade.note_factors_changed(facade.myself(context.request), change)
        post.write_change_letter.defer(account=user.pk, change=change, language=context.request.language)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors as the city keeps them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Type the one that the app shows now."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a passkey first."),
    }

    def generate_authenticator_name(self, user: Any, type: str) -> str:  # noqa: A002 -- allauth's signature
        """What a new passkey is called until its holder names it."""
        count: int = facade.count_factors(user.pk, type)
        return gettext("Passkey {number}").format(number=count + 1)

    def get_totp_issuer(self) -> str:
        """What an authenticator app shows over the code."""
        return "Seoul"

    def build_totp_svg(self, url: str) -> str:
        """The secret as a picture: black on white also where the page is dark, or no app reads it."""
        picture = BytesIO()
        segno.make(url, micro=False).save(picture, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
        return picture.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """To whom passkeys belong: this host, whatever its port."""
        return {"id": context.request.get_host().partition(":")[0], "name": "Seoul"}

    def encrypt(self, text: str) -> str:
        """Secrets lie encrypted under a key that is not in the database."""
        return _box().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """The other way."""
        return _box().decrypt(encrypted_text.encode("ascii")).decode()


def _box() -> Fernet:
    derived = HKDF(SHA256(), 32, None, b"madang second factors").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
