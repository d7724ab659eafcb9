"""Identity as a Django application."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Accounts, roles, sessions."""

    name = "madang.commons.identity"
    label = "identity"

    def ready(self) -> None:
        """Refuse to start with roles that cannot be read."""
        from madang.commons.identity import store
        from madang.commons.identity.store import centre, delegations

        store.policy()
        centre.policy()
        delegations.policy()
