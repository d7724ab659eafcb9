"""Whose access token it is, remembered for some seconds; the provider of the city's own tokens is asked in a thread.

The provider needs Django. It is loaded beside the work: a process that was killed is back for keys at once.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from madang.commons.gateway import rules

MARK: Final = "mat_"
_REMEMBERED_S: Final = 10.0
"""So long a token that was ended may still open."""
_MOST: Final = 10_000



@dataclass(frozen=True, slots=True)
class Holder:
    """The system that holds a token of its own, the scopes of the token, and its end (Unix time in seconds)."""

    client: str
    scopes: frozenset[str]
    until: float


Reader = Callable[[str], Holder | None]


class Tokens:
    """What is remembered of tokens, by their digest; the longest unasked is forgotten first."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tokens")
        self._is_warm = False
        self._held: OrderedDict[bytes, tuple[float, Holder | None]] = OrderedDict()

    def has(self, token: str) -> bool:
        """Whether the token was asked about so lately that it need not be again."""
        found = self._held.get(rules.digest(token))
        return found is not None and time.time() < found[0]

    def holder(self, token: str) -> Holder | None:
        """Who holds the token, as it was learnt last."""
        _, holder = self._held.get(rules.digest(token), (0.0, None))
        return holder if holder is not None and time.time() < holder.until else None

    def warm_up(self) -> None:
        """Load what reading needs now: the first token should not wait for it."""
        if not self._is_warm:
            self._is_warm = True
            self._thread.submit(self._read, "")

    async def learn(self, token: str) -> None:
        """Ask about a token. Raises what the provider raises; then nothing is remembered."""
        holder = await asyncio.get_running_loop().run_in_executor(self._thread, self._read, token)
        self._held[rules.digest(token)] = (time.time() + _REMEMBERED_S, holder)
        while len(self._held) > _MOST:
            self._held.popitem(last=False)
