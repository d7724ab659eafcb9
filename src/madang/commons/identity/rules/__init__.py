"""Who somebody is to the city, how surely, and what the profile's roles allow."""

import hmac
import re
from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from madang.commons.identity.contracts import Account, Policy, PolicyWrong, Proof, Role
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language, Text

_PERMISSION = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_KINDS: Mapping[str, ActorKind] = {"resident": ActorKind.RESIDENT, "staff": ActorKind.OFFICER}
_PROVES: Mapping[str, Assurance] = {
    "password": Assurance.LOW, "mfa": Assurance.SUBSTANTIAL,
    # by an identity that another authority keeps: commons/identity/foreign
    "foreign_low": Assurance.LOW, "foreign_substantial": Assurance.SUBSTANTIAL, "foreign_high": Assurance.HIGH,
}


def actor_for(account: Account, policy: Policy, proofs: Iterable[Proof], now: datetime) -> Actor:
    """The actor that this account is at the doors of the rooms. A role that the profile lost gives nothing."""
    roles = [policy.roles[name] for name in account.roles if name in policy.roles]
    kind = ActorKind.RESIDENT if account.resident else ActorKind.OFFICER
    return Actor(
        kind, name_of(account), account.id, account.resident,
        frozenset().union(*(role.permissions for role in roles if role.kind is kind)),
        _surest(account, assurance(proofs, policy.second_factor_lasts[kind], now)), account.department,
    )


def _surest(account: Account, proved: Assurance) -> Assurance:
    """HIGH for a fresh second factor of somebody who proved in person who they are, before it was bound.

    A factor that was there before the proof may be somebody else's (NIST SP 800-63B-4, 2025, section 4.1).
    """
    return Assurance.HIGH if account.proofed and proved is Assurance.SUBSTANTIAL else proved


def name_of(account: Account) -> str:
    """What records show for the account: never a person's name."""
    if account.resident:
        return "resident"
    emergency = "emergency" if account.in_emergency else ""
    return ", ".join(part for part in (account.department, account.post, emergency) if part) or "staff"


def assurance(proofs: Iterable[Proof], second_factor_lasts: timedelta, now: datetime) -> Assurance:
    """How surely somebody with these proofs is known: at least LOW, more while a second factor is fresh.

    A passkey with user verification is two factors in one (NIST SP 800-63B-4, 2025, section 3.1.7).
    """
    fresh = [_PROVES.get(proof.method, Assurance.LOW) for proof in proofs if now - proof.at < second_factor_lasts]
    return max(fresh, default=Assurance.LOW)


def is_fresh(proofs: Iterable[Proof], lasts: timedelta, now: datetime) -> bool:
    """Whether anything was proved so recently that it need not be proved again."""
    return any(now - proof.at < lasts for proof in proofs)


def email_key(email: str) -> bytes:
    """What attempts are counted under: an e-mail address that was typed, without keeping it."""
    return sha256(email.strip().lower().encode()).digest()


def source_key(address: str) -> bytes:
    """What attempts from one place are counted under: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return sha256(f"source {address}".encode()).digest()
    network = ip_network(f"{found}/{64 if isinstance(found, IPv6Address) else 32}", strict=False)
    return sha256(f"source {network}".encode()).digest()


def token_key(token: str) -> bytes:
    """What is kept of a token: its SHA-256. A token has 256 random bits, so that no salt is needed."""
    return sha256(token.encode()).digest()


def demo_password(secret: str, email: str) -> str:
    """The demonstration's password for an account: the same at each start of one instance, another in the next."""
    return "-".join(re.findall("....", _derived(secret, f"password {email}")[:16].lower()))


def demo_totp_secret(secret: str, email: str) -> str:
    """The demonstration's TOTP secret for an account, base32 of 160 bits (RFC 4226, 2005, section 4)."""
    return _derived(secret, f"totp {email}")[:32]


def _derived(secret: str, purpose: str) -> str:
    return b32encode(hmac.digest(secret.encode(), f"madang demo {purpose}".encode(), "sha256")).decode("ascii")


def policy_from(told: Any) -> Policy:
    """The policy that a parsed ``roles.yaml`` tells. Raises PolicyWrong with the place of the first mistake."""
    top = _mapping(told, "the file", {"assurance", "sign_in", "roles"})
    surely = _mapping(top["assurance"], "assurance", {"second_factor_minutes", "password_minutes"})
    lasts = _mapping(surely["second_factor_minutes"], "assurance.second_factor_minutes", set(_KINDS))
    sign_in = _mapping(top["sign_in"], "sign_in", {"attempts", "source_attempts", "minutes", "token_minutes"})
    return Policy(
        roles={str(name): _role(str(name), role) for name, role in _some(top["roles"], "roles").items()},
        second_factor_lasts={_KINDS[who]: _minutes(lasts[who], f"second_factor_minutes.{who}") for who in _KINDS},
        password_lasts=_minutes(surely["password_minutes"], "assurance.password_minutes"),
        attempts=_count(sign_in["attempts"], "sign_in.attempts"),
        source_attempts=_count(sign_in["source_attempts"], "sign_in.source_attempts"),
        attempts_within=_minutes(sign_in["minutes"], "sign_in.minutes"),
        token_lasts=_minutes(sign_in["token_minutes"], "sign_in.token_minutes"),
    )


def undeclared(policy: Policy, declared: Collection[str]) -> Mapping[str, list[str]]:
    """By role, the permissions that no room declares: slips of the pen, or rooms that are not built yet."""
    lost = {role.name: sorted(role.permissions - set(declared)) for role in policy.roles.values()}
    return {name: permissions for name, permissions in lost.items() if permissions}


def _role(name: str, told: Any) -> Role:
    at = f"roles.{name}"
    told = _mapping(told, at, {"kind", "name", "permissions"})
    if told["kind"] not in _KINDS:
        raise _wrong(at, f".kind is {told['kind']!r}: write one of {', '.join(_KINDS)}")
    for permission in told["permissions"] or ():
        if not _PERMISSION.fullmatch(str(permission)):
            raise _wrong(at, f".permissions: {permission!r} is not written as room.verb")
    title = _mapping(told["name"], f"{at}.name", set(Language))
    return Role(
        name, Text({Language(code): str(text) for code, text in title.items()}), _KINDS[told["kind"]],
        frozenset(told["permissions"] or ()),
    )


def _mapping(told: Any, at: str, keys: Collection[str]) -> dict[str, Any]:
    found = _some(told, at)
    if missing := sorted(set(keys) - set(found)):
        raise _wrong(at, f" lacks {', '.join(missing)}")
    if unknown := sorted(set(found) - set(keys)):
        raise _wrong(at, f" has {', '.join(unknown)}, which is not known: remove it or mend the spelling")
    return found


def _some(told: Any, at: str) -> dict[str, Any]:
    if not isinstance(told, dict) or not told:
        raise _wrong(at, " is not a list of names with values")
    return told


def _minutes(told: Any, at: str) -> timedelta:
    return timedelta(minutes=_count(told, at))


def _count(told: Any, at: str) -> int:
    if type(told) is not int or told < 1:
        raise _wrong(at, f" is {told!r}: write a whole number from 1")
    return told


def _wrong(at: str, what: str) -> PolicyWrong:
    return PolicyWrong(at + what)
