"""A register is asked for some fields, for a purpose, with a trace; over HTTP it may fail in every way."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.conf import settings
from django.db import connections

from madang.commons.audit import facade as audit
from madang.kernel.actors import VISITOR, Actor, ActorKind
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.records.registers import facade
from madang.records.registers.contracts import (
    EntryMissing,
    FieldUnknown,
    LineState,
    NoAnswer,
    Register,
    RegisterUnavailable,
)
from madang.records.registers.facade import lines, population
from madang.records.registers.store.outside import Outside
from madang.simulation import registers as outside

REVIEW = Actor.system("document_review", {"registers.read"})


@pytest.fixture
def residents(transactional_db):
    population.make(0)
    return {one.key: one.id for one in population.demo_residents()}


class Quiet(WSGIRequestHandler):
    def log_message(self, *said):
        pass


@pytest.fixture
def over_http(tmp_path, monkeypatch) -> Iterator[object]:
    """The room reaches its registers over HTTP at the stand-in; gives the folder in which a file breaks one."""
    server = make_server("127.0.0.1", 0, outside.application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(settings, "MADANG_INSTANCE", tmp_path)
    monkeypatch.setattr(settings, "MADANG_REGISTERS", "http")
    monkeypatch.setattr(settings, "MADANG_OUTSIDE_URL", f"http://127.0.0.1:{server.server_port}")
    clerk = ThreadPoolExecutor(1)
    monkeypatch.setattr(outside, "_clerks", clerk)
    monkeypatch.setattr(outside, "_HANG_SECONDS", 2.5)
    lines._lines.cache_clear()
    folder = outside.faults_folder(tmp_path)
    folder.mkdir(parents=True)
    yield folder
    server.shutdown()
    server.server_close()
    clerk.submit(connections.close_all).result()
    clerk.shutdown()
    lines._lines.cache_clear()


def test_only_the_asked_fields_come_and_the_resident_sees_who_read_them(residents):
    asked = ["name_ko", "birth_date"]
    record = facade.read(REVIEW, Register.RESIDENTS, residents["in_order"], asked, "check an application")
    assert record.fields == {"name_ko": "김가람(합성)", "birth_date": "1988-04-12"}
    assert record.as_of.tzinfo is not None
    herself = Actor(ActorKind.RESIDENT, "resident", subject=residents["in_order"])
    [access] = audit.accesses_of(herself)
    assert (access.by, access.purpose) == ("document_review", "check an application")
    assert list(access.fields) == ["residents.name_ko", "residents.birth_date"]


def test_yes_and_no_and_sums_are_text(residents):
    record = facade.read(REVIEW, Register.LOCAL_TAX, residents["arrears"], ["paid_up", "arrears"], "tax certificate")
    assert record.fields == {"paid_up": "no", "arrears": "342000"}


def test_a_field_that_the_register_leaves_empty_is_not_there(residents):
    record = facade.read(REVIEW, Register.HOUSEHOLDS, residents["incomplete"], ["address", "dong"], "extract")
    assert record.fields == {"dong": "신림동"}


def test_asking_without_permission_or_for_a_strange_field_is_refused(residents):
    with pytest.raises(SignInNeeded):
        facade.read(VISITOR, Register.RESIDENTS, residents["in_order"], ["name_ko"], "curiosity")
    with pytest.raises(NotPermitted):
        facade.read(Actor.system("x"), Register.RESIDENTS, residents["in_order"], ["name_ko"], "curiosity")
    with pytest.raises(FieldUnknown):
        facade.read(REVIEW, Register.RESIDENTS, residents["in_order"], ["name_ko); --"], "curiosity")


def test_no_entry_is_said_and_the_asking_is_recorded(residents):
    with pytest.raises(EntryMissing):
        facade.read(REVIEW, Register.DISABILITY, residents["in_order"], ["registered"], "parking badge")
    herself = Actor(ActorKind.RESIDENT, "resident", subject=residents["in_order"])
    assert [access.action for access in audit.accesses_of(herself)] == ["registers.read"]


def test_http_says_what_the_tables_say(residents, over_http):
    fields = list(facade.about(Register.RESIDENTS).fields)
    told = facade.read(REVIEW, Register.RESIDENTS, residents["vietnamese"], fields, "extract")
    assert told.fields["name_en"] == "NGUYEN Thi Lan (synthetic)"
    assert set(told.fields) == set(fields)
    with pytest.raises(EntryMissing):
        facade.read(REVIEW, Register.VEHICLES, residents["vietnamese"], ["plate"], "badge")


@pytest.mark.parametrize("fault", ["down", "garbage", "hang"])
def test_a_broken_register_is_unavailable_within_its_time_and_only_it(residents, over_http, fault):
    (over_http / "local_tax").write_text(fault)
    began = time.monotonic()
    with pytest.raises(RegisterUnavailable):
        facade.read(REVIEW, Register.LOCAL_TAX, residents["in_order"], ["paid_up"], "certificate")
    assert time.monotonic() - began < facade.about(Register.LOCAL_TAX).patience.total_seconds + 0.7
    # The stand-in of this test answers one at a time, so a hanging one would hold up the next.
    if fault != "hang":
        assert facade.read(REVIEW, Register.RESIDENTS, residents["in_order"], ["sex"], "certificate").fields


def test_the_breaker_opens_and_closes_by_itself_and_the_state_shows_it(residents, over_http, monkeypatch):
    line = lines.line_to(Register.VEHICLES)
    monkeypatch.setattr(line, "_patience", facade.about(Register.VEHICLES).patience.__class__(1, 2, 1, 0.01, 2, 0.2))
    (over_http / "vehicles").write_text("down")
    for _ in range(3):
        with pytest.raises(RegisterUnavailable):
            line.fetch(residents["in_order"], ["plate"])
    assert {one.register: one.state for one in facade.state()}[Register.VEHICLES] is LineState.OPEN
    (over_http / "vehicles").unlink()
    with pytest.raises(RegisterUnavailable):
        line.fetch(residents["in_order"], ["plate"])
    time.sleep(0.25)
    assert line.fetch(residents["in_order"], ["plate"]).fields == {"plate": "00가1001"}
    assert {one.register: one.state for one in facade.state()}[Register.VEHICLES] is LineState.CLOSED


def test_a_wrong_address_is_not_taken_for_a_missing_entry(residents, over_http):
    with pytest.raises(NoAnswer, match="404"):
        astray = Outside(settings.MADANG_OUTSIDE_URL + "/elsewhere")
        astray.fetch(Register.RESIDENTS, residents["in_order"], ["sex"], 1.0)


def test_a_register_over_http_is_not_asked_inside_a_transaction(db, residents, over_http):
    from madang.commons.db.transactions import transaction

    with transaction(), pytest.raises(RuntimeError, match="open transaction"):
        facade.read(REVIEW, Register.RESIDENTS, residents["in_order"], ["sex"], "certificate")
