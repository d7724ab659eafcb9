"""Long lists in pages: ``limit``, ``after``, and ``next`` to ask on with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Generic, TypeVar

from ninja import Schema
from pydantic import Field

from madang.kernel.clock import SEOUL

_Item = TypeVar("_Item")

_EPOCH: Final = datetime(1970, 1, 1, 9, tzinfo=SEOUL)
_CURSOR: Final = "^[0-9]{16}$"
"""Microseconds since 1970: every text of this form is a moment, so the document says all that there is to check."""


class Page(Schema, Generic[_Item]):
    """A part of a list. Ask with ``after`` = ``next`` for what follows; ``next`` is null at the end."""

    items: list[_Item]
    next: str | None = Field(None, description="Hand it in as `after` to get the next page; null when there is none.")


@dataclass(frozen=True, slots=True)
class Slice(Generic[_Item]):
    """What a route returns for a ``Page``."""

    items: Sequence[_Item]
    next: str | None


class Paging(Schema):
    """Which part of a list is asked for. Use as ``paging: Query[Paging]``."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many items at most.")] = 50
    after: Annotated[str, Field(pattern=_CURSOR, description="The `next` of the page before.")] | None = None

    def newest_first(
        self, read: Callable[[datetime | None, int], Sequence[_Item]], moment: Callable[[_Item], datetime]
    ) -> Slice[_Item]:
        """A page of a list that goes back in time: ``read(before, limit)`` gives what lies before a moment."""
        before = _EPOCH + timedelta(microseconds=int(self.after)) if self.after else None
        found = read(before, self.limit + 1)
        items = found[: self.limit]
        return Slice(items, _cursor(moment(items[-1])) if len(found) > self.limit else None)


def _cursor(moment: datetime) -> str:
    return f"{(moment - _EPOCH) // timedelta(microseconds=1):016d}"
