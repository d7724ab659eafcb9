"""The gateway as a Django application."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """The edge: idempotency keys, the look of every page."""

    name = "madang.commons.gateway"
    label = "gateway"
