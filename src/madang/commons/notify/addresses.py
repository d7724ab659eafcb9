"""Where a resident is reached, and in which language: identity's word, asked anew each time."""

from dataclasses import dataclass

from madang.commons.identity import facade as identity
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language


@dataclass(frozen=True, slots=True)
class Address:
    """A resident's language, and the e-mail address that they sign in with; empty when they have no account."""

    language: Language
    email: str


def address_of(resident: ResidentId) -> Address:
    """How the resident is reached. Somebody without an account is written to in Korean, in the inbox only."""
    account = identity.account_of_resident(resident)
    return Address(account.language, account.email) if account else Address(Language.KO, "")
