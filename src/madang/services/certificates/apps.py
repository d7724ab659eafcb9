"""Certificates as a Django application."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Signed documents."""

    name = "madang.services.certificates"
    label = "certificates"
