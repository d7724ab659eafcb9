"""What provisioning does by itself: forget what directories said of accounts that are long closed."""

from datetime import datetime

from madang.commons.identity.provisioning import facade
from madang.commons.work.facade import every


@every("27 4 * * *", "identity_provisioning.forget_old")
def forget_old(now: datetime) -> None:
    """Once a day: what is older than the manifest says is deleted."""
    facade.forget_old(now)
