"""Which signing key signs, is announced, or is kept: every process finds it from when each was made."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from madang.commons.identity.provider.contracts import KeyState

_MARGIN = timedelta(minutes=5)
"""Between clocks of machines."""


def standings(made: Iterable[tuple[str, datetime]], announced: timedelta, now: datetime) -> Sequence[KeyState]:
    """The keys, newest first. The newest that was announced for long enough signs; without one, the oldest does.

    A relying party may keep the key set for as long as ``announced`` and still know every key that signs.
    """
    newest_first = sorted(made, key=lambda key: (key[1], key[0]), reverse=True)
    ready = [at for at, (_, when) in enumerate(newest_first) if now - when >= announced]
    signing = ready[0] if ready else len(newest_first) - 1
    names = {-1: "announced", 0: "signing", 1: "kept"}
    return [
        KeyState(kid, when, names[(at > signing) - (at < signing)]) for at, (kid, when) in enumerate(newest_first)
    ]


def ended(keys: Sequence[KeyState], announced: timedelta, tokens_last: timedelta, now: datetime) -> list[str]:
    """The kept keys that have signed nothing for longer than any token lasts. ``keys`` are newest first."""
    return [
        key.kid for newer, key in pairwise(keys)
        if key.standing == "kept" and now - (newer.made + announced) > tokens_last + _MARGIN
    ]


def is_due(keys: Sequence[KeyState], lasts: timedelta, now: datetime) -> bool:
    """Whether a new key should be announced."""
    return not keys or now - keys[0].made >= lasts
