"""The OpenID provider as a Django application."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class ProviderConfig(AppConfig):
    """Systems, consents, sign-ins at systems, and their tokens."""

    name = "madang.commons.identity.provider"
    label = "identity_provider"

    def ready(self) -> None:
        """Refuse to start with rules that cannot be read; hear of every end of a browser's session."""
        from madang.commons.identity.provider import sessions
        from madang.commons.identity.provider.store import profile

        profile.policy()
        user_logged_out.connect(sessions.ended, dispatch_uid="identity_provider.sessions")
