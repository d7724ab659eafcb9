"""A request of several people: who is invited, what they sign, and when it goes on.

The services' own laws say who must sign; who applies together stands with the same rights. What is signed is the
digest of the answers as they stood, so that nothing can be changed under a signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.records.catalogue.contracts import Service
from madang.services.applications.contracts import Case, Standing
from madang.services.applications.contracts.parties import (
    Capacity,
    InvitationUnknown,
    NobodySigns,
    NotTheOneInvited,
    Party,
    PartyStanding,
)
from madang.services.applications.rules import moves, numbers

MOST_PARTIES: Final = 8
_CODE_LETTERS: Final = 12
_GROUP: Final = 4


def needs_others(service: Service) -> bool:
    """Whether a request for this service waits for a second person."""
    return service.signatures > 1


def require_invitable(case: Case, service: Service, parties: Sequence[Party]) -> None:
    """Raise NobodySigns when nobody can be invited to the case."""
    places = sum(one.standing is not PartyStanding.ENDED for one in parties)
    waits = case.standing is Standing.AWAITING_SIGNATURES
    if not (needs_others(service) and waits and places < MOST_PARTIES):
        raise NobodySigns(case=case.number)


def code_from(random: int) -> str:
    """An invitation's code from a random number of 128 bits: twelve letters that nobody mistakes, 59 bits."""
    letters = ""
    for _ in range(_CODE_LETTERS):
        random, place = divmod(random, len(numbers.ALPHABET))
        letters += numbers.ALPHABET[place]
    return "-".join(letters[at:at + _GROUP] for at in range(0, _CODE_LETTERS, _GROUP))


def kept_code(typed: str) -> str:
    """What is kept of a code, however it was typed: nobody who reads the table can use it."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    return sha256(plain.encode("utf-8", "replace")).hexdigest()


def digest(case: Case) -> str:
    """The digest of what is signed: the service and every answer, in order."""
    lines = [case.service, *(f"{name}={answer.value}" for name, answer in sorted(case.answers.items()))]
    return sha256("\n".join(lines).encode()).hexdigest()


def require_named(party: Party, resident: ResidentId, case: Case, registered: Mapping[str, str]) -> None:
    """Raise NotTheOneInvited unless the register gives the reader the invited name, and it is a second person."""
    names = {_plain(registered.get(field, "")) for field in ("name_ko", "name_en")} - {""}
    if resident == case.resident or _plain(party.name) not in names:
        raise NotTheOneInvited


def answered(party: Party, resident: ResidentId, case: Case, now: datetime, *, signs: bool) -> Party:
    """The party with their answer. Raises InvitationUnknown when it is not open any more."""
    if not party.is_open(now) or case.standing is not Standing.AWAITING_SIGNATURES:
        raise InvitationUnknown
    standing = PartyStanding.SIGNED if signs else PartyStanding.DECLINED
    signed = digest(case) if signs else ""
    return replace(party, standing=standing, resident=resident, answered=now, digest=signed)


def is_complete(service: Service, case: Case, parties: Sequence[Party], now: datetime) -> bool:
    """Whether enough people signed these very answers, each another one, and nobody's answer is still waited for."""
    signed = {one.resident for one in parties if one.standing is PartyStanding.SIGNED and one.digest == digest(case)}
    waiting = any(one.is_open(now) for one in parties)
    return not waiting and len(signed - {case.resident, None}) + 1 >= service.signatures


def to_be_signed(case: Case, actor: Actor, now: datetime) -> Case:
    """A draft whose answers stand: it waits for whoever signs with its resident."""
    waits = moves.moved(case, Standing.AWAITING_SIGNATURES, actor, now)
    return replace(waits, submitted=now, assurance=actor.assurance)


def all_signed(case: Case, actor: Actor, now: datetime, due: datetime) -> Case:
    """A case that everybody signed: it waits for its fee, or for review. The city's time begins here."""
    to = Standing.AWAITING_PAYMENT if case.fee else Standing.IN_REVIEW
    return replace(moves.moved(case, to, actor, now), due=due)


def capacity(service: Service) -> Capacity:
    """As what somebody is invited."""
    return Capacity.APPLICANT if service.joint else Capacity.SIGNER


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
