"""A city of its own for a walk: in a temporary folder, with synthetic residents and an officer, stopped at the end."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from madang.entrypoints.launch import Launched, launched
from madang.entrypoints.walk.journey import Walked, Walker, walk
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId

_RESIDENTS = 24
_FIRST = 100
"""The number of the first synthetic resident taken: the demonstration's own sign-ins have the small ones."""


def walk_services(wanted: Sequence[str]) -> Walked:
    """Drive ``wanted`` services, or all when none is named, to their outcomes. Raises ServiceUnknown, RuntimeError."""
    with (
        tempfile.TemporaryDirectory(prefix="madang-walk-") as folder,
        launched(Path(folder), environ={"MADANG_DEMO_RESIDENTS": "2000"}) as city,
    ):
        _enter(city)
        from madang.records.catalogue import facade as catalogue

        services = [catalogue.service(one) for one in wanted] or catalogue.services()
        return asyncio.run(walk(services, _walkers(city.url), clock.now().date()))


def _enter(city: Launched) -> None:
    """Set Django up in this process on the running city's database."""
    os.environ["MADANG_INSTANCE"] = str(city.instance)
    os.environ["DJANGO_SETTINGS_MODULE"] = "madang.entrypoints.django_settings"
    import django

    django.setup()


def _walkers(url: str) -> Sequence[Walker]:
    from madang.records.registers.facade import population

    officer = _token("walk-officer@seoul.example", "desk_lead")
    residents = enumerate(population.some_residents(_FIRST, _RESIDENTS))
    return [Walker(url, _token(f"walk{turn}@seoul.example", "resident", one), officer) for turn, one in residents]


def _token(email: str, role: str, resident: ResidentId | None = None) -> str:
    from madang.commons.identity import facade as identity
    from madang.commons.identity.contracts import NewAccount
    from madang.commons.identity.contracts import Permission as OfIdentity

    maker = Actor.system("walk", {OfIdentity.MAKE_ACCOUNTS})
    post = "" if resident else "walking officer"
    new = NewAccount(email, secrets.token_urlsafe(24), role, resident=resident, post=post)
    account = identity.make_account(maker, new, clock.now())
    return identity.open_token_for(account.id, clock.now(), second_factor=True)
