"""What is missing before a system gets an answer about a person, and what its question means."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from madang.commons.identity.provider.contracts import Ask, Need, Presence
from madang.kernel.assurance import Assurance

_SECOND = timedelta(seconds=1)
_LEVEL = "urn:madang:assurance:"
LEVELS: Sequence[str] = tuple(f"{_LEVEL}{level:d}" for level in Assurance if level)
"""What ``acr_values`` may name, lowest first: the city's levels of assurance 1 to 3."""


def acr(assurance: Assurance) -> str:
    """The authentication context class of a level."""
    return f"{_LEVEL}{assurance:d}"


def asked_assurance(acr_values: str) -> Assurance:
    """The level that would satisfy ``acr_values``: the lowest of those named, since any of them will do.

    A value that the city does not know asks for nothing (OpenID Connect Core 1.0, 2014, section 3.1.2.1: voluntary).
    """
    known = [Assurance(LEVELS.index(value) + 1) for value in acr_values.split() if value in LEVELS]
    return min(known, default=Assurance.NONE)


def missing(
    ask: Ask, present: Presence | None, *, consented: frozenset[str], asked_at: datetime, now: datetime
) -> Need:
    """The first thing that is still needed.

    ``consented`` is what the person allowed this system before; ``asked_at`` is when the question first came.
    """
    if present is None:
        return Need.SIGN_IN
    if not ask.system.people.includes(present.kind):
        return Need.NOT_THEIRS
    if _must_prove_again(ask, present, asked_at, now):
        return Need.SIGN_IN_AGAIN
    if present.assurance < ask.needed:
        return Need.MORE_ASSURANCE
    if "consent" in ask.prompts or not ask.scopes <= consented:
        return Need.CONSENT
    return Need.NOTHING


def _must_prove_again(ask: Ask, present: Presence, asked_at: datetime, now: datetime) -> bool:
    if ask.wants_fresh and present.proved < asked_at:
        return True
    # whole seconds, as claims keep them; max_age=0 asks as prompt=login does
    return ask.max_age is not None and not ask.wants_fresh and now - present.proved > ask.max_age + _SECOND


def wants_fresh_sign_in(prompts: frozenset[str], max_age: timedelta | None) -> bool:
    """Whether a proof that was given before the question does not count (Core 1.0, section 3.1.2.1)."""
    return bool(prompts & {"login", "select_account"}) or max_age == timedelta(0)
