"""Presented credentials as a Django application."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Questions to wallets."""

    name = "madang.commons.identity.wallets"
    label = "identity_wallets"
