"""Applications as a Django application."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Drafts and cases."""

    name = "madang.services.applications"
    label = "applications"
