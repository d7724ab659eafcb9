"""Systems that rely on the city's sign-in: registered, given secrets, known by their tokens; and the city's keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity.provider import tokens
from madang.commons.identity.provider.contracts import (
    Client,
    KeyState,
    NewSecret,
    Permission,
    System,
    SystemId,
    SystemUnknown,
)
from madang.commons.identity.provider.rules import keys as key_rules
from madang.commons.identity.provider.rules.profile import system_from
from madang.commons.identity.provider.store import keys, profile, sign_ins
from madang.commons.identity.provider.store import systems as store
from madang.kernel.actors import Actor


def add_system(actor: Actor, told: Mapping[str, Any]) -> NewSecret:
    """Register the system that ``told`` describes; its secret, shown this once.

    Raises NotPermitted, SystemNotRight with the place of a mistake, SystemTaken.
    """
    actor.require(Permission.MANAGE_SYSTEMS)
    system = system_from(told, profile.policy())
    secret = "" if system.is_public else tokens.system_secret()
    with transaction():
        store.add(system, secret)
        audit.record(actor, "identity_provider.add_system", purpose=f"register the system {system.id}")
    return NewSecret(system.id, secret, None)


def systems(actor: Actor) -> list[System]:
    """Every registered system. Raises NotPermitted."""
    actor.require(Permission.MANAGE_SYSTEMS)
    return store.systems()


def rotate_secret(actor: Actor, system: str, now: datetime) -> NewSecret:
    """Give a system another secret; the one before works for a day too. Raises NotPermitted, SystemUnknown."""
    actor.require(Permission.MANAGE_SYSTEMS)
    secret, until = tokens.system_secret(), now + profile.policy().secret_overlap
    with transaction():
        if not store.set_secret(system, secret, until):
            raise SystemUnknown(system=system)
        audit.record(actor, "identity_provider.rotate_secret", purpose=f"give {system} another secret")
    return NewSecret(SystemId(system), secret, until)


def remove_system(actor: Actor, system: str) -> None:
    """Take a system away with its tokens and consents. Raises NotPermitted, SystemUnknown."""
    actor.require(Permission.MANAGE_SYSTEMS)
    with transaction():
        if not store.remove(system):
            raise SystemUnknown(system=system)
        audit.record(actor, "identity_provider.remove_system", purpose=f"take the system {system} away")


def client_of_token(token: str, now: datetime) -> Client | None:
    """The system whose own access token (``client_credentials``) this is; None for any other text. One query."""
    return sign_ins.client_of(token, now) if token.startswith("mat_") else None


def signed_in_since(moment: datetime) -> Mapping[str, datetime]:
    """By system id, when somebody last signed in there, of those where it was at ``moment`` or later."""
    return store.signed_in_since(moment)


def key_states(actor: Actor, now: datetime) -> list[KeyState]:
    """The signing keys, newest first. Raises NotPermitted."""
    actor.require(Permission.ROTATE_KEYS)
    return tokens.key_states(now)


def rotate_key(actor: Actor, now: datetime, *, at_once: bool = False) -> str:
    """Announce a new signing key; its name. Raises NotPermitted.

    ``at_once`` is for a key that somebody may have read: the others are deleted, what they signed is refused, and
    relying parties that keep the old key set fail until they read it anew.
    """
    actor.require(Permission.ROTATE_KEYS)
    before = [state.kid for state in tokens.key_states(now)]
    made = keys.make(now)
    for kid in before if at_once else ():
        keys.remove(kid)
    with transaction():
        audit.record(actor, "identity_provider.rotate_key", purpose="change the key that signs sign-ins")
    return made


def keep_keys(now: datetime) -> None:
    """Announce the next key when it is time, and delete those whose tokens have all ended."""
    policy = profile.policy()
    states = tokens.key_states(now)
    if key_rules.is_due(states, policy.key_lasts, now):
        keys.make(now)
    for kid in key_rules.ended(states, policy.key_announced, policy.id_token_lasts, now):
        keys.remove(kid)
