"""The event bus as a Django application."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The outbox, the inbox and the dead letters."""

    name = "madang.commons.events"
    label = "events"
