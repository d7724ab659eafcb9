"""Notify as a Django application."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Messages and the inbox."""

    name = "madang.commons.notify"
    label = "notify"
