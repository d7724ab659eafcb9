"""How large an answer may be: a mistake in a query must not send out a whole table."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpResponse

from madang.commons.gateway.policy import rulebook

_MOST_KILOBYTES: Final = 16_384


def is_too_large(path: str, response: HttpResponse) -> bool:
    """Whether the answer is larger than its room's ``Limit`` allows; one that is streamed is its view's own matter."""
    if response.streaming:
        return False
    size = len(response.content)
    return size > 1024 and size > _limit(path) * 1024  # noqa: PLR2004 -- a small answer need not be looked up


def _limit(path: str) -> int:
    folder = Path(settings.MADANG_INSTANCE) / "gateway"
    try:
        limits = _limits(folder, rulebook.version(folder))
    except FileNotFoundError:
        return _MOST_KILOBYTES
    return next((kilobytes for prefix, kilobytes in limits if path.startswith(prefix)), _MOST_KILOBYTES)


@lru_cache(maxsize=2)
def _limits(folder: Path, version: int) -> list[tuple[str, int]]:  # noqa: ARG001 -- read anew when it changes
    found = [(one.prefix, one.answer_kilobytes) for one in rulebook.read(folder).limits]
    return sorted(found, key=lambda one: -len(one[0]))
