"""Bookings as a Django application."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """What can be booked, and who has it."""

    name = "madang.services.bookings"
    label = "bookings"
