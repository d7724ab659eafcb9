"""What foreign identity does by itself: end links that were kept as long as was declared."""

from datetime import datetime

from madang.commons.identity.foreign import facade
from madang.commons.work.facade import every


@every("29 3 * * *", "identity_foreign.end_old_links")
def end_old_links(now: datetime) -> None:
    """Once a day: what is older than the manifest says is deleted."""
    facade.end_old(now)
