"""The policy process's figures in Prometheus' text format (0.0.4), for whoever may reach loopback."""

from bisect import bisect_left
from collections import Counter
from typing import Final

from madang.commons.gateway.policy.counters import Counters
from madang.commons.gateway.policy.door import Answer, Door

_BOUNDS: Final = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Seconds; 3 ms is what the check may add."""


class Metrics:
    """Counts and times since the process began."""

    def __init__(self, door: Door, counters: Counters) -> None:
        self._door = door
        self._counters = counters
        self._buckets: Counter[int] = Counter()
        self._seconds = 0.0

    def took(self, seconds: float) -> None:
        """A question was answered after so long."""
        self._buckets[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    def page(self) -> Answer:
        """All of it."""
        lines = [
            "# HELP madang_policy_answers_total Answers to the front by status and code.",
            "# TYPE madang_policy_answers_total counter",
            *(
                f'madang_policy_answers_total{{status="{status}",code="{code}"}} {count}'
                for (status, code), count in sorted(self._door.counted.items())
            ),
            "# HELP madang_policy_questions_total Questions to the database about quotas.",
            "# TYPE madang_policy_questions_total counter",
            f"madang_policy_questions_total {self._counters.questions}",
            "# HELP madang_policy_seconds From the front's question to its answer.",
            "# TYPE madang_policy_seconds histogram",
            *self._histogram(),
        ]
        body = "\n".join([*lines, ""]).encode()
        return Answer(200, {"content-type": "text/plain; version=0.0.4; charset=utf-8"}, body)

    def _histogram(self) -> list[str]:
        lines, total = [], 0
        for place, bound in enumerate(_BOUNDS):
            total += self._buckets[place]
            lines.append(f'madang_policy_seconds_bucket{{le="{bound}"}} {total}')
        total += self._buckets[len(_BOUNDS)]
        return [
            *lines, f'madang_policy_seconds_bucket{{le="+Inf"}} {total}',
            f"madang_policy_seconds_sum {self._seconds:.6f}",
            f"madang_policy_seconds_count {total}",
        ]
