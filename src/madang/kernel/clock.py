"""Time in the city: aware datetimes in Asia/Seoul, handed in as an argument wherever something is decided."""

from datetime import datetime
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """The present moment, aware, in Asia/Seoul. Only edges call this; rules are given the time."""
    return datetime.now(SEOUL)


def in_seoul(moment: datetime) -> datetime:
    """The same moment on Seoul's clock. Raises ValueError for a naive datetime, whose place is unknown."""
    if moment.tzinfo is None:
        message = f"{moment.isoformat()} has no time zone; give one, for example +09:00"
        raise ValueError(message)
    return moment.astimezone(SEOUL)
