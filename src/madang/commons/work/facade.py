"""The door to durable work. Built on procrastinate: docs/decisions/0004-durable-work.md says why."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, get_type_hints

import msgspec
import structlog
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from madang.commons.work.contracts import Arguments, Retry, Task
from madang.kernel import clock

log = structlog.get_logger(__name__)


class _Waits(BaseRetryStrategy):
    def __init__(self, retry: Retry) -> None:
        self._retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002 -- the library's signature
        wait = self._retry.wait_after(job.attempts + 1)
        return None if wait is None else RetryDecision(retry_in={"seconds": wait})


def task(name: str, *, retry: Retry | None = None) -> Callable[[Callable[Arguments, None]], Task[Arguments]]:
    """Make a room's function a piece of durable work called ``room.verb``; the name must never change once in use.

    Its arguments are given by name and travel as JSON, rebuilt from their annotations (UUID, datetime, StrEnum,
    frozen dataclasses).
    """

    def make(run: Callable[Arguments, None]) -> Task[Arguments]:
        @wraps(run)
        def from_wire(**facts: Any) -> None:
            try:
                run(**_rebuilt(run, facts))  # type: ignore[call-arg]  # from the very signature that it is called with
            except Exception:  # whatever a task raises is noted here, and goes on to the queue, which tries it again
                log.warning("work failed and will be tried again", task=name, exc_info=True)
                raise

        app.task(name=name, retry=_Waits(retry or Retry()))(from_wire)
        return Task(name, run, _put_down)

    return make


def every(cron: str, name: str) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Run a room's function at the times that ``cron`` (five or six fields) names, once in the whole city."""

    def make(run: Callable[[datetime], None]) -> Callable[[datetime], None]:
        @app.periodic(cron=cron)
        @app.task(name=name, queueing_lock=name)
        def on_time(timestamp: int) -> None:
            run(datetime.fromtimestamp(timestamp, clock.SEOUL))

        return run

    return make


def _rebuilt(run: Callable[..., None], facts: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(run)
    return {key: msgspec.convert(fact, hints[key], strict=False) for key, fact in facts.items()}


def _put_down(name: str, facts: dict[str, object], seconds: int | None) -> None:
    options: dict[str, Any] = {"schedule_in": {"seconds": seconds}} if seconds else {}
    app.configure_task(name=name, allow_unknown=False, **options).defer(**msgspec.to_builtins(facts))
