"""The door to the registers: a field at a time, for a purpose, and never without a trace."""

from collections.abc import Sequence

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import in_transaction, transaction
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.records.registers.contracts import (
    EntryMissing,
    Line,
    LineState,
    Permission,
    Record,
    Register,
    RegisterInfo,
)
from madang.records.registers.facade.lines import line_to
from madang.records.registers.rules import answers
from madang.records.registers.rules import profile as rules
from madang.records.registers.store import entries, profile
from madang.records.registers.store import lines as line_store


def read(
    actor: Actor, register: Register, resident: ResidentId, fields: Sequence[str], purpose: str
) -> Record:
    """The ``fields`` of the resident's entry in ``register``, asked for together; the access is audited.

    ``purpose`` is what the resident reads about why. A register over HTTP must not be asked inside an open
    transaction: the city's rows would stay locked while somebody else's computer thinks (RuntimeError).
    Raises SignInNeeded, NotPermitted, FieldUnknown, EntryMissing, RegisterUnavailable.
    """
    actor.require(Permission.READ)
    register = Register(register)
    asked = list(dict.fromkeys(fields))
    rules.refuse_unknown(profile.registers()[register], asked)
    if settings.MADANG_REGISTERS == "http" and in_transaction():
        message = f"read({register}) inside an open transaction: ask first, then open it"
        raise RuntimeError(message)
    entry = line_to(register).fetch(resident, asked)
    _record(actor, register, resident, asked, purpose)
    if entry is None:
        raise EntryMissing(register=register)
    return Record(register, resident, entry.fields, entry.as_of)


def about(register: Register) -> RegisterInfo:
    """What the register is called, who keeps it, on which law, and what its fields are."""
    return profile.registers()[Register(register)]


def state() -> Sequence[Line]:
    """What the city's processes last found about every register, in the order of Register."""
    known = line_store.lines()
    return [known.get(register, Line(register, LineState.CLOSED, None, "")) for register in Register]


def answer_as_register(register: Register, resident: ResidentId, fields: Sequence[str]) -> bytes | None:
    """What the register itself would say on the wire, from the synthetic tables: for the stand-in outside, nobody else.

    No permission and no audit: these are the owner's, who is not the city. Raises FieldUnknown.
    """
    asked = list(dict.fromkeys(fields))
    rules.refuse_unknown(profile.registers()[register], asked)
    entry = entries.entry_of(register, resident, asked, clock.now())
    return answers.write(entry) if entry else None


def _record(actor: Actor, register: Register, resident: ResidentId, fields: Sequence[str], purpose: str) -> None:
    names = [f"{register}.{field}" for field in fields]
    with transaction():
        audit.record(actor, "registers.read", purpose=purpose, subject=resident, fields=names)
