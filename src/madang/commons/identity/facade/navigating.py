"""The door to sitting beside somebody: a navigator acts for a resident who is present, for one visit.

Presence is proved by a code that the resident receives and reads out. What is done is recorded with both.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest

from madang.commons.db.transactions import transaction
from madang.commons.identity import post, rules, store
from madang.commons.identity.contracts import Permission, TooManyAttempts
from madang.commons.identity.contracts.centre import PresenceCodeWrong
from madang.commons.identity.contracts.delegations import Consent, Delegation, DelegationId, Kind, Standing
from madang.commons.identity.facade import acting
from madang.commons.identity.rules import delegations as of_acting
from madang.commons.identity.store import attempts
from madang.commons.identity.store import delegations as rows
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import SignInNeeded
from madang.kernel.ids import AccountId, new_id


def require_navigator(actor: Actor) -> AccountId:
    """The navigator's account. Raises NotPermitted, AssuranceTooLow, SignInNeeded."""
    actor.require(Permission.NAVIGATE)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    if actor.account is None:
        raise SignInNeeded
    return actor.account


def ask(actor: Actor, email: str, now: datetime) -> None:
    """Have a code sent to the resident with this e-mail address; whether there is one is not told.

    The code is made where it is sent, so that none lies in the queue, and is good for ten minutes, once.
    Raises TooManyAttempts after a handful: nobody is flooded with codes.
    """
    navigator, address = require_navigator(actor), email.strip().lower()
    _refuse_too_many(f"ask {navigator} {address}", now)
    post.write_presence_code.defer(navigator=navigator, email=address)


def begin(
    request: HttpRequest, actor: Actor, read_out: tuple[str, str], scopes: Sequence[str], now: datetime
) -> Delegation:
    """Act for the resident from the next request on, for the profile's minutes at most.

    ``read_out`` is the e-mail address and the code. Wrong codes count; call it outside a transaction. Raises
    PresenceCodeWrong, DelegationNotAllowed, TooManyAttempts, NotPermitted, AssuranceTooLow.
    """
    navigator, email = require_navigator(actor), read_out[0].strip().lower()
    kind = rows.policy().kinds[Kind.NAVIGATOR]
    of_acting.refuse_beyond(kind, scopes, Consent.CODE)
    _refuse_too_many(f"tell {navigator} {email}", now)
    resident = store.account_of_email(email, now)
    if not store.spend_presence_code(navigator, email, read_out[1]) or resident is None or resident.resident is None:
        raise PresenceCodeWrong
    name = rows.families().name_of(resident.resident)
    made = Delegation(
        DelegationId(new_id()), Kind.NAVIGATOR, resident.resident, name, navigator, None, actor.name, tuple(scopes),
        kind.services, now, now + kind.longest, Consent.CODE, Standing.ACTIVE, awaits_delegate=False,
    )
    with transaction():
        acting.keep(actor, made, now, officer=navigator)
        acting.begin(request, actor, made.id, now)
    return made


def _refuse_too_many(what: str, now: datetime) -> None:
    allowed = store.policy()
    key = rules.email_key(what)
    if attempts.note({key: allowed.attempts}, now, allowed.attempts_within)[key] > allowed.attempts:
        raise TooManyAttempts(minutes=int(allowed.attempts_within / timedelta(minutes=1)))
