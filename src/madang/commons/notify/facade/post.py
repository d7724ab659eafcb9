"""What the printing house says of letters: handed over against a signature, or come back."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from madang.commons.notify.facade.carrying import receive_post


def read_post(now: datetime) -> int:
    """Read every ``receipts.json`` in ``<instance>/outbound/letters``; how many letters it was news of.

    A receipt is ``{"letters": [{"id", "handed_over": true or false}]}``. A file is renamed once it was read.
    """
    news = 0
    for file in sorted((Path(settings.MADANG_INSTANCE) / "outbound" / "letters").glob("*/receipts.json")):
        told = json.loads(file.read_text(encoding="utf-8"))["letters"]
        news += receive_post([(UUID(one["id"]), bool(one["handed_over"])) for one in told], now)
        file.rename(file.with_name("receipts.read.json"))
    return news
