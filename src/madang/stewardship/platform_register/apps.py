"""The platform register as a Django application."""

from django.apps import AppConfig


class PlatformRegisterConfig(AppConfig):
    """The city's systems, and their way onto the common stack."""

    name = "madang.stewardship.platform_register"
    label = "platform_register"

    def ready(self) -> None:
        """Refuse to start with a list that cannot be read."""
        from madang.stewardship.platform_register import store

        store.city()
