"""The city's systems: who stands on the common stack, what is seen of them, what is late."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.gateway import edge
from madang.commons.gateway import facade as gateway
from madang.commons.identity import facade as identity
from madang.entrypoints.cli import main
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.languages import Language, Text
from madang.stewardship.platform_register import facade, rules, store
from madang.stewardship.platform_register.contracts import (
    Action,
    Evidence,
    Part,
    Permission,
    Plan,
    Seen,
    System,
    SystemsWrong,
    SystemUnknown,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=clock.SEOUL)
STEWARD = Actor(ActorKind.OFFICER, "steward 1", permissions=frozenset(Permission))
OWN = System(
    "own", Text({Language.KO: "시험"}), "시험과", "portal", "", frozenset({Part.CLOUD, Part.GATEWAY, Part.IDENTITY}),
    frozenset({Part.CLOUD, Part.GATEWAY, Part.IDENTITY}), ("own",), None,
)
BEHIND = replace(OWN, uses=frozenset({Part.CLOUD}), plan=Plan(Action.MIGRATE, date(2026, 10, 1)))
PARTS = st.frozensets(st.sampled_from(Part))


def told(**change):
    """The profile's list as it is read, with something changed at its top."""
    system = {"ko": "시험", "department": "d", "kind": "portal", "needs": ["cloud"], "uses": []}
    return {
        "source": "s", "history": [], "target": {"year": 2028, "share": 1}, "parts": {}, "evidence_days": 30,
        "systems": {"a": system},
    } | change


class TestRules:
    @given(st.lists(st.tuples(PARTS, PARTS), max_size=20))
    def test_a_system_complies_when_it_lacks_nothing_and_the_share_counts_those(self, drawn):
        systems = [replace(OWN, needs=needs, uses=uses) for needs, uses in drawn]
        lacking = sum(bool(needs - uses) for needs, uses in drawn)
        assert sum(one.complies for one in systems) == len(drawn) - lacking
        assert rules.share(systems) == pytest.approx((len(drawn) - lacking) / len(drawn) if drawn else 0)

    @pytest.mark.parametrize(("today", "late"), [
        (date(2026, 10, 31), False), (date(2026, 11, 1), True), (date(2027, 1, 1), True),
    ])
    def test_it_is_late_once_the_planned_month_is_over(self, today, late):
        assert rules.is_late(BEHIND, today) is late
        assert not rules.is_late(replace(BEHIND, uses=BEHIND.needs), today)
        assert not rules.is_late(replace(BEHIND, plan=None), today)

    def test_december_is_over_in_january(self):
        december = replace(BEHIND, plan=Plan(Action.RETIRE, date(2026, 12, 1)))
        assert not rules.is_late(december, date(2026, 12, 31))
        assert rules.is_late(december, date(2027, 1, 1))

    def test_only_what_could_be_seen_is_said_not_to_be_seen(self):
        assert rules.seen(OWN, Evidence(0, None)) == {
            Part.CLOUD: Seen.NOT_OBSERVABLE, Part.GATEWAY: Seen.NONE_SEEN, Part.IDENTITY: Seen.NONE_SEEN,
        }
        whole = rules.standing(OWN, Evidence(3, NOW), NOW.date())
        assert rules.is_confirmed(whole)
        assert not rules.is_confirmed(rules.standing(OWN, Evidence(3, None), NOW.date()))
        only_cloud = replace(OWN, needs=frozenset({Part.CLOUD}), uses=frozenset({Part.CLOUD}))
        assert not rules.is_confirmed(rules.standing(only_cloud, Evidence(0, None), NOW.date()))

    @pytest.mark.parametrize(("change", "says"), [
        ({"systems": {"a": {"ko": "x", "department": "d", "kind": "k", "needs": ["cloud"]}}}, "systems.a"),
        ({"systems": {"a": {"ko": "x", "department": "d", "kind": "k", "needs": ["clod"], "uses": []}}}, "clod"),
        ({"history": [{"year": 2022}]}, "share"),
    ])
    def test_a_mistake_in_the_list_is_told_with_its_place(self, change, says):
        with pytest.raises(SystemsWrong, match=says):
            rules.city_from(told(**change))

    def test_a_back_office_of_nothing_is_a_mistake(self):
        system = told()["systems"]["a"] | {"back_office_of": "nowhere"}
        with pytest.raises(SystemsWrong, match="nowhere"):
            rules.city_from(told(systems={"a": system}))


class TestTheList:
    def test_it_holds_what_is_known_of_seoul(self, db):
        found = facade.overview(NOW)
        assert found.platforms == 52
        assert [(one.year, one.share) for one in found.history] == [(2022, 0.34), (2025, 0.67)]
        assert found.share == pytest.approx(0.67, abs=0.005), "the estimate is drawn to fit the known share"
        assert found.target.year == 2028
        assert found.migrating + found.retiring == found.systems - found.complying
        assert not found.without_plan
        assert max(one.plan.by for one in facade.systems() if one.plan) <= date(2028, 12, 1)
        assert found.is_estimate

    def test_what_is_late_grows_with_time(self, db):
        late = [len(facade.overview(NOW.replace(year=year, month=1, day=2)).late) for year in (2025, 2026, 2027, 2029)]
        assert late == sorted(late)
        assert late[0] == 0
        assert late[-1] == 40

    def test_an_unknown_system(self):
        with pytest.raises(SystemUnknown):
            facade.system("atlantis")


class TestEvidence:
    @pytest.fixture
    def traffic(self, monkeypatch):
        asked = []
        monkeypatch.setattr(gateway, "traffic_by_client_since", lambda since: asked.append(since) or {"etax": 7})
        monkeypatch.setattr(identity, "systems_signed_in_since", lambda _: {"etax": NOW})
        return asked

    def test_it_is_what_the_gateway_and_the_provider_saw_of_late(self, db, traffic):
        [etax] = [one for one in facade.standings(STEWARD, NOW) if one.system.key == "etax"]
        assert (etax.evidence.requests, etax.evidence.last_sign_in) == (7, NOW)
        assert traffic == [NOW - timedelta(days=30)]
        others = [one for one in facade.standings(STEWARD, NOW) if one.system.key != "etax"]
        assert not any(one.evidence.requests for one in others)

    def test_without_any_nothing_is_confirmed_and_nothing_is_claimed(self, db):
        assert facade.overview(NOW).confirmed == 0
        assert Seen.SEEN not in {what for one in facade.standings(STEWARD, NOW) for what in one.seen.values()}

    def test_it_is_for_stewards(self, db):
        stranger, officer = Actor(ActorKind.VISITOR, "visitor"), replace(STEWARD, permissions=())
        for actor, refusal in ((stranger, SignInNeeded), (officer, NotPermitted)):
            with pytest.raises(refusal):
                facade.standings(actor, NOW)


def test_a_month_has_one_share_and_the_last_word_counts(db):
    facade.note_share(NOW)
    facade.note_share(NOW + timedelta(days=1))
    store.note_share(date(2026, 10, 1), 60, 120)
    assert facade.overview(NOW).snapshots == [(date(2026, 10, 1), 0.5), (date(2026, 11, 1), 80 / 120)]


def test_pages_and_api_answer_anybody_and_evidence_does_not(db, monkeypatch):
    client = Client(headers={"Accept-Language": "en"})
    page = client.get("/platforms")
    assert page.status_code == 200
    assert "67% of the city" in page.content.decode()
    assert client.get("/platforms/evidence")["Location"].startswith("/accounts/login/")
    said = client.get("/api/v1/platforms").json()
    assert (said["platforms"], said["systems"], len(said["history"])) == (52, 120, 2)
    assert len(client.get("/api/v1/platforms/systems").json()) == 120
    assert client.get("/api/v1/platforms/evidence").status_code == 401
    monkeypatch.setattr(edge, "caller", lambda _: STEWARD)
    assert "none seen" in client.get("/platforms/evidence").content.decode()


def test_the_command_says_the_same(transactional_db, capsys, monkeypatch):
    from contextlib import nullcontext

    from madang.entrypoints.cli import platforms

    monkeypatch.setattr(platforms, "opened", nullcontext)
    late = main(["platforms", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (said["complying"], said["systems"]) == (80, 120)
    assert late == int(bool(said["late"]))
    assert main(["platforms"]) == late
    assert "80 of 120 systems" in capsys.readouterr().out
