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
    answer_kilobytes: int = 16_384
    """The largest answer under ``prefix``: a mistake in a query must not send out a whole table."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a partner system may be allowed to do: the routes under ``prefix``, by these methods.

    ``name`` is ``room.verb`` like a permission, and is given to the partner's actor as one: the facade behind the route
    asks for it by ``actor.require``. A route under ``/api/`` that no scope names is closed to partner systems.
    """

    name: str
    prefix: str
    title: str
    """What it lets a partner do, in English; a key of translations."""
    methods: Sequence[str] = ("GET", "HEAD")
    is_open: bool = False
    """Held by every partner from the start, because the route tells nothing that is not public."""


@dataclass(frozen=True, slots=True)
class Sunset:
    """A part of the API that will end. Times are aware.

    From ``deprecated`` on, answers carry ``Deprecation`` (RFC 9745, 2025) and ``Sunset`` (RFC 8594, 2019); from
    ``ends`` on the answer is 410.
    """

    prefix: str
    deprecated: datetime
    ends: datetime
    instead: str = ""
    """The path that takes its place, if there is one."""


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
    scopes: Sequence[Scope] = ()
    sunsets: Sequence[Sunset] = ()
    back_office: Sequence[str] = ()
    """Prefixes that only staff use: the gateway opens them to the addresses alone that the operator names."""
