"""People for the tests of identity."""

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import NewAccount, Permission
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId, new_id

OPERATOR = Actor.system("tests", frozenset(Permission))
PASSWORD = "correct horse battery"


def resident(email="resident@seoul.example", **facts):
    new = NewAccount(email, PASSWORD, "resident", resident=ResidentId(new_id()), **facts)
    return identity.make_account(OPERATOR, new, clock.now())


def officer(email="officer@seoul.example", role="officer"):
    new = NewAccount(email, PASSWORD, role, department="Disability Welfare Division", post="officer 14")
    return identity.make_account(OPERATOR, new, clock.now())
