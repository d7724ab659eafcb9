"""The lake as a Django application."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    """The archive of every event."""

    name = "madang.commons.lake"
    label = "lake"
