"""The catalogue as a Django application."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Services, from the profile."""

    name = "madang.records.catalogue"
    label = "catalogue"
