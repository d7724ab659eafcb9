"""Claims that their holder shows one by one: disclosures and their digests (SD-JWT, RFC 9901, 2025).

Flat: every disclosure stands at the top of the payload, as the city's own credentials do.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

ALGORITHM: Final = "sha-256"
_PARTS: Final = 3
_OURS: Final = frozenset({"_sd", "..."})


@dataclass(eq=False)
class DisclosureWrong(ValueError):
    """What is disclosed does not belong to what was signed; ``why`` says how."""

    why: str


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """The other way. Raises DisclosureWrong for letters that are not base64url's."""
    try:
        raw = text.encode("ascii")
        return urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    except (NotBase64, UnicodeEncodeError):
        raise DisclosureWrong(why="not base64url") from None


def disclosure(salt: bytes, name: str, value: Any) -> str:
    """One claim as its holder keeps it; ``salt`` is 16 random bytes, so that nobody finds the value by trying."""
    return encoded(json.dumps([encoded(salt), name, value], ensure_ascii=False).encode())


def digest(text: str) -> str:
    """What of a text stands in a signature: of a disclosure in ``_sd``, of a presentation in ``sd_hash``."""
    return encoded(sha256(text.encode("ascii")).digest())


def named(shown: str) -> str:
    """Which claim a disclosure is of. Raises DisclosureWrong."""
    return _opened(shown)[0]


def revealed(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """What a signed payload says with these disclosures. Raises DisclosureWrong (RFC 9901, section 7.1).

    A disclosure that nobody signed, one that is shown twice, and one that would stand in a signed claim's place are
    each refused: none of them is left out in silence.
    """
    if payload.get("_sd_alg", ALGORITHM) != ALGORITHM:
        raise DisclosureWrong(why="digests of another kind")
    told = {name: value for name, value in payload.items() if name not in {"_sd", "_sd_alg"}}
    waiting = _digests(payload.get("_sd", []))
    for shown in disclosures:
        if digest(_ascii(shown)) not in waiting:
            raise DisclosureWrong(why="a disclosure that was not signed, or twice")
        waiting.remove(digest(shown))
        name, value = _opened(shown)
        if name in told or name in _OURS:
            raise DisclosureWrong(why="a disclosure in the place of a signed claim")
        told[name] = value
    return told


def _opened(shown: str) -> tuple[str, Any]:
    try:
        told = json.loads(decoded(shown))
    except ValueError:
        raise DisclosureWrong(why="a disclosure that cannot be read") from None
    if not isinstance(told, list) or len(told) != _PARTS or not isinstance(told[1], str):
        raise DisclosureWrong(why="a disclosure that is none of an object")
    return told[1], told[2]


def _digests(told: Any) -> set[str]:
    found: Iterable[Any] = told if isinstance(told, list) else [None]
    given = list(found)
    if not all(isinstance(one, str) for one in given) or len(set(given)) != len(given):
        raise DisclosureWrong(why="digests that cannot be read, or twice")
    return set(given)


def _ascii(text: str) -> str:
    if not text.isascii():
        raise DisclosureWrong(why="not base64url")
    return text
