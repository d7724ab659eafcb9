"""The register's evidence is what really happened: a resident signs in at the library through the city's provider."""

from datetime import timedelta

from django.test import Client

from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.stewardship.platform_register import facade
from madang.stewardship.platform_register.contracts import Part, Permission, Seen
from tests.commons.identity.people import resident
from tests.commons.identity.provider import relying

STEWARD = Actor(ActorKind.OFFICER, "steward 1", permissions=frozenset(Permission))


def library(now):
    [found] = [one for one in facade.standings(STEWARD, now) if one.system.key == "library"]
    return found


def test_a_sign_in_at_a_system_confirms_that_it_relies_on_the_city(db):
    before = clock.now()
    resident()
    system, secret = relying.add()
    client = relying.sign_in(Client())
    assert library(clock.now()).evidence.last_sign_in is None, "the city's own sign-in is no system's"
    given = relying.code(client)
    assert library(clock.now()).evidence.last_sign_in is None, "nobody has come in before the code is redeemed"
    assert relying.redeem(system, secret, given)[0] == 200
    found = library(clock.now())
    assert before <= found.evidence.last_sign_in <= clock.now()
    assert found.seen[Part.IDENTITY] is Seen.SEEN
    assert library(clock.now() + timedelta(days=31)).seen[Part.IDENTITY] is Seen.NONE_SEEN
