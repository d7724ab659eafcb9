"""The door to the platform register."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from madang.commons.db.transactions import transaction
from madang.commons.gateway import facade as gateway
from madang.commons.identity import facade as identity
from madang.kernel.actors import Actor
from madang.kernel.clock import in_seoul
from madang.kernel.languages import Text
from madang.stewardship.platform_register import rules, store
from madang.stewardship.platform_register.contracts import (
    Evidence,
    Overview,
    Part,
    Permission,
    Standing,
    System,
    SystemUnknown,
)


def overview(now: datetime) -> Overview:
    """The city's systems in figures, for anybody."""
    return rules.overview(store.city(), _standings(now), store.snapshots(), in_seoul(now).date())


def systems() -> Sequence[System]:
    """Every system as its department declares it, for anybody, in the list's order."""
    return list(store.city().systems.values())


def system(key: str) -> System:
    """One system. Raises SystemUnknown."""
    found = store.city().systems.get(key)
    if found is None:
        raise SystemUnknown(key=key)
    return found


def standings(actor: Actor, now: datetime) -> Sequence[Standing]:
    """Every system with what the gateway and the OpenID provider saw of it, those that are late first.

    Raises SignInNeeded, NotPermitted.
    """
    actor.require(Permission.SEE_EVIDENCE)
    return sorted(_standings(now), key=lambda one: (not one.is_late, one.system.complies))


def parts() -> Mapping[Part, Text]:
    """What the parts of the common stack are called."""
    return store.city().parts


def note_share(now: datetime) -> None:
    """Keep this month's share, so that the register's own history grows."""
    found = systems()
    with transaction():
        store.note_share(in_seoul(now).date().replace(day=1), sum(one.complies for one in found), len(found))


def _standings(now: datetime) -> list[Standing]:
    since = now - timedelta(days=store.city().evidence_days)
    requests, sign_ins = gateway.traffic_by_client_since(since), identity.systems_signed_in_since(since)
    today = in_seoul(now).date()
    return [rules.standing(one, _evidence(one, requests, sign_ins), today) for one in systems()]


def _evidence(one: System, requests: Mapping[str, int], sign_ins: Mapping[str, datetime]) -> Evidence:
    last = max((sign_ins[client] for client in one.clients if client in sign_ins), default=None)
    return Evidence(sum(requests.get(client, 0) for client in one.clients), last)
