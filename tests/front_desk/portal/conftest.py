"""A resident of the demonstration in front of the portal, known as surely as a test says."""

from collections.abc import Callable

import pytest
from django.test import Client

from madang.commons.gateway import edge
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.records.registers.facade import population
from madang.services.applications.contracts import Permission
from madang.services.certificates.contracts import Permission as OfCertificates
from madang.services.payments.contracts import Permission as OfPayments

MAY = frozenset({
    Permission.APPLY, Permission.SEE_OWN, OfPayments.PAY, OfPayments.SEE_OWN, OfCertificates.SEE_OWN,
})


def resident(who: ResidentId, assurance: Assurance) -> Actor:
    return Actor(ActorKind.RESIDENT, "resident", AccountId(new_id()), who, MAY, assurance)


@pytest.fixture
def residents(db) -> dict[str, ResidentId]:
    population.make(0)
    return {one.key: one.id for one in population.demo_residents()}


@pytest.fixture
def sign_in(monkeypatch, residents) -> Callable[..., Client]:
    """Sign in as one of the demonstration's residents; what signing in itself does is tested with identity."""

    def sign_in(who: str = "in_order", assurance: Assurance = Assurance.SUBSTANTIAL) -> Client:
        monkeypatch.setattr(edge, "caller", lambda _: resident(residents[who], assurance))
        client = Client()
        client.cookies["madang_language"] = "en"
        return client

    return sign_in
