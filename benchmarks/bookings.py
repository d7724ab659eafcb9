"""Last places: two hundred people at once for each, through the real door, beside a bare UPDATE.

``requests_per_s`` is of whole requests (``applications.apply``: case, place, audit, message, event) by 16 threads;
``bare_update_per_s`` is the limit: the one statement that takes a place, alone, by the same threads. Each
request opens a database connection of its own, in both.
``overbooked`` counts places given beyond capacity, and must be 0.
"""

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

_THREADS = 16
_AT_ONCE = 200
_SERVICE = "museum-tour-booking"


def measure(*, quick: bool) -> dict[str, Any]:
    """Requests a second for last places, and how many places too many were given."""
    from madang.commons.db import embedded

    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            os.environ |= {
                "MADANG_INSTANCE": folder, "MADANG_DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "madang.entrypoints.django_settings",
            }
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            return _figures(rounds=2 if quick else 10)
        finally:
            server.stop()


def _figures(rounds: int) -> dict[str, Any]:
    from django.db import connections
    from django.db.models import F

    from madang.kernel import clock
    from madang.records.catalogue.contracts import ServiceId
    from madang.services.bookings import facade
    from madang.services.bookings.models import SlotRow

    now = clock.now()
    slots = facade.open_slots(ServiceId(_SERVICE), now, limit=200)[-rounds:]
    SlotRow.objects.filter(id__in=[one.id for one in slots]).update(taken=F("capacity") - 1)
    booked, seconds = 0, 0.0
    for slot in slots:
        said, took = _at_once(partial(_ask, str(slot.id), now))
        booked, seconds = booked + sum(said), seconds + took
    over = sum(max(0, row.taken - row.capacity) for row in SlotRow.objects.all()) + max(0, booked - len(slots))
    last = slots[-1].id
    SlotRow.objects.filter(id=last).update(taken=0, capacity=1_000_000)
    one_place = SlotRow.objects.filter(id=last, taken__lt=F("capacity"))
    _, bare = _at_once(lambda: bool(one_place.all().update(taken=F("taken") + 1)))
    connections.close_all()
    return {
        "last_places": len(slots), "requests": len(slots) * _AT_ONCE, "booked": booked, "overbooked": over,
        "requests_per_s": round(len(slots) * _AT_ONCE / seconds, 1), "bare_update_per_s": round(_AT_ONCE / bare, 1),
    }


def _at_once(call: Callable[[], bool], start: Callable[[], None] | None = None) -> tuple[list[bool], float]:
    from django.db import connections

    def one(_: int) -> bool:
        try:
            return call()
        finally:
            connections.close_all()

    if start:
        start()
    begun = time.perf_counter()
    with ThreadPoolExecutor(_THREADS) as pool:
        said = list(pool.map(one, range(_AT_ONCE)))
    return said, time.perf_counter() - begun


def _ask(slot: str, now: Any) -> bool:
    """A whole request of a synthetic resident of its own; whether they got the place."""
    from madang.kernel.actors import Actor, ActorKind
    from madang.kernel.assurance import Assurance
    from madang.kernel.ids import AccountId, ResidentId, new_id
    from madang.kernel.languages import Language
    from madang.records.catalogue import facade as catalogue
    from madang.records.catalogue.contracts import ServiceId
    from madang.services.applications import facade as applications
    from madang.services.applications.contracts import AnswersWrong, Permission

    service = catalogue.service(ServiceId(_SERVICE))
    typed = {one.name: one.choices[0].value if one.choices else one.default or "1" for one in service.fields()}
    typed |= {service.slot_question: slot, "phone": "010-0000-0000"}
    actor = Actor(
        ActorKind.RESIDENT, "resident", AccountId(new_id()), ResidentId(new_id()), frozenset(Permission),
        Assurance.SUBSTANTIAL,
    )
    try:
        applications.apply(actor, service.id, typed, Language.KO, now, reading={})
    except AnswersWrong as wrong:
        if [mistake.code for mistake in wrong.mistakes] != ["gone"]:
            raise
        return False
    return True
