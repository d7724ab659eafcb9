"""Identity as a Django application."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Accounts, roles, sessions."""

    name = "madang.commons.identity"
    label = "identity"
