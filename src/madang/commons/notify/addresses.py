"""Where a resident is reached, and in which language: identity's word, asked anew each time."""

from dataclasses import dataclass
from typing import Final

from madang.commons.identity import facade as identity
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

_SCOPE: Final = "messages"
"""The scope of ``delegations.yaml`` in which a parent or guardian reads what the city writes."""


@dataclass(frozen=True, slots=True)
class Address:
    """A resident's language, and the e-mail address that they sign in with; empty when they have no account."""

    language: Language
    email: str
    through: ResidentId | None = None
    """The parent or guardian whose address it is, when the resident has no account of their own."""


def address_of(resident: ResidentId) -> Address:
    """How the resident is reached: by their own account, or by that of a parent or guardian who reads for them.

    For somebody without either it is Korean, and the inbox only.
    """
    if account := identity.account_of_resident(resident):
        return Address(account.language, account.email)
    if other := identity.stands_for(resident, _SCOPE):
        return Address(other.language, other.email, other.resident)
    return Address(Language.KO, "")
