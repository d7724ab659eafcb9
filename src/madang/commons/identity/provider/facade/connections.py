"""What a person allowed, and taking it back; the end of a browser's session; what is forgotten."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity.provider.contracts import Connection, ConnectionUnknown
from madang.commons.identity.provider.store import consents, sign_ins
from madang.kernel.actors import Actor
from madang.kernel.errors import SignInNeeded
from madang.kernel.ids import AccountId


def connections(actor: Actor, now: datetime) -> list[Connection]:
    """The systems that the actor has let learn who they are. Raises SignInNeeded."""
    return consents.connections(_account(actor), now)


def withdraw(actor: Actor, connection: UUID, now: datetime) -> None:
    """Take a consent back: the system is asked anew, its tokens end now. Raises SignInNeeded, ConnectionUnknown."""
    account = _account(actor)
    with transaction():
        system = consents.withdraw(account, connection)
        if system is None:
            raise ConnectionUnknown
        sign_ins.end(sign_ins.open_of(account, system), now)
        audit.record(actor, "identity_provider.withdraw", purpose=f"let {system} learn nothing any more",
                     subject=actor.subject, about=connection)


def end_session(session: UUID, now: datetime, have_told: Callable[[UUID], None]) -> None:
    """End what came from a browser's session; ``have_told`` puts down that a sign-in's system is to be told."""
    with transaction():
        ended = sign_ins.open_in_session(session)
        sign_ins.end(ended, now)
        for one in ended:
            have_told(one)


def forget_ended(now: datetime) -> int:
    """Delete what has run out. How many rows."""
    with transaction():
        return sign_ins.forget(now) + consents.forget(now)


def _account(actor: Actor) -> AccountId:
    if actor.account is None:
        raise SignInNeeded
    return actor.account
