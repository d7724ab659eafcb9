"""Long lists in pages: ``limit``, ``after``, and ``next`` to ask on with."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field

from madang.commons.gateway.contracts import CursorUnknown
from madang.kernel.clock import in_seoul

_Item = TypeVar("_Item")


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
    after: Annotated[str | None, Field(max_length=200, description="The `next` of the page before.")] = None

    def newest_first(
        self, read: Callable[[datetime | None, int], Sequence[_Item]], moment: Callable[[_Item], datetime]
    ) -> Slice[_Item]:
        """A page of a list that goes back in time: ``read(before, limit)`` gives what lies before a moment.

        Raises CursorUnknown.
        """
        before = _moment(self.after) if self.after else None
        return self._slice(read(before, self.limit + 1), lambda item: moment(item).isoformat())

    def in_order(
        self, read: Callable[[str | None, int], Sequence[_Item]], key: Callable[[_Item], str]
    ) -> Slice[_Item]:
        """A page of a list in the order of a text key: ``read(after, limit)`` gives what follows a key."""
        return self._slice(read(_text(self.after) if self.after else None, self.limit + 1), key)

    def _slice(self, found: Sequence[Any], cursor: Callable[[Any], str]) -> Slice[Any]:
        items = found[: self.limit]
        more = len(found) > self.limit
        return Slice(items, urlsafe_b64encode(cursor(items[-1]).encode()).decode() if more else None)


def _text(cursor: str) -> str:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii")).decode("utf-8")
    except ValueError:
        raise CursorUnknown from None
    if not text.isprintable():
        raise CursorUnknown
    return text


def _moment(cursor: str) -> datetime:
    try:
        return in_seoul(datetime.fromisoformat(_text(cursor)))
    except (ValueError, OverflowError):
        raise CursorUnknown from None
