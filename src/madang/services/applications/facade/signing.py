"""Several people and one request: invite, read, sign or decline, and go on when everybody signed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import AccountUnknown
from madang.commons.identity.contracts import Permission as OfIdentity
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.errors import BeyondDelegation
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Register
from madang.records.registers.contracts import Permission as OfRegisters
from madang.services.applications import store
from madang.services.applications.contracts import Case, CaseId, Permission, Standing
from madang.services.applications.contracts.parties import InvitationUnknown, Party, PartyStanding
from madang.services.applications.facade import residents, told
from madang.services.applications.rules import asking, signing
from madang.services.applications.store import parties

_ROOM = Actor.system("applications", {OfRegisters.READ, OfIdentity.SEE_ACCOUNTS})
READING_TO_SIGN = to_translate("Reading a request to sign it with you")
_NAMES = ("name_ko", "name_en")
_CODE_BITS = 128


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it was made; ``code`` is shown this once, to be given to the one invited."""

    party: Party
    code: str


@dataclass(frozen=True, slots=True)
class ToSign:
    """A request as the one invited reads it."""

    case: Case
    service: Service
    party: Party


def invite(actor: Actor, number: str, name: str, email: str, now: datetime) -> Invitation:
    """Invite a named person to sign, or to apply together, as the service says; in their inbox too when they have one.

    The answer tells nothing of who has an account. Raises NobodySigns, AnswerMissing for no name, CaseUnknown.
    """
    actor.require(Permission.APPLY)
    code = signing.code_from(secrets.randbits(_CODE_BITS))
    with transaction():
        case = residents.locked_own(actor, number)
        service = catalogue.service(case.service)
        signing.require_invitable(case, service, parties.of_case(case.id))
        until = now + store.promises().signature_kept
        named = asking.readable(name, "name")
        party = Party(new_id(), case.id, signing.capacity(service), named, now, until)
        parties.add(party, signing.kept_code(code))
        if invited := _resident_at(email, now):
            facts: dict[str, str | Text] = {"service": service.name, "number": case.number, "code": code}
            facts["until"] = until.isoformat()
            notify.tell(invited, "signature_invited", facts, link="/sign/", about=party.id)
        told.record(actor, "applications.invite", case)
    return Invitation(party, code)


def parties_of(actor: Actor, number: str) -> Sequence[Party]:
    """Who was invited to a request of the resident's own, the first first. Raises CaseUnknown."""
    return parties.of_case(residents.case_of(actor, number).id)


def take_back(actor: Actor, number: str, party_id: UUID, now: datetime) -> None:
    """Take back an invitation that is not answered yet. Raises InvitationUnknown, CaseUnknown."""
    actor.require(Permission.APPLY)
    with transaction():
        case = residents.locked_own(actor, number)
        party = next((one for one in parties.of_case(case.id) if one.id == party_id and one.is_open(now)), None)
        if party is None:
            raise InvitationUnknown
        parties.save(replace(party, standing=PartyStanding.ENDED))
        told.record(actor, "applications.take_back_invitation", case)
        _go_on(actor, case, now)


def read_to_sign(actor: Actor, code: str, now: datetime) -> ToSign:
    """A request as the one invited reads it before they answer; recorded for its resident.

    Raises InvitationUnknown, NotTheOneInvited, SignInNeeded, BeyondDelegation for whoever acts for another.
    """
    party, case, _ = _opened(actor, code, now)
    with transaction():
        audit.record(
            actor, "applications.read_to_sign", purpose=READING_TO_SIGN, subject=case.resident, about=case.id,
            fields=sorted(case.answers),
        )
    return ToSign(case, catalogue.service(case.service), party)


def answer_invitation(actor: Actor, code: str, now: datetime, *, signs: bool) -> Case:
    """Sign or decline, with one's own sign-in; the request goes on when everybody has signed.

    Raises as ``read_to_sign`` does, and AssuranceTooLow below what the service needs of those who sign.
    """
    _, seen, resident = _opened(actor, code, now)
    if signs:
        actor.require_assurance(catalogue.service(seen.service).assurance)
    with transaction():
        case = store.lock(seen.id)
        party = signing.answered(_party(code), resident, case, now, signs=signs)
        parties.save(party)
        told.tell(case, "signature_answered", about=party.id, name=party.name)
        action = "applications.sign" if signs else "applications.decline_to_sign"
        audit.record(actor, action, purpose=READING_TO_SIGN, subject=case.resident, about=case.id)
        return _go_on(actor, case, now)


def end_invitations(now: datetime) -> int:
    """End invitations whose time is over and tell who sent them; how many. Run twice, the second finds none."""
    with transaction():
        ended = parties.lock_over(now)
        for party in ended:
            case = store.lock(CaseId(party.case))
            parties.save(replace(party, standing=PartyStanding.ENDED))
            told.tell(case, "signature_answered", about=party.id, name=party.name)
            _go_on(_ROOM, case, now)
    return len(ended)


def _opened(actor: Actor, code: str, now: datetime) -> tuple[Party, Case, ResidentId]:
    actor.require(Permission.APPLY)
    if actor.acting:
        raise BeyondDelegation
    resident, party = actor.the_resident(), _party(code)
    case = store.find(CaseId(party.case))
    if not party.is_open(now) or case.standing is not Standing.AWAITING_SIGNATURES:
        raise InvitationUnknown
    signing.require_named(party, resident, case, _registered(resident))
    return party, case, resident


def _party(code: str) -> Party:
    party = parties.with_code(signing.kept_code(code))
    if party is None:
        raise InvitationUnknown
    return party


def _registered(resident: ResidentId) -> Mapping[str, str]:
    try:
        return registers.read(_ROOM, Register.RESIDENTS, resident, _NAMES, told.OWN_REQUEST).fields
    except EntryMissing:
        return {}


def _resident_at(email: str, now: datetime) -> ResidentId | None:
    try:
        return identity.account_of_email(_ROOM, email.strip().lower(), now).resident if email.strip() else None
    except AccountUnknown:
        return None


def _go_on(actor: Actor, case: Case, now: datetime) -> Case:
    service = catalogue.service(case.service)
    if case.standing is not Standing.AWAITING_SIGNATURES or not signing.is_complete(
        service, case, parties.of_case(case.id), now
    ):
        return case
    after = store.save(signing.all_signed(case, actor, now, told.due(service, now)), now)
    residents.tell_of_submission(actor, after, now)
    return after


