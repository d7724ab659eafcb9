"""Who can be warned: residents with an account, by the district and language that the registers and the account say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import Permission as OfIdentity
from madang.commons.notify import facade as notify
from madang.commons.notify.contracts import TAKING_OVER
from madang.commons.notify.contracts import Permission as OfNotify
from madang.kernel.actors import Actor
from madang.kernel.languages import Language
from madang.records.places import facade as places
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Register
from madang.records.registers.contracts import Permission as OfRegisters

_NOTIFY: Final = Actor.system("notify", {OfIdentity.SEE_ACCOUNTS, OfRegisters.READ, OfNotify.SET_FOR_RESIDENT})
_EVERYBODY: Final = 100_000_000


def take_over_account_holders(now: datetime) -> int:
    """Bring every resident with an account into the audience of broadcasts; how many there are.

    Each reading of the register is recorded for the resident. No e-mail address is copied: identity is asked when a
    broadcast goes out. Done again, it follows those who moved. Raises RegisterUnavailable.
    """
    lines = list(_lines(now))
    notify.take_over(_NOTIFY, lines, now)
    return len(lines)


def _lines(now: datetime) -> Iterator[tuple[UUID, str, str, str, str]]:
    codes = {district.name.into(Language.KO): district.code for district in places.districts()}
    for account in identity.accounts(_NOTIFY, now, _EVERYBODY):
        if account.resident is None:
            continue
        try:
            said = registers.read(_NOTIFY, Register.HOUSEHOLDS, account.resident, ["district"], TAKING_OVER).fields
        except EntryMissing:
            said = {}
        yield account.resident, account.language.value, codes.get(said.get("district", ""), ""), "account", ""
