"""Attempts are counted exactly, in one statement, however many come at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from madang.commons.identity import facade as identity
from madang.commons.identity.models import AttemptsRow
from madang.commons.identity.store import attempts
from madang.commons.identity.tasks import forget_old_attempts
from madang.kernel import clock
from tests.commons.identity.people import PASSWORD, resident

NOW, WITHIN = clock.now(), timedelta(minutes=5)
ADDRESS, SOURCE = b"address", b"source"


def noted(keys=(ADDRESS,), at=NOW, most=100):
    return attempts.note(dict.fromkeys(keys, most), at, WITHIN)


def at_once(work, times):
    def one(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(times)))


def test_of_forty_at_once_each_has_another_place(transactional_db):
    counts = at_once(lambda number: noted((ADDRESS, SOURCE) if number % 2 else (SOURCE, ADDRESS)), 40)
    for key in (ADDRESS, SOURCE):
        assert sorted(one[key] for one in counts) == list(range(1, 41))


def test_those_that_succeed_at_once_are_each_forgotten_once(transactional_db):
    noted(at=NOW - timedelta(seconds=1))

    def succeed(number):
        moment = NOW + timedelta(milliseconds=number % 5)
        noted((ADDRESS, SOURCE), moment)
        attempts.forget([SOURCE, ADDRESS], moment)

    at_once(succeed, 40)
    [left] = AttemptsRow.objects.all()
    assert (bytes(left.key), left.moments) == (ADDRESS, [NOW - timedelta(seconds=1)])


def test_only_what_was_tried_of_late_counts(db):
    noted(at=NOW - WITHIN)
    assert noted()[ADDRESS] == 1
    assert noted()[ADDRESS] == 2


def test_a_row_stays_short_however_often_somebody_tries(db):
    for _ in range(20):
        counted = noted(most=5)[ADDRESS]
    assert counted == 6
    assert len(AttemptsRow.objects.get().moments) == 6


def test_nothing_is_kept_of_an_address_where_nothing_was_tried_of_late(db):
    noted(at=NOW - WITHIN - timedelta(seconds=1))
    noted((SOURCE,))
    forget_old_attempts(NOW)
    assert [bytes(row.key) for row in AttemptsRow.objects.all()] == [SOURCE]


def test_a_sign_in_counts_with_two_statements(db):
    made = resident()
    with CaptureQueriesContext(connection) as asked:
        assert identity.open_api_session(made.email, PASSWORD, "", clock.now(), source="203.0.113.7")
    counting = [one["sql"] for one in asked if "identity_attempt" in one["sql"]]
    assert len(counting) == 2
    assert len(asked) <= 12, "\n".join(one["sql"][:120] for one in asked)
