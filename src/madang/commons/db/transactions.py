"""The transaction that a facade opens: all of what it does is kept, or none of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db import transaction as django_transaction


@contextmanager
def transaction() -> Iterator[None]:
    """Keep everything done inside, or nothing. Nested, it is part of the outer one."""
    with django_transaction.atomic():
        yield


def after_commit(call: Callable[[], object]) -> None:
    """Call once the outermost transaction has been kept; never when it was given up."""
    django_transaction.on_commit(call)


def in_transaction() -> bool:
    """Whether a transaction is open on this thread's connection."""
    return connection.in_atomic_block
