"""Every room of the city. Adding a room is adding a line here."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec

from madang.kernel.manifest import Room, Subscription

APPLICATIONS: Sequence[str] = (
    "madang.commons.events",
    "madang.commons.lake",
    "madang.commons.audit",
    "madang.commons.identity",
    "madang.commons.identity.provider",
    "madang.commons.identity.foreign",
    "madang.commons.identity.wallets",
    "madang.commons.identity.provisioning",
    "madang.commons.notify",
    "madang.commons.gateway",
    "madang.records.places",
    "madang.records.registers",
    "madang.records.catalogue",
    "madang.streets.traffic_signals",
    "madang.services.applications",
    "madang.services.document_review",
    "madang.services.certificates",
    "madang.services.payments",
    "madang.services.bookings",
    "madang.stewardship.platform_register",
    "madang.front_desk.portal",
)
"""Every Django application of ours, lowest first."""


def rooms() -> Sequence[Room]:
    """The manifests, lowest first. Needs Django to be set up, because rooms hold models."""
    found: list[Room] = [import_module(f"{name}.room").ROOM for name in APPLICATIONS if find_spec(f"{name}.room")]
    return found


def subscriptions() -> Iterator[Subscription]:
    """Everything that listens to the bus."""
    for room in rooms():
        yield from room.listens
