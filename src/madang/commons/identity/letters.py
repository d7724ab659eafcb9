"""Letters about an account itself, sent by a worker: no page waits for them, or tells by its pace who has one."""

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

from madang.commons.identity.models import AccountRow
from madang.kernel.languages import Language

_CHANGES: Final[Mapping[str, Promise]] = {
    "password_changed": _("The password was changed."),
    "password_reset": _("The password was set anew."),
    "totp_activated": _("An authenticator app was set up."),
    "totp_deactivated": _("The authenticator app was removed."),
    "recovery_codes_generated": _("New recovery codes were made."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
}


def reset(account: AccountRow, language: Language) -> None:
    """Send a link that sets a new password. The link leads to the city's own address, whatever the request said."""
    key = {"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)}
    _send("reset", account, language, {"link": _address(reverse("account_reset_password_from_key", kwargs=key))})


def changed(account: AccountRow, change: str, language: Language) -> None:
    """Tell the holder that a way into the account has changed."""
    _send("changed", account, language, {"what": _CHANGES.get(change, ""), "link": _address(reverse("mfa_index"))})


def _address(path: str) -> str:
    return f"{settings.MADANG_PUBLIC_URL}{path}"


def _send(letter: str, account: AccountRow, language: Language, facts: Mapping[str, object]) -> None:
    with translation.override(language.tag.lower()):
        subject = render_to_string(f"identity/email/{letter}_subject.txt").strip()
        body = render_to_string(f"identity/email/{letter}_message.txt", dict(facts)).strip()
    EmailMessage(subject, f"{body}\n", to=[account.email]).send()
