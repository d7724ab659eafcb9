"""Notices that a provider signs: ``t=<Unix seconds>,v1=<HMAC-SHA256 of "seconds.body", hex>``."""

import hmac
import re
from datetime import datetime, timedelta
from typing import Final

_SIGNATURE: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def is_genuine(body: bytes, signature: str, secret: bytes, now: datetime, tolerance: timedelta) -> bool:
    """Whether ``secret``'s holder signed just this body, and did so within ``tolerance`` of ``now``."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        return False
    expected = hmac.new(secret, f"{found[1]}.".encode("ascii") + body, "sha256").hexdigest()
    is_fresh = abs(now.timestamp() - int(found[1])) <= tolerance.total_seconds()
    return hmac.compare_digest(expected, found[2]) and is_fresh
