"""Places as a Django application."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Districts and public places."""

    name = "madang.records.places"
    label = "places"
