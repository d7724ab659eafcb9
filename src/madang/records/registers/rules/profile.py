"""The registers as the profile describes them."""

from typing import Any

import msgspec

from madang.kernel.languages import Language, Text
from madang.records.registers.contracts import (
    DataClass,
    FieldInfo,
    FieldKind,
    FieldUnknown,
    Patience,
    Register,
    RegisterInfo,
)

Words = dict[Language, str]


class _Law(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    article: str
    year: int


class _Field(msgspec.Struct, forbid_unknown_fields=True):
    kind: FieldKind
    data_class: DataClass = msgspec.field(name="class")
    label: Words
    choices: dict[str, Words] = {}


class _Register(msgspec.Struct, forbid_unknown_fields=True):
    name: Words
    owner: Words
    law: _Law
    patience: Patience
    fields: dict[str, _Field]


class _Profile(msgspec.Struct, forbid_unknown_fields=True):
    registers: dict[Register, _Register]
    patience: Patience | None = None
    """Only an anchor for the registers below it."""


def registers(data: Any) -> dict[Register, RegisterInfo]:
    """Every register of ``registers.yaml``, as loaded. Raises ValueError that says where in the file and what."""
    profile = msgspec.convert(data, _Profile)
    if missing := set(Register) - set(profile.registers):
        message = f"registers.yaml does not describe {', '.join(sorted(missing))}"
        raise ValueError(message)
    return {register: _info(register, said) for register, said in profile.registers.items()}


def refuse_unknown(register: RegisterInfo, fields: list[str]) -> None:
    """Raise FieldUnknown for the first field that the register does not have."""
    for field in fields:
        if field not in register.fields:
            raise FieldUnknown(register=register.id, field=field)


def _info(register: Register, said: _Register) -> RegisterInfo:
    return RegisterInfo(
        id=register, name=Text(said.name), owner=Text(said.owner),
        law=f"{said.law.name} 제{said.law.article}조 ({said.law.year})",
        fields={name: _field(name, field) for name, field in said.fields.items()},
        patience=said.patience,
    )


def _field(name: str, said: _Field) -> FieldInfo:
    choices = {value: Text(words) for value, words in said.choices.items()}
    return FieldInfo(name, said.kind, said.data_class, Text(said.label), choices)
