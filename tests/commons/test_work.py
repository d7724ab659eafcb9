"""Durable work goes with the transaction that puts it down, and comes back as the facts that it was given."""

from uuid import UUID

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from madang.commons.db.transactions import transaction
from madang.commons.work.contracts import Retry
from madang.commons.work.facade import task
from madang.kernel.ids import new_id
from madang.kernel.languages import Language

done: list[tuple[UUID, Language, int]] = []


@task("tests.paint")
def paint(wall: UUID, language: Language, coats: int = 1) -> None:
    done.append((wall, language, coats))


def _put_down():
    return ProcrastinateJob.objects.filter(task_name="tests.paint")


def test_work_is_given_up_with_its_transaction(transactional_db):
    with pytest.raises(ZeroDivisionError), transaction():
        paint.defer(wall=new_id(), language=Language.VI)
        1 / 0  # noqa: B018
    assert not _put_down().exists()


def test_facts_come_back_as_they_were_given_and_defaults_need_not_be(transactional_db):
    wall = new_id()
    with transaction():
        paint.defer(wall=wall, language=Language.VI)
    [job] = _put_down()
    app.tasks[job.task_name].func(**job.args)
    assert done == [(wall, Language.VI, 1)]


def test_positional_facts_are_refused_because_a_later_version_could_not_tell_them_apart(transactional_db):
    with pytest.raises(TypeError, match="by name"):
        paint.defer(new_id(), Language.VI)


@pytest.mark.parametrize(("failures", "wait"), [(1, 1), (2, 5), (3, 5), (4, None)])
def test_waits_grow_then_repeat_then_end(failures, wait):
    assert Retry(waits=(1, 5), attempts=4).wait_after(failures) == wait


def test_without_a_number_of_attempts_it_is_tried_for_ever():
    assert Retry(waits=(1, 5), attempts=None).wait_after(10_000) == 5
