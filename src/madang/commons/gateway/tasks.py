"""What the gateway does by the clock."""

from datetime import datetime

from madang.commons.gateway import facade
from madang.commons.work.facade import every


@every("17 * * * *", "gateway.forget_answers")
def forget_answers(now: datetime) -> None:
    """Forget answers whose Idempotency-Key has run out."""
    facade.forget_old(now)
