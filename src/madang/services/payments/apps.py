"""Payments as a Django application."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Bills and payments."""

    name = "madang.services.payments"
    label = "payments"
