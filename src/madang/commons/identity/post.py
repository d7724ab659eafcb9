"""Letters that are put down as work; a page, or a facade, waits for none of them."""

from uuid import UUID

from madang.commons.identity import letters
from madang.commons.work.contracts import Retry
from madang.commons.work.facade import task
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language

_PATIENCE = Retry(attempts=10)


@task("identity.write_reset_letter", retry=_PATIENCE)
def write_reset_letter(account: UUID, language: Language) -> None:
    """Send the link of a forgotten password. Its secret is made here, so that none lies in the queue."""
    letters.reset(AccountId(account), language)


@task("identity.write_change_letter", retry=_PATIENCE)
def write_change_letter(account: UUID, change: str, language: Language) -> None:
    """Tell the holder that a way into the account has changed."""
    letters.changed(AccountId(account), change, language)


@task("identity.write_invitation", retry=_PATIENCE)
def write_invitation(email: str) -> None:
    """Tell an account's holder of an offer to act; whether there is one is found out here, where no page shows it."""
    letters.invited(email)


@task("identity.write_presence_code", retry=_PATIENCE)
def write_presence_code(navigator: UUID, email: str) -> None:
    """Send the code with which a resident says that they sit beside a navigator; it is made here."""
    letters.presence_code(AccountId(navigator), email)
