"""The door to what the gateway keeps: answers that were given under an Idempotency-Key."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.gateway import store
from madang.commons.gateway.contracts import KEPT_FOR, Asked, Kept, KeyReused

_PATIENCE: Final = 10
"""Seconds to wait for the same request under way; less than the front's own time-out of 15."""


class _NothingToKeep(Exception):
    """What was done is given up, and the key with it."""


def once(asked: Asked, now: datetime, act: Callable[[], Kept | None]) -> Kept | None:
    """Act and keep the answer, unless that was done before: then the kept answer, without acting.

    Key, act and answer are one transaction; when ``act`` gives None all of it is given up and the key is free.
    Whoever acts under the same key is waited for. Raises KeyReused for another request, KeyBusy after 10 s.
    """
    try:
        with transaction():
            if not store.claim(asked, now, _PATIENCE):
                return _same(asked)
            store.keep(asked, _worth_keeping(act()))
    except _NothingToKeep:
        pass
    return None


def forget_old(now: datetime) -> int:
    """Delete answers that are kept no longer; how many."""
    with transaction():
        return store.forget(now - KEPT_FOR)


def forget_account(account: UUID) -> int:
    """Delete every answer kept for an account; how many."""
    with transaction():
        return store.forget_account(account)


def _worth_keeping(answer: Kept | None) -> Kept:
    if answer is None:
        raise _NothingToKeep
    return answer


def _same(asked: Asked) -> Kept:
    answer, digest = store.kept(asked)
    if digest != asked.digest:
        raise KeyReused
    return answer
