"""What the registers tell identity about families; identity lies below them and may not ask itself."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from madang.commons.identity.contracts.delegations import LOOKING_FOR_CHILDREN, NAMING_BOTH_SIDES, Minor
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Permission, Register

_IDENTITY: Final = Actor.system("identity", {Permission.READ})


class FromRegisters:
    """Families as the register of households shows them."""

    def minors_of(self, resident: ResidentId) -> Sequence[Minor]:
        """The minors of the household that this resident heads, alone or as the head's spouse."""
        try:
            said = registers.read(_IDENTITY, Register.HOUSEHOLDS, resident, ["children"], LOOKING_FOR_CHILDREN)
        except EntryMissing:
            return ()
        return [_minor(ResidentId(UUID(one))) for one in said.fields.get("children", "").split()]

    def name_of(self, resident: ResidentId) -> str:
        """The Korean name. Raises EntryMissing."""
        said = registers.read(_IDENTITY, Register.RESIDENTS, resident, ["name_ko"], NAMING_BOTH_SIDES)
        return said.fields.get("name_ko", "")


def _minor(child: ResidentId) -> Minor:
    said = registers.read(_IDENTITY, Register.RESIDENTS, child, ["name_ko", "birth_date"], LOOKING_FOR_CHILDREN)
    return Minor(child, said.fields["name_ko"], date.fromisoformat(said.fields["birth_date"]))
