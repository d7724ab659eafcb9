"""The owner's page: counts of one's own department only, none of them small, and where people stopped."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from test_apply import BADGE, EXTRACT, begin, walk

from madang.commons.gateway import edge
from madang.front_desk.portal import rules
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId, new_id
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.services.applications.contracts import Permission
from madang.services.applications.contracts.figures import LeftDrafts, ServiceMonth
from madang.services.applications.models import CaseRow
from madang.services.document_review import facade as document_review

_EXTRACT = "resident-register-extract"


@pytest.fixture
def owner(monkeypatch) -> Callable[[str], Client]:
    def of(service: str) -> Client:
        department = catalogue.service(service).department.into(Language.KO)
        actor = Actor(ActorKind.OFFICER, "head", AccountId(new_id()), None, frozenset({Permission.SEE_FIGURES}),
                      Assurance.SUBSTANTIAL, department=department)
        monkeypatch.setattr(edge, "caller", lambda _: actor)
        client = Client()
        client.cookies["madang_language"] = "en"
        return client

    return of


def many(row: CaseRow, number: int) -> None:
    """The same case so many times more, under other numbers."""
    for turn in range(number):
        row.pk, row.number, row.resident = new_id(), f"{row.number[:10]}{turn:04}", new_id()
        row.save(force_insert=True)


def completed(client: Client, residents: int) -> None:
    client.post(walk(client, begin(client, EXTRACT), purpose="finance"))
    row = CaseRow.objects.get(service=_EXTRACT)
    document_review.review(row.id, clock.now())
    row.refresh_from_db()
    row.standing = "completed"
    row.decided = row.submitted + timedelta(minutes=3)
    row.save()
    many(row, residents - 1)


def test_an_owner_sees_their_services_and_the_median_time(sign_in, owner):
    completed(sign_in(), 7)
    page = owner(_EXTRACT).get("/owners/").content.decode()
    assert catalogue.service(_EXTRACT).name.into(Language.EN) in page
    assert '<td class="number">7</td>' in page
    assert "about 3 minutes" in page


def test_fewer_than_five_are_not_told_nor_how_long_they_took(sign_in, owner):
    completed(sign_in(), 4)
    client = owner(_EXTRACT)
    for path in ("/owners/", f"/owners/{_EXTRACT}"):
        page = client.get(path).content.decode()
        assert '<td class="number">4</td>' not in page
        assert '<td class="number">…</td>' in page
        assert "about 3 minutes" not in page
    lines = client.get("/owners/services.csv").content.decode().splitlines()
    assert lines[0].startswith("service,name,month,begun,sent,done")
    [own] = [line for line in lines if line.startswith(_EXTRACT)]
    assert ",4," not in own


def test_no_owner_sees_another_departments(sign_in, owner):
    completed(sign_in(), 7)
    other = owner("disability-parking-badge")
    assert catalogue.service(_EXTRACT).name.into(Language.EN) not in other.get("/owners/").content.decode()
    assert other.get(f"/owners/{_EXTRACT}").status_code == 404
    assert _EXTRACT not in other.get("/owners/services.csv").content.decode()


def test_a_resident_sees_none(sign_in):
    assert sign_in().get("/owners/").status_code == 403


def test_drafts_count_where_they_stopped(sign_in, owner):
    client = sign_in()
    begin(client, BADGE)
    row = CaseRow.objects.get(service="disability-parking-badge")
    row.changed = clock.now() - timedelta(days=2)
    row.save()
    many(row, 5)
    page = owner("disability-parking-badge").get("/owners/disability-parking-badge").content.decode()
    assert '<td class="number">6</td>' in page.partition('id="stopped"')[2]


def test_where_people_stopped_follows_from_the_form():
    service = catalogue.service(_EXTRACT)
    whole = {field.name for field in service.fields() if field.required}
    first = service.steps[0]
    left = [LeftDrafts(service.id, frozenset(whole), 3), LeftDrafts(service.id, frozenset(), 2)]
    assert rules.stopped_at(service, left) == {rules.NOT_SENT: 3, first.name: 2}


def test_a_year_is_the_sum_of_its_months():
    service = catalogue.service(_EXTRACT)
    months = [
        ServiceMonth(service.id, date(2026, month, 1), 10, 9, 8, 7, 1, 0, 0, 0, float(month)) for month in (1, 2, 3)
    ]
    line = rules.in_all(service, months, 5)
    assert (line.begun, line.sent, line.done, line.by_machine, line.handed_over) == (30, 27, 24, 21, None)
    assert line.median_minutes == 2.0
