"""The record of who did what stands, cannot be changed quietly, and costs its writers nothing."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection

from madang.commons.audit import facade as audit
from madang.commons.audit import rules, store
from madang.commons.audit.contracts import ChainBroken, Entry, EntryNotAllowed, Head, Tampering
from madang.commons.audit.models import EntryRow
from madang.commons.db.transactions import transaction
from madang.commons.events.models import OutboxRow
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import ResidentId, new_id

RESIDENT = ResidentId(new_id())
OFFICER = Actor(ActorKind.OFFICER, "Disability Welfare Division, officer 14")


def write(count=1, **facts):
    for number in range(count):
        with transaction():
            audit.record(OFFICER, f"tests.read_{number}", purpose="try the audit", subject=RESIDENT, **facts)


def seal_all():
    while audit.seal(clock.now()):
        pass


@contextmanager
def database_owner():
    """What somebody with the keys of the database can do: switch every trigger off."""
    with transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


def found():
    return [(at.kind, at.position, at.until) for at in audit.verify().breaks]


def entry_at(position):
    return EntryRow.objects.get(position=position)


class TestRecord:
    def test_an_entry_goes_with_the_act(self, transactional_db):
        with pytest.raises(ZeroDivisionError), transaction():
            audit.record(OFFICER, "tests.read", purpose="try", subject=RESIDENT)
            1 / 0  # noqa: B018
        assert not EntryRow.objects.exists()

    def test_outside_a_transaction_it_is_refused(self, transactional_db):
        with pytest.raises(RuntimeError, match="outside a transaction"):
            audit.record(OFFICER, "tests.read", purpose="try")

    @pytest.mark.parametrize(("action", "purpose", "fields"), [
        ("tests.read", "try", ["Kim Minji"]),
        ("tests.read", "try", ["900101-2345678"]),
        ("tests.read", "try", ["x" * 61 + " "]),
        ("Read it!", "try", []),
        ("tests.read", "", []),
        ("tests.read", "x" * 201, []),
    ])
    def test_values_are_no_names(self, db, action, purpose, fields):
        with pytest.raises(EntryNotAllowed):
            audit.record(OFFICER, action, purpose=purpose, fields=fields)

    def test_the_request_is_named(self, db):
        with audit.traced("trace-1"):
            write()
        write()
        assert list(EntryRow.objects.order_by("id").values_list("trace", flat=True)) == ["trace-1", ""]


class TestAccesses:
    def test_a_resident_reads_who_read_what_newest_first_and_of_nobody_else(self, db):
        case = new_id()
        write(2, fields=["residents.name_ko"], about=case)
        with transaction():
            audit.record(OFFICER, "tests.read", purpose="try", subject=ResidentId(new_id()))
        me = Actor(ActorKind.RESIDENT, "resident", subject=RESIDENT)
        newest, oldest = audit.accesses_of(me)
        assert (newest.action, oldest.action) == ("tests.read_1", "tests.read_0")
        assert (newest.by, newest.fields, newest.about, newest.kind) == (
            OFFICER.name, ("residents.name_ko",), case, ActorKind.OFFICER)
        assert audit.accesses_of(me, before=newest.at) == [oldest]
        assert audit.accesses_of(me, limit=1) == [newest]

    def test_an_officer_and_a_visitor_have_no_such_list(self, db):
        with pytest.raises(NotPermitted):
            audit.accesses_of(OFFICER)
        with pytest.raises(SignInNeeded):
            audit.accesses_of(Actor(ActorKind.VISITOR, "visitor"))


class TestAppendOnly:
    @pytest.mark.parametrize("statement", [
        "UPDATE audit_entry SET purpose = 'another'",
        "UPDATE audit_entry SET position = 9, previous = '', hash = '', name = 'somebody else'",
        "UPDATE audit_entry SET position = 9",
        "DELETE FROM audit_entry",
    ])
    @pytest.mark.parametrize("sealed", [True, False])
    def test_entries_stay(self, db, statement, sealed):
        write()
        if sealed:
            seal_all()
        with pytest.raises(IntegrityError, match="append-only"), transaction(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_a_sealed_entry_is_not_sealed_again(self, db):
        write()
        seal_all()
        with pytest.raises(IntegrityError, match="append-only"), transaction():
            store.set_seals(list(store.chain()))

    @pytest.mark.parametrize("statement", ["UPDATE audit_head SET told = true", "DELETE FROM audit_head"])
    def test_heads_stay(self, db, statement):
        write()
        seal_all()
        with pytest.raises(IntegrityError, match="append-only"), transaction(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize("table", ["audit_entry", "audit_head"])
    def test_nobody_empties_it(self, db, table):
        with pytest.raises(DatabaseError, match="append-only"), transaction(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_is_not_emptied")
            cursor.execute(f"TRUNCATE {table}")

    def test_nobody_brings_a_sealed_entry(self, db):
        with pytest.raises(IntegrityError, match="append-only"), transaction():
            EntryRow.objects.create(at=clock.now(), kind="system", name="x", action="x", purpose="x", position=1)


class TestTampering:
    @pytest.fixture(autouse=True)
    def ten_entries(self, db):
        write(10)
        seal_all()
        assert audit.verify().whole

    def test_a_changed_entry(self):
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET purpose = 'nothing to see' WHERE position = 4")
        assert found() == [(Tampering.CHANGED, 4, 4)]
        with pytest.raises(ChainBroken, match="entry 4 was changed"):
            audit.verify().require_whole()

    @pytest.mark.parametrize("column", [
        "at = at + interval '1 microsecond'", "kind = 'system'", "name = 'x'", f"account = '{UUID(int=7)}'",
        "action = 'x'", f"subject = '{UUID(int=7)}'", f"about = '{UUID(int=7)}'", "fields = '{a}'", "trace = 'x'",
        "hash = sha256('x')", "previous = sha256('x')",
    ])
    def test_each_column_counts(self, column):
        with database_owner() as owner:
            owner.execute(f"UPDATE audit_entry SET {column} WHERE position = 4")
        assert found() == [(Tampering.CHANGED, 4, 4)]

    def test_an_entry_changed_with_its_hash(self):
        row = entry_at(4)
        changed = Entry(**{name: getattr(row, name) for name in store._ENTRY} | {"purpose": "nothing to see"})
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET purpose = %s, hash = %s WHERE position = 4",
                          [changed.purpose, rules.seal(bytes(row.previous), changed)])
        assert found() == [(Tampering.REWRITTEN, 4, 4)]

    def test_removed_entries(self):
        with database_owner() as owner:
            owner.execute("DELETE FROM audit_entry WHERE position IN (4, 5, 8)")
        assert found() == [(Tampering.REMOVED, 4, 5), (Tampering.REMOVED, 8, 8)]

    def test_the_first_and_the_last_removed(self):
        with database_owner() as owner:
            owner.execute("DELETE FROM audit_entry WHERE position IN (1, 9, 10)")
        assert found() == [(Tampering.REMOVED, 1, 1), (Tampering.REMOVED, 9, 10)]

    def test_everything_removed(self):
        with database_owner() as owner:
            owner.execute("DELETE FROM audit_entry")
        assert found() == [(Tampering.REMOVED, 1, 10)]

    def test_one_removed_and_the_numbers_closed_up(self):
        with database_owner() as owner:
            owner.execute("DELETE FROM audit_entry WHERE position = 4")
            owner.execute("UPDATE audit_entry SET position = -position WHERE position > 4")
            owner.execute("UPDATE audit_entry SET position = -position - 1 WHERE position < 0")
        assert found() == [(Tampering.REWRITTEN, 3, 3), (Tampering.REMOVED, 10, 10)]

    @pytest.mark.parametrize("forged_hash", [True, False])
    def test_an_inserted_entry(self, forged_hash):
        before = bytes(entry_at(3).hash)
        forged = Entry(new_id(), clock.now(), ActorKind.OFFICER, "x", None, "x", "x", None, None, (), "")
        own = rules.seal(before, forged) if forged_hash else b"x" * 32
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET position = -position WHERE position > 3")
            owner.execute("UPDATE audit_entry SET position = -position + 1 WHERE position < 0")
            EntryRow.objects.create(position=4, previous=before, hash=own, **{
                name: getattr(forged, name) for name in store._ENTRY if name != "fields"})
        assert found() == [(Tampering.INSERTED, 4, 4), (Tampering.INSERTED, 11, 11)]

    def test_an_entry_put_at_the_end(self):
        forged = Entry(new_id(), clock.now(), ActorKind.OFFICER, "x", None, "x", "x", None, None, (), "")
        before = bytes(entry_at(10).hash)
        with database_owner():
            EntryRow.objects.create(position=11, previous=before, hash=rules.seal(before, forged), **{
                name: getattr(forged, name) for name in store._ENTRY if name != "fields"})
        assert found() == [(Tampering.INSERTED, 11, 11)]

    @pytest.mark.parametrize(("one", "other"), [(3, 7), (3, 5)])
    def test_two_entries_that_changed_places(self, one, other):
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET position = -1 WHERE position = %s", [one])
            owner.execute("UPDATE audit_entry SET position = %s WHERE position = %s", [one, other])
            owner.execute("UPDATE audit_entry SET position = %s WHERE position = -1", [other])
        assert found() == [(Tampering.REORDERED, one, one), (Tampering.REORDERED, other, other)]

    def test_two_neighbours_that_changed_places_show_once(self):
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET position = -1 WHERE position = 3")
            owner.execute("UPDATE audit_entry SET position = 3 WHERE position = 4")
            owner.execute("UPDATE audit_entry SET position = 4 WHERE position = -1")
        assert found() == [(Tampering.REORDERED, 3, 3)]

    def test_a_whole_end_rewritten_shows_only_to_who_kept_a_head(self):
        kept = audit.verify().head
        assert kept is not None
        with database_owner() as owner:
            owner.execute("DELETE FROM audit_head")
            owner.execute("UPDATE audit_entry SET position = NULL, previous = NULL, hash = NULL WHERE position > 5")
            owner.execute("UPDATE audit_entry SET purpose = 'nothing to see' WHERE position IS NULL")
            entries = store.waiting(100)
            links = rules.chain(entries, 5, bytes(entry_at(5).hash))
            store.set_seals(links)
            store.add_head(Head(10, links[-1].hash.hex(), clock.now()), told=False)
        assert audit.verify().whole
        assert [at.kind for at in audit.verify([kept]).breaks] == [Tampering.REWRITTEN]

    def test_sealing_goes_on_after_a_break_and_does_not_hide_it(self):
        with database_owner() as owner:
            owner.execute("UPDATE audit_entry SET purpose = 'nothing to see', hash = sha256('x') WHERE position = 10")
        write(3)
        seal_all()
        assert found() == [(Tampering.CHANGED, 10, 10)]


class TestSealing:
    def test_an_entry_of_an_open_transaction_is_sealed_later(self, transactional_db):
        written, go_on = Event(), Event()

        def slow_writer():
            with transaction():
                audit.record(OFFICER, "tests.slow", purpose="an older id, kept later")
                written.set()
                assert go_on.wait(20)
            connection.close()

        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(slow_writer)
            assert written.wait(20)
            write(2)
            assert audit.seal(clock.now()) == 2
            go_on.set()
            slow.result()
        assert audit.seal(clock.now()) == 1
        state = audit.verify()
        assert (state.whole, state.sealed, state.waiting) == (True, 3, 0)
        assert entry_at(3).action == "tests.slow"

    def test_writers_and_sealers_at_once(self, transactional_db):
        writers, each = 6, 25
        start = Barrier(writers + 2)
        done = Event()

        def work():
            start.wait()
            write(each)
            connection.close()

        def sealer():
            start.wait()
            while not done.is_set():
                audit.seal(clock.now(), limit=7)
            connection.close()

        with ThreadPoolExecutor(writers + 2) as pool:
            sealers = [pool.submit(sealer) for _ in range(2)]
            for writer in [pool.submit(work) for _ in range(writers)]:
                writer.result()
            done.set()
            for each_sealer in sealers:
                each_sealer.result()
        seal_all()
        state = audit.verify()
        assert (state.breaks, state.sealed) == ([], writers * each)

    def test_what_waits_is_said(self, db):
        before = clock.now()
        write(2)
        state = audit.verify()
        assert (state.sealed, state.waiting, state.head) == (0, 2, None)
        assert state.waiting_since is not None
        assert before <= state.waiting_since <= clock.now()

    def test_a_head_goes_outside_first_then_every_thousand_or_every_hour(self, db):
        now = clock.now()
        for count, at in ((1, now), (998, now), (2, now), (5, now), (5, now + timedelta(hours=1))):
            write(count)
            audit.seal(at)
        told = [row.body for row in OutboxRow.objects.filter(topic="audit.sealed").order_by("id")]
        assert [json.loads(bytes(body))["position"] for body in told] == [1, 1001, 1011]

    def test_the_bytes_of_an_entry_never_change(self):
        """A chain that was sealed by an older release must still verify."""
        entry = Entry(
            UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC), ActorKind.OFFICER, "동 주민센터, officer 1", None,
            "tests.read", "try", ResidentId(UUID(int=2)), None, ("residents.name_ko",), "",
        )
        assert rules.seal(bytes(32), entry).hex() == "a75bffa92b30808e23dcf03940d4557ae15a4a18cb89fb5d805f2a10b26075a3"


@pytest.mark.long
def test_sealing_keeps_up(transactional_db):
    """Far more than the city writes: 187 million transactions a year (2025) are 6 a second, some 60 entries."""
    entries = [
        Entry(new_id(), clock.now(), ActorKind.SYSTEM, "tests", None, "tests.read", "try", RESIDENT, None, ("a",), "")
        for _ in range(50_000)
    ]
    EntryRow.objects.bulk_create([
        EntryRow(**{name: getattr(entry, name) for name in store._ENTRY if name != "fields"}, fields=["a"])
        for entry in entries
    ], batch_size=5_000)
    begun = time.perf_counter()
    seal_all()
    sealed = time.perf_counter()
    assert audit.verify().whole
    verified = time.perf_counter()
    print(f"sealed {50_000 / (sealed - begun):.0f}/s, verified {50_000 / (verified - sealed):.0f}/s")  # noqa: T201 -- the figure
    assert 50_000 / (sealed - begun) > 1_000
