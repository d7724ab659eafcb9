"""Every room of the city. Adding a room is adding a line here, and its application to ``APPLICATIONS``."""

from collections.abc import Iterator, Sequence
from importlib import import_module

from madang.kernel.manifest import Room, Subscription

APPLICATIONS: Sequence[str] = (
    "madang.commons.events",
    "madang.commons.identity",
)
"""Django applications, lowest first."""

_ROOMS: Sequence[str] = ()
"""Rooms with a manifest, lowest first."""


def rooms() -> Sequence[Room]:
    """The manifests. Needs Django to be set up, because rooms hold models."""
    found: list[Room] = [import_module(f"{name}.room").ROOM for name in _ROOMS]
    return found


def subscriptions() -> Iterator[Subscription]:
    """Everything that listens to the bus."""
    for room in rooms():
        yield from room.listens
