"""Provisioning as a Django application."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Staff whose accounts a department's directory makes, changes and closes."""

    name = "madang.commons.identity.provisioning"
    label = "identity_provisioning"
