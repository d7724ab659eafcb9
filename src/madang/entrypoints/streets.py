"""Gives the demonstration's street its key and the city's network, once the city is up."""

import threading

import structlog

from madang.entrypoints.settings import Settings

_NAME = "Signal controllers (simulation)"
_AFTER_S = 10.0
"""The city's own start goes first."""
_AGAIN_AFTER_S = 30.0

log = structlog.get_logger(__name__)


def start(settings: Settings, stop: threading.Event) -> None:
    """Play the street on a thread of its own until ``stop`` is set."""
    threading.Thread(target=_run, args=(settings, stop), daemon=True, name="street").start()


def _run(settings: Settings, stop: threading.Event) -> None:
    if stop.wait(_AFTER_S):
        return
    is_told = False
    while not stop.is_set():
        try:
            _play(settings, stop)
        except Exception:  # a thread's edge: the registers and the bank go on, and the street tries again
            if not is_told:
                log.exception("street.stopped", again_after_s=_AGAIN_AFTER_S)
            is_told = True
        if stop.wait(_AGAIN_AFTER_S):
            return


def _play(settings: Settings, stop: threading.Event) -> None:
    from madang.simulation import street
    from madang.streets.traffic_signals import facade

    street.play(facade.network(), street.Door(settings.public_url, _key()), stop)


def _key() -> str:
    """A fresh key of the simulation's partner; those of earlier starts end."""
    from madang.commons.gateway import facade as gateway
    from madang.commons.gateway.contracts import NewPartner, Permission
    from madang.kernel import clock
    from madang.kernel.actors import Actor
    from madang.streets.traffic_signals.contracts import Permission as OfSignals

    operator, now = Actor.system("simulation", frozenset(Permission)), clock.now()
    partner = next((one for one in gateway.partners(operator) if one.name == _NAME), None)
    if partner is None:
        new = NewPartner(_NAME, "Madang's simulation", "department", scopes=(OfSignals.REPORT,))
        partner = gateway.register_partner(operator, new, now)
    for key in gateway.keys_of(operator, partner.id):
        gateway.revoke_key(operator, partner.id, key.id, now)
    return gateway.make_key(operator, partner.id, now).text
