"""A city of its own for a walk: in a temporary folder, with synthetic residents and an officer, stopped at the end."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from madang.entrypoints.launch import launched
from madang.entrypoints.visitors import enter, token_for
from madang.entrypoints.walk.journey import Walked, Walker, walk
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId

_RESIDENTS = 24
_WALKING = "Walking a service for a test"
_FIRST = 100
"""The number of the first synthetic resident taken: the demonstration's own sign-ins have the small ones."""


def walk_services(wanted: Sequence[str]) -> Walked:
    """Drive ``wanted`` services, or all when none is named, to their outcomes. Raises ServiceUnknown, RuntimeError."""
    with (
        tempfile.TemporaryDirectory(prefix="madang-walk-") as folder,
        launched(Path(folder), environ={"MADANG_DEMO_RESIDENTS": "2000"}) as city,
    ):
        enter(city)
        from madang.records.catalogue import facade as catalogue

        services = [catalogue.service(one) for one in wanted] or catalogue.services()
        return asyncio.run(walk(services, _walkers(city.url), clock.now().date()))


def _walkers(url: str) -> Sequence[Walker]:
    from madang.records.registers.facade import population

    officer = token_for("walk-officer@seoul.example", "desk_lead")
    residents = population.some_residents(_FIRST, _RESIDENTS)
    alone = [
        Walker(url, token_for(f"walk{turn}@seoul.example", "resident", one), officer, _name(one))
        for turn, one in enumerate(residents)
    ]
    return [replace(one, beside=[*alone[turn + 1:], *alone[:turn]]) for turn, one in enumerate(alone)]


def _name(resident: ResidentId) -> str:
    from madang.records.registers import facade as registers
    from madang.records.registers.contracts import Permission, Register

    reader = Actor.system("walk", {Permission.READ})
    return registers.read(reader, Register.RESIDENTS, resident, ["name_ko"], _WALKING).fields["name_ko"]
