"""What the gateway does by the clock."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from madang.commons.gateway import facade
from madang.commons.gateway.front import certificates
from madang.commons.work.facade import every


@every("17 * * * *", "gateway.forget_answers")
def forget_answers(now: datetime) -> None:
    """Forget answers whose Idempotency-Key has run out."""
    facade.forget_old(now)


@every("23 3 * * *", "gateway.renew_certificate")
def renew_certificate(now: datetime) -> None:
    """Renew the instance's own certificate a month before its end; the front takes it up while it runs."""
    certificates.renew(Path(settings.MADANG_INSTANCE) / "keys", now)
