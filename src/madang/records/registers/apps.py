"""Registers as a Django application."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """The synthetic registers."""

    name = "madang.records.registers"
    label = "registers"
