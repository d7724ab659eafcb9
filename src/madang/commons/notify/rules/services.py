"""The compatible API's rules: tokens, and what is filled into a service's template."""

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from madang.commons.notify.contracts import AskedWrong, TokenRefused

_PLACEHOLDER: Final = re.compile(r"\(\(([^()?]+)(?:\?\?([^()]*))?\)\)")
_LEEWAY_S: Final = 30
_CLOCK: Final = "Error: Your system clock must be accurate to within 30 seconds"


def issuer(token: str) -> UUID:
    """The service that a token says it is from; nothing is proved by it. Raises TokenRefused."""
    claims = _part(token, 1)
    try:
        return UUID(str(claims["iss"]))
    except KeyError:
        raise TokenRefused(why="Invalid token: iss field not provided") from None
    except ValueError:
        raise TokenRefused(why="Invalid token: service id is not the right data type") from None


def require_signed(token: str, secrets: Sequence[str], now: float) -> int:
    """Which of the secrets signed the token (RFC 7515, 2015; HS256), at most 30 s ago. Raises TokenRefused."""
    if _part(token, 0).get("alg") != "HS256":
        raise TokenRefused(why="Invalid token: algorithm used is not HS256")
    signed, _, given = token.rpartition(".")
    made = [hmac.new(secret.encode(), signed.encode(), "sha256").digest() for secret in secrets]
    number = next((place for place, mac in enumerate(made) if hmac.compare_digest(mac, _bytes(given))), None)
    if number is None:
        raise TokenRefused(why="Invalid token: API key not found")
    issued = _part(token, 1).get("iat")
    if not isinstance(issued, int | float) or isinstance(issued, bool):
        raise TokenRefused(why="Invalid token: iat field not provided")
    if abs(now - issued) > _LEEWAY_S:
        raise TokenRefused(why=_CLOCK)
    return number


def placeholders(text: str) -> list[str]:
    """The names between double round brackets, in their order, each once."""
    return list(dict.fromkeys(found[1].strip() for found in _PLACEHOLDER.finditer(text)))


def filled(text: str, given: Mapping[str, object]) -> str:
    """The text with what is given filled in; ``((name??words))`` says the words when the value is yes."""
    known = {_key(name): value for name, value in given.items()}

    def one(found: re.Match[str]) -> str:
        value = known[_key(found[1])]
        if found[2] is not None:
            return found[2] if str(value).strip().lower() in {"yes", "y", "true", "t", "1", "include", "show"} else ""
        return _written(value)

    return _PLACEHOLDER.sub(one, text)


def require_all(text: str, given: Mapping[str, object]) -> None:
    """Raise AskedWrong, naming what is missing, unless every placeholder has its value."""
    known = {_key(name) for name, value in given.items() if value is not None}
    missing = [name for name in placeholders(text) if _key(name) not in known]
    if missing:
        raise AskedWrong(why=f"Missing personalisation: {', '.join(missing)}")


def address_lines(given: Mapping[str, object]) -> list[str]:
    """The lines ``address_line_1`` to ``address_line_7`` that say something."""
    known = {_key(name): value for name, value in given.items()}
    lines = [_written(known.get(_key(f"address_line_{number}")) or "").strip() for number in range(1, 8)]
    return [line for line in lines if line]


def _key(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()


def _written(value: object) -> str:
    if isinstance(value, list):
        return "\n" + "\n".join(f"* {one}" for one in value)
    return str(value)


def _part(token: str, number: int) -> dict[str, Any]:
    try:
        part = json.loads(_bytes(token.split(".")[number]))
        if token.count(".") == 2 and isinstance(part, dict):  # noqa: PLR2004 -- header, claims, signature
            return part
    except (ValueError, IndexError):
        pass
    raise TokenRefused(why="Invalid token: signature, api token not found")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
