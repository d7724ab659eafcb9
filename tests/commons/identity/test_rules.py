"""How surely somebody is known, and how a profile's mistakes are told."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.identity import rules
from madang.commons.identity.contracts import Account, PolicyWrong, Proof
from madang.entrypoints.rooms import rooms
from madang.kernel import clock
from madang.kernel.actors import ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language

NOW = clock.now()
HOUR = timedelta(hours=1)
TOLD = yaml.safe_load((Path(settings.MADANG_PROFILE) / "roles.yaml").read_text(encoding="utf-8"))
POLICY = rules.policy_from(TOLD)


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(("proofs", "level"), [
    ([], Assurance.LOW),
    ([("password", 1)], Assurance.LOW),
    ([("password", 1), ("mfa", 1)], Assurance.SUBSTANTIAL),
    ([("mfa", 1)], Assurance.SUBSTANTIAL),
    ([("password", 90), ("mfa", 59)], Assurance.SUBSTANTIAL),
    ([("password", 1), ("mfa", 60)], Assurance.LOW),
    ([("mfa", 90), ("mfa", 5)], Assurance.SUBSTANTIAL),
    ([("something new", 1)], Assurance.LOW),
])
def test_a_second_factor_raises_the_level_for_its_time(proofs, level):
    given_proofs = [Proof(method, ago(minutes)) for method, minutes in proofs]
    assert rules.assurance(given_proofs, HOUR, NOW) is level


@given(st.lists(st.tuples(st.sampled_from(["password", "mfa", "other"]), st.integers(0, 300))))
def test_more_proofs_never_lower_the_level(proofs):
    known = [Proof(method, ago(minutes)) for method, minutes in proofs]
    levels = [rules.assurance(known[:count], HOUR, NOW) for count in range(len(known) + 1)]
    assert levels == sorted(levels)
    assert set(levels) <= {Assurance.LOW, Assurance.SUBSTANTIAL}


def account(**facts):
    known = {"id": AccountId(new_id()), "email": "a@seoul.example", "resident": None, "language": Language.KO,
             "department": "", "post": "", "roles": ()}
    return Account(**(known | facts))


def test_a_resident_is_called_resident_and_an_officer_by_post():
    resident = rules.actor_for(account(resident=ResidentId(new_id()), roles=("resident",)), POLICY, [], NOW)
    officer = rules.actor_for(
        account(department="Disability Welfare Division", post="officer 14", roles=("officer",)), POLICY, [], NOW)
    assert (resident.kind, resident.name) == (ActorKind.RESIDENT, "resident")
    assert (officer.kind, officer.name) == (ActorKind.OFFICER, "Disability Welfare Division, officer 14")
    assert resident.may("applications.apply")
    assert not resident.may("document_review.decide")
    assert officer.may("document_review.decide")
    assert not officer.may("applications.apply")


def test_a_resident_never_gets_what_staff_may():
    both = rules.actor_for(account(resident=ResidentId(new_id()), roles=("resident", "officer")), POLICY, [], NOW)
    assert not both.may("applications.see_any")


def test_a_role_that_the_profile_lost_gives_nothing():
    assert rules.actor_for(account(roles=("long_gone",)), POLICY, [], NOW).permissions == frozenset()


def _without(path):
    told = deepcopy(TOLD)
    *way, last = path.split("/")
    place = told
    for step in way:
        place = place[step]
    del place[last]
    return told


def _with(path, value):
    told = deepcopy(TOLD)
    *way, last = path.split("/")
    place = told
    for step in way:
        place = place[step]
    place[last] = value
    return told


@pytest.mark.parametrize(("told", "says"), [
    (None, "the file is not a list"),
    (_without("roles"), "the file lacks roles"),
    (_without("roles/officer/kind"), "roles.officer lacks kind"),
    (_without("roles/officer/name/mn"), "roles.officer.name lacks mn"),
    (_with("roles/officer/kind", "boss"), "roles.officer.kind is 'boss': write one of resident, staff"),
    (_with("roles/officer/colour", "red"), "roles.officer has colour, which is not known"),
    (_with("roles/officer/permissions", ["see everything"]), "'see everything' is not written as room.verb"),
    (_with("sign_in/attempts", 0), "sign_in.attempts is 0: write a whole number from 1"),
    (_with("sign_in/attempts", True), "sign_in.attempts is True"),
    (_with("assurance/second_factor_minutes/staff", "an hour"), "second_factor_minutes.staff is 'an hour'"),
])
def test_a_mistake_in_the_profile_is_told_by_its_place(told, says):
    with pytest.raises(PolicyWrong) as wrong:
        rules.policy_from(told)
    assert says in str(wrong.value)


def test_every_permission_of_the_profile_is_declared_by_a_room():
    standing = {room.name for room in rooms() if room.permissions}
    declared = {str(permission) for room in rooms() if room.permissions for permission in room.permissions}
    lost = {
        permission for permissions in rules.undeclared(POLICY, declared).values() for permission in permissions
        if permission.partition(".")[0] in standing
    }
    assert not lost
    assert rules.undeclared(POLICY, []) != {}


def test_demo_secrets_are_the_same_for_one_instance_and_others_for_another():
    assert rules.demo_password("a", "x@seoul.example") == rules.demo_password("a", "x@seoul.example")
    assert rules.demo_password("a", "x@seoul.example") != rules.demo_password("b", "x@seoul.example")
    assert rules.demo_totp_secret("a", "x@seoul.example") != rules.demo_totp_secret("a", "y@seoul.example")
    assert len(rules.demo_password("a", "x")) == 19
