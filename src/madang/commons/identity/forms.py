"""Sign-in forms in the city's words, with codes that are good once."""

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from madang.commons.identity import facade, post
from madang.kernel.ids import new_id

_LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
    "code": _("Code"),
    "name": _("A name for this passkey"),
}


gettext_noop("You must type the same password each time.")  # allauth says it, and lacks it in two of our languages


class _Worded:
    """Labels in eight languages, and no placeholder that vanishes while one types."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        for name, field in self.fields.items():
            field.label = _LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name in {"login", "password", "oldpassword"}:
                field.help_text = ""


class SignInForm(_Worded, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password."""


class PasswordAgainForm(_Worded, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before the account's ways in change."""


class ChangePasswordForm(_Worded, account.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""


class ForgottenPasswordForm(_Worded, account.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    def save(self, request: Any, **_facts: Any) -> str:
        """Have a worker write to whoever has this address; nobody may have it, and the answer is the same.

        For nobody, work is put down for an account that is not there, so that the page takes the same time.
        """
        for whom in [user.pk for user in self.users] or [new_id()]:
            post.write_reset_letter.defer(account=whom, language=request.language)
        return str(self.cleaned_data["email"])


class NewPasswordForm(_Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, from the link."""


class _GoodOnce(_Worded):
    """A code that was used is refused for as long as it could still be right."""

    user: Any

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    def clean_code(self) -> str:
        """The code, used up."""
        code: str = super().clean_code()  # type: ignore[misc]
        if not facade.spend_code(self.user.pk, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_GoodOnce, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second factor of a sign-in."""


class CodeAgainForm(_GoodOnce, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The second factor in the middle of a session."""

    def save(self) -> None:
        """Rise, under a new session key: whoever held the old one does not rise with it."""
        super().save()
        context.request.session.cycle_key()


class SetUpAppForm(_GoodOnce, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""


class AddPasskeyForm(_Worded, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: always one that can sign in alone, with finger, face or PIN."""

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.fields["passwordless"].widget.attrs["hidden"] = True
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(_Worded, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""
