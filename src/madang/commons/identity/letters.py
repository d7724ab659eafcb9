"""Letters about an account itself, sent by a worker: no page waits for them, or tells by its pace who has one."""

import secrets
from collections.abc import Mapping
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.commons.identity import store
from madang.commons.identity.models import AccountRow
from madang.kernel import clock
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language

_CHANGES: Final[Mapping[str, Promise]] = {
    "password_changed": _("The password was changed."),
    "password_reset": _("The password was set anew."),
    "totp_activated": _("An authenticator app was set up."),
    "totp_deactivated": _("The authenticator app was removed."),
    "recovery_codes_generated": _("New recovery codes were made."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
    "proved_in_person": _("An officer at a centre recorded that you proved who you are."),
    "recovery_begun": _("At a centre, an officer gave out a code with which the password of your account is set anew."),
    "recovered": _("The password was set anew with a code from a centre, and every other way to sign in was removed."),
    "emergency": _("A colleague took a role in an emergency. Please look at it."),
    "emergency_late": _("The review of an emergency is late. Please look at it."),
    "delegation_made": _("Somebody may act for you from now on, or asks to."),
    "delegation_offered": _("Somebody asks you to act for them. You can say yes or no."),
    "delegation_guardian_made": _("An officer at a centre recorded that you act for somebody as their guardian."),
    "delegation_guardian_ended": _("An officer at a centre recorded that your guardianship has ended."),
    "delegation_ended": _("A permission to act for you has ended."),
}

_OTHER_LETTERS: Final[Mapping[str, tuple[str, str]]] = {
    "delegation": ("acting", "identity_acting"), "emergency": ("emergency", "identity_emergencies"),
}
"""By the first word of a change: its letter, and the page that it leads to; the others are about signing in."""


def reset(account_id: AccountId, language: Language) -> None:
    """Send a link that sets a new password, unless the account was closed meanwhile. Raises OSError.

    The link leads to the city's own address, whatever the request said.
    """
    account = store.row(account_id, clock.now())
    if account is None:
        return
    key = {"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)}
    _send("reset", account, language, {"link": _address(reverse("account_reset_password_from_key", kwargs=key))})


def changed(account_id: AccountId, change: str, language: Language) -> None:
    """Tell the holder that a way into the account, or who may act for them, has changed. Raises OSError."""
    account = store.row(account_id, clock.now())
    if account is None:
        return
    letter, page = _OTHER_LETTERS.get(change.partition("_")[0], ("changed", "mfa_index"))
    _send(letter, account, language, {"what": _CHANGES.get(change, ""), "link": _address(reverse(page))})


def presence_code(navigator: AccountId, email: str) -> None:
    """Send somebody the code that they read out to the navigator beside them; nobody else is written to."""
    account = store.account_of_email(email, clock.now())
    row = store.row(account.id, clock.now()) if account and account.resident else None
    if account is None or row is None:
        return
    code = f"{secrets.randbelow(10**8):08d}"
    store.keep_presence_code(navigator, email, code)
    _send("presence", row, account.language, {"code": f"{code[:4]} {code[4:]}"})


def invited(email: str) -> None:
    """Tell whoever signs in with this address that somebody offers them to act; nobody is written to otherwise."""
    now = clock.now()
    if known := store.account_of_email(email, now):
        changed(known.id, "delegation_offered", known.language)


def _address(path: str) -> str:
    return f"{settings.MADANG_PUBLIC_URL}{path}"


def _send(letter: str, account: AccountRow, language: Language, facts: Mapping[str, object]) -> None:
    with translation.override(language.tag.lower()):
        subject = render_to_string(f"identity/email/{letter}_subject.txt").strip()
        body = render_to_string(f"identity/email/{letter}_message.txt", dict(facts)).strip()
    EmailMessage(subject, f"{body}\n", to=[account.email]).send()
