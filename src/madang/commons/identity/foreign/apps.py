"""Foreign identity as a Django application."""

from django.apps import AppConfig


class ForeignConfig(AppConfig):
    """Links between accounts and identities that others keep."""

    name = "madang.commons.identity.foreign"
    label = "identity_foreign"

    def ready(self) -> None:
        """Refuse to start with providers that cannot be read."""
        from madang.commons.identity.foreign.store import profile

        profile.providers(), profile.issuers(), profile.wallets()
