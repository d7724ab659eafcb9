"""What identity does by itself: write letters."""

from uuid import UUID

from madang.commons.identity import facade
from madang.commons.work.contracts import Retry
from madang.commons.work.facade import task
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language

_PATIENCE = Retry(attempts=10)


@task("identity.write_reset_letter", retry=_PATIENCE)
def write_reset_letter(account: UUID, language: Language) -> None:
    """Send the link of a forgotten password. Its secret is made here, so that none lies in the queue."""
    facade.send_reset_letter(AccountId(account), language)


@task("identity.write_change_letter", retry=_PATIENCE)
def write_change_letter(account: UUID, change: str, language: Language) -> None:
    """Tell the holder that a way into the account has changed."""
    facade.send_change_letter(AccountId(account), change, language)
