"""Audit as a Django application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The chain of who did what."""

    name = "madang.commons.audit"
    label = "audit"
