"""Staff by a department's directory: SCIM 2.0 with a client from PyPI, and by hand where it must be refused."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import PatchOp, PatchOperation, SCIMException, SearchRequest

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.contracts import NewAccount
from madang.commons.identity.models import AccountRow
from madang.commons.identity.provider.models import AccessTokenRow
from madang.commons.identity.provisioning import facade as provisioning
from madang.commons.identity.provisioning.contracts import KEPT, ScimRefused
from madang.commons.identity.provisioning.models import ProvisionedRow
from madang.commons.identity.provisioning.rules import documents, filters, patches
from madang.kernel import clock
from madang.kernel.ids import ResidentId, new_id
from tests.commons.identity.people import OPERATOR, PASSWORD
from tests.commons.identity.provider.relying import add, token

BASE = "https://city.example/scim/v2"
TAX = "재무국 세무과"
WELFARE = "복지실 장애인자립지원과"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DIRECTORY = {
    "id": "hr-directory", "name": {"ko": "인사 시스템"}, "department": {"ko": "행정국 인사과"}, "redirect_uris": [],
    "post_logout_redirect_uris": [], "purpose": {"ko": "직원 계정을 관리합니다."}, "people": "staff",
    "grants": ["client_credentials"],
}


def credential(name="hr-directory", scopes=("identity.provision_staff",)):
    """The access token of a directory's client credential, from the city's own token endpoint."""
    status, said = token(*add(**DIRECTORY | {"id": name, "scopes": list(scopes)}), grant_type="client_credentials")
    assert status == 200, said
    return said["access_token"]


@pytest.fixture
def bearer(db, settings):
    settings.MADANG_PUBLIC_URL = "https://city.example"
    return credential()


@pytest.fixture
def scim(bearer):
    """The client from PyPI, told nothing but the address and the token: it discovers the rest."""
    client = WSGISCIMClient(
        get_wsgi_application(), base_url=BASE, headers={"Authorization": f"Bearer {bearer}"},
        environ={"HTTP_HOST": "localhost"},
    )
    for signal in (request_started, request_finished):  # the test's one connection must outlive each request
        signal.disconnect(close_old_connections)
    client.discover()
    yield client
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Raw:
    """Requests as they are."""

    def __init__(self, bearer):
        self.client = Client(headers={"Authorization": f"Bearer {bearer}"})

    def __call__(self, method, path, body=None, kind="application/scim+json"):
        sent = body if isinstance(body, str) else json.dumps(body)
        return getattr(self.client, method)(f"/scim/v2/{path}", sent if body is not None else None, kind) if (
            method != "get"
        ) else self.client.get(f"/scim/v2/{path}")


@pytest.fixture
def raw(bearer):
    return Raw(bearer)


def person(email="clerk@seoul.example", **more):
    return {
        "schemas": [documents.USER, ENTERPRISE], "userName": email, "title": "officer 31",
        "externalId": "E-31", ENTERPRISE: {"department": TAX},
    } | more


def patch(*operations):
    return {"schemas": [patches.MESSAGE], "Operations": list(operations)}


def roles(email="clerk@seoul.example"):
    found = store.account_of_email(email, clock.now())
    return set(found.roles) if found else None


class TestAClientFromPyPI:
    """scim2-client, unchanged."""

    def made(self, scim, email="clerk@seoul.example"):
        model = scim.get_resource_model("User")
        new = model(user_name=email, title="officer 31", external_id="E-31")
        extension = model.get_extension_model(ENTERPRISE)
        new[extension] = extension(department=TAX)
        return scim.create(new)

    def test_a_joiner_a_mover_and_a_leaver(self, scim):
        user = self.made(scim)
        assert user.meta.location == f"{BASE}/Users/{user.id}"
        group = scim.get_resource_model("Group")
        give = PatchOp[group](operations=[PatchOperation(op="add", path="members", value=[{"value": user.id}])])
        scim.modify(group, "case_officer", give)
        account = store.account_of_email("clerk@seoul.example", clock.now())
        assert (account.department, account.post, set(account.roles)) == (TAX, "officer 31", {"officer"})
        token_of_theirs = identity.open_token_for(account.id, clock.now(), second_factor=True)
        browser = Client()
        browser.force_login(AccountRow.objects.get(id=account.id))
        model = scim.get_resource_model("User")
        move = PatchOp[model](operations=[
            PatchOperation(op="replace", path=f"{ENTERPRISE}:department", value=WELFARE),
        ])
        scim.modify(model, user.id, move)
        assert identity.actor_of_token(token_of_theirs).department == WELFARE
        off = PatchOp[model](operations=[PatchOperation(op="replace", path="active", value=False)])
        assert scim.modify(model, user.id, off).active is False
        assert identity.actor_of_token(token_of_theirs) is None, "at once, not at its end"
        scim.delete(model, user.id)
        with pytest.raises(SCIMException):
            scim.query(model, user.id)
        assert browser.get("/desk/")["Location"].startswith("/accounts/login/")

    def test_filter_page_and_search(self, scim):
        for number in range(5):
            self.made(scim, f"clerk{number}@seoul.example")
        model = scim.get_resource_model("User")
        found = scim.query(model, query_parameters=SearchRequest(filter='userName eq "CLERK3@seoul.example"'))
        assert [one.user_name for one in found.resources] == ["clerk3@seoul.example"]
        page = scim.query(model, query_parameters=SearchRequest(start_index=2, count=2))
        assert (page.total_results, page.items_per_page, page.start_index) == (5, 2, 2)

    def test_replace(self, scim):
        user = self.made(scim)
        user.title = "officer 32"
        assert scim.replace(user).title == "officer 32"
        assert store.account_of_email("clerk@seoul.example", clock.now()).post == "officer 32"

    def test_it_finds_out_what_works_here(self, scim):
        assert {one.name for one in scim.provider.resource_types} == {"User", "Group"}
        config = scim.provider.config
        assert (config.patch.supported, config.filter.max_results, config.bulk.supported) == (True, 200, False)


class TestWhoMay:
    def test_without_a_token_with_a_forged_and_with_an_expired_one(self, bearer):
        for shown in ({}, {"Authorization": "Bearer mat_forged"}, {"Authorization": f"Basic {bearer}"},
                      {"Authorization": f"Bearer {bearer[:-1]}x"}):
            refused = Client(headers=shown).get("/scim/v2/Users")
            assert (refused.status_code, refused["Content-Type"]) == (401, "application/scim+json")
            assert refused.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
            assert refused["WWW-Authenticate"].startswith("Bearer")
        AccessTokenRow.objects.update(expires=clock.now() - timedelta(seconds=1))
        assert Raw(bearer)("get", "Users").status_code == 401

    def test_a_token_for_something_else_or_of_a_person_opens_nothing(self, db):
        other = Raw(credential("library", ["reports.read"]))
        for path in ("Users", "Groups", "Schemas", "ServiceProviderConfig"):
            assert other("get", path).status_code == 403
        officer = identity.make_account(OPERATOR, NewAccount("a@seoul.example", PASSWORD, "operator"), clock.now())
        assert Raw(identity.open_token_for(officer.id, clock.now()))("get", "Users").status_code == 401

    def test_a_directory_sees_and_changes_only_what_it_made(self, raw):
        made = raw("post", "Users", person()).json()["id"]
        other = Raw(credential("other-directory"))
        assert other("get", "Users").json()["totalResults"] == 0
        for method in ("get", "delete"):
            assert other(method, f"Users/{made}").status_code == 404
        assert other("put", f"Users/{made}", person()).status_code == 404
        members = {"op": "add", "path": "members", "value": [{"value": made}]}
        assert other("patch", "Groups/case_officer", patch(members)).status_code == 400
        assert roles() == set()

    def test_residents_and_accounts_made_by_hand_are_out_of_reach(self, raw):
        resident = NewAccount("r@seoul.example", PASSWORD, "resident", resident=ResidentId(new_id()))
        for new in (resident, NewAccount("o@seoul.example", PASSWORD, "operator", department=TAX)):
            account = identity.make_account(OPERATOR, new, clock.now())
            refused = raw("post", "Users", person(new.email))
            assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")
            assert raw("delete", f"Users/{account.id}").status_code == 404
        made = raw("post", "Users", person()).json()["id"]
        rename = patch({"op": "replace", "path": "userName", "value": "o@seoul.example"})
        assert raw("patch", f"Users/{made}", rename).status_code == 409
        assert roles("o@seoul.example") == {"operator"}

    def test_no_directory_makes_an_operator(self, raw):
        names = [one["id"] for one in raw("get", "Groups").json()["Resources"]]
        assert names == ["case_officer", "desk_lead", "centre_officer", "agent_120"]
        assert raw("get", "Groups/operator").status_code == 404
        assert raw("patch", "Groups/operator", patch({"op": "add", "path": "members", "value": []})).status_code == 404


class TestJoinMoveLeave:
    @pytest.fixture
    def made(self, raw):
        answer = raw("post", "Users", person())
        assert (answer.status_code, answer["Location"]) == (201, answer.json()["meta"]["location"])
        return answer.json()["id"]

    def give(self, raw, post, *users):
        asked = patch({"op": "add", "path": "members", "value": [{"value": one} for one in users]})
        return raw("patch", f"Groups/{post}", asked)

    def test_a_joiner_can_do_nothing_until_a_post_is_given(self, raw, made):
        assert roles() == set()
        assert [one["value"] for one in self.give(raw, "case_officer", made).json()["members"]] == [made]
        assert roles() == {"officer"}
        assert raw("get", f"Users/{made}").json()["groups"][0]["value"] == "case_officer"
        entry = EntryRow.objects.filter(action="identity.staff_moves").latest("id")
        assert (entry.kind, entry.name) == ("partner", "hr-directory")

    def test_two_posts_and_one_taken_back(self, raw, made):
        self.give(raw, "case_officer", made)
        self.give(raw, "agent_120", made)
        assert roles() == {"officer", "agent_120"}
        raw("patch", "Groups/case_officer", patch({"op": "remove", "path": f'members[value eq "{made}"]'}))
        assert roles() == {"agent_120"}
        raw("put", "Groups/agent_120", {"members": []})
        assert roles() == set()

    def test_whoever_comes_back_finds_their_posts_again_and_no_old_session(self, raw, made):
        self.give(raw, "case_officer", made)
        account = store.account_of_email("clerk@seoul.example", clock.now())
        theirs = identity.open_token_for(account.id, clock.now())
        for value in ("False", True):  # some directories write the truth as a text
            raw("patch", f"Users/{made}", patch({"op": "Replace", "value": {"active": value}}))
            assert identity.actor_of_token(theirs) is None
        assert roles() == {"officer"}

    def test_deleted_and_made_again_is_the_same_person_without_the_old_posts(self, raw, made):
        self.give(raw, "case_officer", made)
        assert raw("delete", f"Users/{made}").status_code == 204
        assert roles() is None
        assert not ProvisionedRow.objects.exists()
        again = raw("post", "Users", person()).json()
        assert (again["id"], again["groups"], roles()) == (made, [], set())

    def test_another_address_is_the_same_account(self, raw, made):
        renamed = patch({"op": "replace", "path": "userName", "value": "New@seoul.example"})
        assert raw("patch", f"Users/{made}", renamed).json()["userName"] == "new@seoul.example"
        assert store.account_of_email("new@seoul.example", clock.now())
        assert raw("get", 'Users?filter=emails[type eq "work"].value').status_code == 400
        found = raw("get", 'Users?filter=emails[type eq "work" and value sw "new"]&attributes=userName').json()
        assert [set(one) for one in found["Resources"]] == [{"schemas", "id", "userName"}]

    def test_what_was_said_of_a_closed_account_is_forgotten_after_five_years(self, raw, made):
        later = clock.now() + KEPT + timedelta(days=1)
        assert provisioning.forget_old(later) == 0, "an open account is still needed"
        raw("patch", f"Users/{made}", patch({"op": "replace", "path": "active", "value": False}))
        assert provisioning.forget_old(clock.now()) == 0
        assert provisioning.forget_old(later) == 1

    def test_of_a_patch_all_holds_or_nothing(self, raw, made):
        asked = patch({"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "id", "value": "1"})
        refused = raw("patch", f"Users/{made}", asked)
        assert (refused.status_code, refused.json()["scimType"]) == (400, "mutability")
        assert raw("get", f"Users/{made}").json()["title"] == "officer 31"


class TestRefusedInScimsForm:
    @pytest.mark.parametrize(("method", "path", "body", "status", "kind"), [
        ("post", "Users", "{", 400, "invalidSyntax"),
        ("post", "Users", [], 400, "invalidSyntax"),
        ("post", "Users", {"userName": "nobody"}, 400, "invalidValue"),
        ("post", "Users", {"userName": "a@b.example"}, 400, "invalidValue"),
        ("post", "Users", {"userName": "a\x00@b.example", ENTERPRISE: {"department": TAX}}, 400, "invalidValue"),
        ("patch", "Groups/case_officer", {"Operations": []}, 400, "invalidSyntax"),
        ("patch", "Groups/case_officer", patch({"op": "add", "path": "members", "value": [1]}), 400, "invalidValue"),
        ("patch", "Groups/case_officer", patch({"op": "move", "path": "members"}), 400, "invalidSyntax"),
        ("patch", "Groups/case_officer", patch({"op": "remove"}), 400, "noTarget"),
        ("patch", "Groups/case_officer", patch({"op": "add", "path": "a b", "value": 1}), 400, "invalidPath"),
        ("post", "Groups", {"displayName": "x"}, 405, None), ("post", "Bulk", {}, 501, None),
        ("delete", "Groups/case_officer", None, 405, None), ("get", "Users/nobody", None, 404, None),
        ("get", "Me", None, 501, None), ("get", "Nothing", None, 404, None),
        ("get", "Users?filter=userName", None, 400, "invalidFilter"), ("get", "Schemas/x", None, 404, None),
        ("get", 'Schemas?filter=id eq "x"', None, 403, None),
    ])
    def test_what_is_wrong(self, raw, method, path, body, status, kind):
        refused = raw(method, path, body)
        assert (refused.status_code, refused.json().get("scimType")) == (status, kind)
        assert refused.json()["status"] == str(status)
        assert not ProvisionedRow.objects.exists()

    def test_another_media_type(self, raw):
        assert raw("post", "Users", person(), "text/plain").status_code == 415


DOCUMENT = {
    "id": "Ab1", "userName": "Bjensen", "active": True, "emails": [{"type": "work", "value": "b@x.org"}],
    "meta": {"lastModified": "2026-05-13T04:42:34.000Z"}, ENTERPRISE: {"department": "Tax"}, "title": "",
}


class TestFilters:
    @pytest.mark.parametrize(("text", "holds"), [
        ('userName eq "bjensen"', True), ('USERNAME Eq "BJENSEN"', True), ('id eq "ab1"', False), ("title pr", False),
        ('userName co "jen" and active eq true', True), ('userName sw "x" or userName ew "sen"', True),
        ('not (userName eq "bjensen")', False), ('emails[type eq "work" and value co "@x.org"]', True),
        ('emails[type eq "home"]', False), ('emails.value eq "b@x.org"', True), ('emails eq "b@x.org"', True),
        (f'{ENTERPRISE}:department eq "tax"', True), ('meta.lastModified gt "2026-05-13T00:00:00+09:00"', True),
        ('meta.lastModified lt "2011-05-13T04:42:34Z"', False), ('nobody eq "x"', False), ('nobody ne "x"', True),
        ("nobody eq null", True), ('active eq "true"', False),
        ('title pr or userName eq "a" and userName eq "b" or active eq true', True),
        ('(title pr or active eq true) and userName eq "b"', False),
    ])
    def test_what_they_mean(self, text, holds):
        assert filters.parsed(text)(DOCUMENT) is holds

    @pytest.mark.parametrize("text", [
        "", "userName", "userName eq", 'eq "x"', 'userName is "x"', "userName eq x", 'userName eq "x" and',
        '(userName eq "x"', 'userName eq "x")', "active gt true", "userName co 1", 'userName eq {"a": 1}',
        "(" * 30 + 'a eq "b"' + ")" * 30, 'a eq "' + "x" * 1001 + '"', 'userName eq "x',
    ])
    def test_what_is_none(self, text):
        with pytest.raises(ScimRefused) as refused:
            filters.parsed(text)
        assert refused.value.kind == "invalidFilter"

    @given(st.text(alphabet='abN ()[]"\\.:019eqorandnotpr', max_size=60))
    def test_any_text_is_read_or_refused(self, text):
        with suppress(ScimRefused):
            assert filters.parsed(text)(DOCUMENT) in {True, False}

    @given(st.text(max_size=40))
    def test_a_value_is_found_whatever_its_letters(self, value):
        asked = filters.parsed(f"title eq {json.dumps(value)}")
        assert asked({"title": value})


class TestPatches:
    fixed = frozenset({"id"})

    def test_add_replace_and_remove(self):
        made = patches.patched(DOCUMENT, patch(
            {"op": "add", "path": "emails", "value": [{"type": "home", "value": "h@x.org"}]},
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "w@x.org"},
            {"op": "remove", "path": 'emails[type eq "home"]'},
            {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Law"},
            {"op": "add", "value": {"TITLE": "officer 1", ENTERPRISE: {"manager": "x"}}},
        ), self.fixed)
        assert made["emails"] == [{"type": "work", "value": "w@x.org"}]
        assert made[ENTERPRISE] == {"department": "Law", "manager": "x"}
        assert made["title"] == "officer 1"
        assert DOCUMENT["title"] == "", "the document that was given is left as it was"

    def test_the_same_added_twice_is_there_once(self):
        more = {"op": "add", "path": "members", "value": [{"value": "1"}]}
        assert patches.patched({"members": []}, patch(more, more), self.fixed)["members"] == [{"value": "1"}]

    def test_what_is_removed_may_be_named_in_the_value(self):
        gone = {"op": "remove", "path": "members", "value": [{"value": "1"}]}
        held = {"members": [{"value": "1", "type": "User"}, {"value": "2"}]}
        assert patches.patched(held, patch(gone), self.fixed)["members"] == [{"value": "2"}]

    def test_a_filter_that_matches_nothing(self):
        with pytest.raises(ScimRefused) as refused:
            patches.patched(DOCUMENT, patch({"op": "replace", "path": 'emails[type eq "x"]', "value": {}}), self.fixed)
        assert refused.value.kind == "noTarget"
