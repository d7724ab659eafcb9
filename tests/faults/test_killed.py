"""kill -9, one process after another, while people apply: nothing acknowledged is lost, nothing happens twice."""

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from madang.commons.db.processes import free_port
from madang.entrypoints.launch import Launched, launched
from tests.city import SETTINGS
from tests.faults.applicants import (
    Applicants,
    applicants_of,
    applying,
    count_of_cases,
    require_all_kept,
    require_clean_books,
    until,
)
from tests.faults.conftest import Tell

pytestmark = [pytest.mark.city, pytest.mark.xdist_group("city")]

PROCESSES = ("web", "stream", "worker-1", "worker-2", "postgres", "nats", "gateway", "outside")


def recovered_after(applicants: Applicants) -> float:
    """Seconds until a request sent from now on is acknowledged, decided and its document there."""
    began = time.monotonic()
    number = applicants.apply("resident1")
    applicants.await_standing("resident1", number, "completed")
    return time.monotonic() - began


def kill(city: Launched, process: str) -> int:
    pid = city.pid_of(process)
    os.kill(pid, signal.SIGKILL)
    return pid


def harm(city: Launched, process: str, tell: Tell) -> None:
    """Kill a process among applications, and require that all of them end well."""
    applicants = applicants_of(city)
    before = count_of_cases(applicants)
    with applying(applicants):
        time.sleep(1.5)
        below = psutil.Process(city.pid_of(process)).children(recursive=True)
        pid = kill(city, process)
        took = recovered_after(applicants)
        until(lambda: city.pid_of(process) != pid, 30, lambda: f"{process} was not started again")
        until(lambda: not alive(below), 30, lambda: f"{process} left orphans: {alive(below)}")
        time.sleep(1.5)
    kept = require_all_kept(applicants)
    assert count_of_cases(applicants) - before == kept, "a request under one key became two"
    tell(f"{process}: served again {took:.1f} s after kill -9; {kept} acknowledged, {applicants.tries} tries, all done")


@pytest.mark.timeout(240)
def test_a_worker_killed_in_the_middle_loses_nothing(city: Launched, tell: Tell) -> None:
    harm(city, "worker-1", tell)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_may_be_killed(harmed_city: Launched, process: str, tell: Tell) -> None:
    harm(harmed_city, process, tell)
    require_clean_books(harmed_city)


@pytest.mark.long
@pytest.mark.timeout(400)
def test_all_may_be_killed_at_once(harmed_city: Launched, tell: Tell) -> None:
    applicants = applicants_of(harmed_city)
    with applying(applicants):
        time.sleep(1.5)
        for process in PROCESSES:
            kill(harmed_city, process)
        tell(f"everything at once: served again after {recovered_after(applicants):.1f} s")
    require_all_kept(applicants)
    require_clean_books(harmed_city)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_city_itself_may_be_killed(tmp_path: Path, tell: Tell) -> None:
    settings = {**SETTINGS, "MADANG_PORT": str(free_port())}  # the second city is at the first one's address
    with ExitStack() as cities:
        first = cities.enter_context(launched(tmp_path, environ=settings))
        applicants = applicants_of(first)
        before = count_of_cases(applicants)
        with applying(applicants):
            time.sleep(3)
            children = psutil.Process(first.process.pid).children(recursive=True)
            first.process.kill()
            took = until(lambda: not alive(children), 20, lambda: f"orphans: {alive(children)}")
            tell(f"madang up: its {len(children)} processes were gone {took:.1f} s after its kill -9")
            began = time.monotonic()
            second = cities.enter_context(launched(tmp_path, environ=settings))
            ready, after = time.monotonic() - began, recovered_after(applicants)
        kept = require_all_kept(applicants)
        assert count_of_cases(applicants) - before == kept, "a request under one key became two"
        tell(f"madang up: ready again after {ready:.1f} s, served {after:.1f} s later; {kept} acknowledged, all done")
        require_clean_books(second)


def alive(processes: list[psutil.Process]) -> list[str]:
    """The processes that still run."""
    return [one.name() for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
