"""What a department sees of its own services: how many requests, how far they came, how long it took."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from madang.kernel.actors import Actor
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service
from madang.services.applications import store
from madang.services.applications.contracts import Permission
from madang.services.applications.contracts.figures import LeftDrafts, ServiceMonth
from madang.services.applications.facade.desks import is_of_department

_LEFT: Final = timedelta(days=1)
"""A draft that nobody touched for so long counts as left, until somebody goes on with it."""


def owned(actor: Actor) -> Sequence[Service]:
    """The services of the actor's own department, the most used first; not another's, whoever asks."""
    actor.require(Permission.SEE_FIGURES)
    return [one for one in catalogue.services() if is_of_department(actor, one)]


def months(actor: Actor, since: datetime) -> Sequence[ServiceMonth]:
    """What became of the department's requests begun since then, by service and month, the newest month first."""
    return store.months([one.id for one in owned(actor)], since)


def left_drafts(actor: Actor, since: datetime, now: datetime) -> Sequence[LeftDrafts]:
    """The department's drafts begun since then and left for a day, by the questions that were answered in them."""
    return store.left_drafts([one.id for one in owned(actor)], since, now - _LEFT)
