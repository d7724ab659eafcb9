"""The portal as a Django application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Pages, templates and texts; no tables."""

    name = "madang.front_desk.portal"
    label = "portal"
