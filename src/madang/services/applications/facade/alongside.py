"""What other rooms do when a case is sent, in its own transaction: a place is booked or the case is not sent."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from madang.services.applications.contracts import Alongside, Case


def go(case: Case, now: datetime) -> None:
    """Let every room do its part for a case that is being sent. Raises AnswersWrong; then nothing may be kept."""
    for takes_part in _rooms():
        takes_part(case, now)


@cache
def _rooms() -> Sequence[Alongside]:
    return [import_string(name) for name in settings.MADANG_ALONGSIDE]
