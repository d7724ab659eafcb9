"""Every event is archived once, kept five years, and erased for good when it must be."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.lake import facade, profile, rules
from madang.commons.lake.contracts import Archived, Hole, Position
from madang.commons.lake.rules import SmallFile
from madang.commons.lake.store import durable
from madang.kernel.ids import new_id

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def events(first, last, topic="tests.lamp_lit", at=NOON, body="{}"):
    return [Archived(number, new_id(), topic, at, body) for number in range(first, last + 1)]


@pytest.fixture
def no_bus(settings):
    settings.MADANG_NATS_URL = "nats://127.0.0.1:9"


def test_a_batch_that_comes_again_is_archived_once(lake, no_bus):
    assert facade.position() is None
    assert facade.archive("bus", events(1, 10)) == 10
    assert facade.archive("bus", events(6, 15)) == 5
    assert facade.archive("bus", events(1, 15)) == 0
    assert facade.position() == Position("bus", 15)
    state = facade.check()
    assert (state.events, state.twice, state.holes, state.whole, state.behind) == (15, 0, [], True, None)


@pytest.mark.parametrize(("step", "kept"), [("_write_metadata", 0), ("_delete_old_metadata", 10)])
def test_a_writer_that_dies_in_a_commit_left_all_of_it_or_nothing(lake, no_bus, monkeypatch, step, kept):
    batch = events(1, 10)
    facade.position()

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(durable.DurableCatalog, step, staticmethod(die))
        facade.archive("bus", batch)
    assert facade.archive("bus", batch) == 10 - kept
    state = facade.check()
    assert (state.events, state.twice, state.position) == (10, 0, Position("bus", 10))


def test_a_bus_made_anew_counts_from_one_and_loses_nothing(lake, no_bus):
    facade.archive("first bus", events(1, 10))
    assert facade.archive("second bus", events(1, 4)) == 4
    assert facade.count_events() == 14
    assert facade.check().whole


def test_what_is_missing_is_said(lake, no_bus):
    facade.archive("bus", events(1, 3))
    facade.archive("bus", events(7, 9))
    state = facade.check()
    assert state.holes == [Hole("bus", 4, 6)]
    assert not state.whole


def test_writers_at_the_same_moment_archive_each_event_once(lake, no_bus):
    batch = events(1, 50)

    def write():
        try:
            facade.archive("bus", batch)
        finally:
            connection.close()

    facade.position()
    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert facade.check().events == 50
    assert facade.check().twice == 0


def test_events_are_counted_by_topic_and_time(lake):
    facade.archive("bus", events(1, 5, at=NOON - timedelta(days=1)) + events(6, 8, topic="tests.lamp_out"))
    assert facade.count_events() == 8
    assert facade.count_events(topic="tests.lamp_out") == 3
    assert facade.count_events(since=NOON - timedelta(hours=1)) == 3
    assert facade.count_events(topic="tests.lamp_lit", since=NOON - timedelta(hours=1)) == 0
    assert facade.count_events(topic="it's") == 0


def test_small_files_become_one_and_nothing_is_lost(lake, no_bus):
    for first in range(1, 100, 10):
        facade.archive("bus", events(first, first + 9, at=NOON))
    before = facade.check()
    done = facade.tend(NOON)
    after = facade.check()
    assert (before.files, after.files) == (10, 1)
    assert (done.files_joined, done.files_made) == (10, 1)
    assert (after.events, after.whole, after.position) == (100, True, Position("bus", 100))
    assert facade.archive("bus", events(91, 105)) == 5


def test_five_years_are_kept_and_older_is_gone_from_the_disk(lake, no_bus):
    keep = profile.keeping(settings.MADANG_PROFILE).keep
    facade.archive("bus", events(1, 5, at=NOON, body='{"old":"kept long"}'))
    facade.archive("bus", events(6, 9, at=NOON + timedelta(days=2)))
    assert facade.tend(NOON + keep).rows_forgotten == 0
    assert facade.tend(NOON + keep + timedelta(days=1)).rows_forgotten == 5
    assert facade.count_events() == 4
    assert facade.position() == Position("bus", 9)
    assert len(list(lake.rglob("*.parquet"))) == 1
    assert facade.archive("bus", events(1, 9)) == 0


def files_holding(lake: Path, text: bytes) -> list[str]:
    import pyarrow.parquet as pq

    found = [path.name for path in lake.rglob("*") if path.is_file() and text in path.read_bytes()]
    parquet = {path: pq.read_table(path)["body"].to_pylist() for path in lake.rglob("*.parquet")}
    return found + [path.name for path, bodies in parquet.items() if any(text.decode() in body for body in bodies)]


def test_an_erased_residents_events_are_in_no_file_any_more_and_nothing_else_is_missing(lake, no_bus):
    resident, other = new_id(), new_id()
    for first in range(1, 30, 10):
        facade.archive("bus", events(first, first + 4, body=f'{{"resident":"{resident}"}}'))
        facade.archive("bus", events(first + 5, first + 9, body=f'{{"resident":"{other}"}}'))
    facade.tend(NOON)
    assert files_holding(lake, str(resident).encode())
    assert facade.erase([resident]) == 15
    assert files_holding(lake, str(resident).encode()) == []
    assert files_holding(lake, str(other).encode())
    state = facade.check()
    assert (state.events, state.erased, state.whole, state.snapshots) == (15, 15, True, 1)
    assert facade.count_events() == facade.count_events(topic="tests.lamp_lit") == 15
    assert facade.erase([resident]) == 0
    assert facade.erase([]) == 0
    assert facade.archive("bus", events(21, 31)) == 1


def test_files_that_a_dead_writer_left_are_swept(lake, no_bus):
    facade.archive("bus", events(1, 5))
    stray = next(lake.rglob("*.parquet")).with_name("half-written.parquet")
    stray.write_bytes(b"PAR1")
    assert facade.tend(NOON).files_deleted >= 1
    assert not stray.exists()
    assert facade.check().events == 5


def test_a_process_that_only_knows_the_door_does_not_carry_pyarrow():
    code = (
        "import sys, django; django.setup(); import madang.commons.lake.facade, madang.commons.lake.archiver;"
        "sys.exit(any(name in sys.modules for name in ('pyarrow', 'pyiceberg', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode == 0


@given(st.lists(st.integers(1, 60), max_size=80))
def test_holes_are_what_lies_between(numbers):
    import numpy as np

    found, twice = rules.holes("bus", np.array(numbers, dtype=np.int64))
    missing = {n for hole in found for n in range(hole.first, hole.last + 1)}
    expected = set(range(min(numbers), max(numbers) + 1)) - set(numbers) if numbers else set()
    assert missing <= expected
    assert missing == expected or len(found) == rules.HOLES_SHOWN
    assert twice == len(numbers) - len(set(numbers))


@given(st.lists(st.builds(SmallFile, st.integers(1, 3), st.integers(1, 100), st.uuids().map(str)), max_size=60))
def test_joined_files_are_of_one_day_and_fit(files):
    groups = list(rules.joins(files, full=100, at_least=4))
    joined = [file.path for group in groups for file in group]
    assert len(joined) == len(set(joined))
    for group in groups:
        assert len(group) > 1
        assert len({file.day for file in group}) == 1
        assert sum(file.rows for file in group) <= 100
        assert all(file.rows < 50 for file in group)
