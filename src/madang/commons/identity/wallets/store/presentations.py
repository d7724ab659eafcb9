"""Taking a presentation apart: whose signatures stand on it, and what it says with what was disclosed."""

import json
from collections.abc import Callable
from typing import Any, Final

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from madang.commons.identity.wallets.contracts import NotTaken, Presented
from madang.commons.identity.wallets.rules import ALGORITHM, FORMAT
from madang.kernel.selective_disclosure import DisclosureWrong, decoded, digest, revealed

_LONGEST: Final = 64 * 1024
_MOST: Final = 100
_FEWEST: Final = 2

KeyOf = Callable[[str], Any]
"""The issuer's key by its ``kid``; None for one that it does not announce."""


def taken_apart(shown: str, key_of: KeyOf) -> Presented:
    """A presentation (``dc+sd-jwt`` with a key binding) whose two signatures hold. Raises NotTaken."""
    parts = shown.split("~")
    if len(shown) > _LONGEST or not shown.isascii() or not _FEWEST <= len(parts) <= _MOST:
        raise NotTaken("presentation")
    if not parts[-1]:
        raise NotTaken(why="no key binding")
    signed = read(parts[0], FORMAT, key_of)
    try:
        told = revealed(signed, parts[1:-1])
    except DisclosureWrong as wrong:
        raise NotTaken("disclosure") from wrong
    bound = read(parts[-1], "kb+jwt", lambda _: _holder(signed))
    return Presented(signed, told, bound, digest("~".join([*parts[:-1], ""])))


def read(text: str, kind: str, key_of: KeyOf) -> dict[str, Any]:
    """The claims of a JWS by the one algorithm that is taken, with this ``typ``. Raises NotTaken."""
    made = jws.JWS()
    made.allowed_algs = [ALGORITHM]
    try:
        head = json.loads(decoded(text.partition(".")[0]))
        key = key_of(str(head.get("kid", ""))) if head.get("typ") == kind else None
        if key is None:
            raise NotTaken(why=f"{kind} key")
        made.deserialize(text, key)
        told = json.loads(made.payload)
    except (JWException, DisclosureWrong, ValueError, AttributeError, TypeError, RecursionError):
        raise NotTaken(why=f"{kind} signature") from None
    if not isinstance(told, dict):
        raise NotTaken(kind)
    return told


def claims_unread(shown: str) -> dict[str, Any]:
    """What a presentation claims, before any signature is checked: whom to ask for keys. Raises NotTaken."""
    try:
        told = json.loads(decoded(shown.split("~", 1)[0].split(".")[1]))
    except (DisclosureWrong, ValueError, IndexError, RecursionError):
        raise NotTaken("presentation") from None
    if not isinstance(told, dict):
        raise NotTaken("presentation")
    return told


def _holder(signed: dict[str, Any]) -> Any:
    given = signed.get("cnf", {}).get("jwk", {})
    if given.get("crv") != "P-256" or "d" in given:
        return None
    return jwk.JWK(kty="EC", crv="P-256", x=given.get("x"), y=given.get("y"))
