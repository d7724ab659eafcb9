"""How Django finds the account of a session: with its roles, in one query."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend

from madang.commons.identity import store
from madang.commons.identity.models import AccountRow
from madang.kernel import clock


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """E-mail and password, as slow for an unknown e-mail address as for a known one."""

    def get_user(self, user_id: UUID) -> AccountRow | None:
        """The account of a session with its roles of this moment; None once it may not sign in any more."""
        return store.with_roles(clock.now()).filter(pk=user_id).first()
