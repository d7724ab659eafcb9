"""What the provider does by itself: tell systems of a sign-out, rotate keys, forget."""

from datetime import datetime
from uuid import UUID

from madang.commons.identity.provider import facade
from madang.commons.work.contracts import Retry
from madang.commons.work.facade import every, task
from madang.kernel import clock


@task("identity_provider.tell_system", retry=Retry(attempts=8))
def tell_system(sign_in: UUID) -> None:
    """Tell a system that somebody's session has ended; told twice, it finds nothing to end."""
    facade.send_logout(sign_in, clock.now())


@every("7 3 * * *", "identity_provider.keep_keys")
def keep_keys(now: datetime) -> None:
    """Announce the next signing key, delete those that nothing rests on."""
    facade.keep_keys(now)


@every("41 * * * *", "identity_provider.forget")
def forget(now: datetime) -> None:
    """Delete consents, sign-ins and tokens that have run out."""
    facade.forget_ended(now)
