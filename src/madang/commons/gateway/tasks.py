"""What the gateway does by the clock."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from madang.commons.gateway import envoy, facade
from madang.commons.gateway.front import certificates
from madang.commons.work.facade import every


@every("17 * * * *", "gateway.forget_answers")
def forget_answers(now: datetime) -> None:
    """Forget answers whose Idempotency-Key has run out."""
    facade.forget_old(now)


@every("29 3 * * *", "gateway.forget_use")
def forget_use(now: datetime) -> None:
    """Forget what partners asked longer ago than it is kept."""
    facade.forget_old_use(now)


@every("* * * * *", "gateway.keep_time")
def keep_time(now: datetime) -> None:
    """Let the front announce and end what is announced and ends by now."""
    folder = Path(settings.MADANG_INSTANCE) / "gateway"
    if (folder / "front.json").exists():
        envoy.take_up(envoy.described(folder), facade.current_rules(), now)


@every("23 3 * * *", "gateway.renew_certificate")
def renew_certificate(now: datetime) -> None:
    """Renew the instance's own certificate a month before its end; the front takes it up while it runs."""
    certificates.renew(Path(settings.MADANG_INSTANCE) / "keys", now)
