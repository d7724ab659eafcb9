"""What a room tells the courtyard about itself: its manifest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from madang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Subscription:
    """A handler and the event that wakes it. ``name`` is ``room.handler``: it must never change once in use."""

    name: str
    event: type[Event]
    handle: Callable[[Any, datetime], None]


@dataclass(frozen=True, slots=True)
class Held:
    """Personal data that a room keeps, as the law asks it to be declared (개인정보 보호법, article 30, 2023)."""

    what: str
    purpose: str
    basis: str
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that the gateway keeps for paths that begin with ``prefix``."""

    prefix: str
    requests_per_second: int
    body_kilobytes: int = 256
    seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Room:
    """A room's manifest. ``routes`` maps a mount (``api``, ``web``) to what the web entry point mounts there."""

    name: str
    title: str
    owner: str
    routes: Mapping[str, Any] = field(default_factory=dict)
    listens: Sequence[Subscription] = ()
    permissions: type[StrEnum] | None = None
    personal_data: Sequence[Held] = ()
    limits: Sequence[Limit] = ()
