"""When a register is left alone: a circuit breaker as a value. Times are seconds of any clock that only goes on."""

from dataclasses import dataclass, replace

from madang.records.registers.contracts import LineState, Patience


@dataclass(frozen=True, slots=True)
class Breaker:
    """Where the breaker stands. ``since`` is when it came to stand there; ``probe`` when the last probe left."""

    state: LineState = LineState.CLOSED
    failures: int = 0
    since: float = 0.0
    probe: float | None = None


def admit(breaker: Breaker, patience: Patience, now: float) -> tuple[bool, Breaker]:
    """Whether a call may go out now, and the breaker after that.

    Open, one probe goes out after ``open_seconds``; a probe that never reports back is given up after as long.
    """
    if breaker.state is LineState.CLOSED:
        return True, breaker
    waits_since = breaker.since if breaker.probe is None else breaker.probe
    if now - waits_since < patience.open_seconds:
        return False, breaker
    since = breaker.since if breaker.state is LineState.HALF_OPEN else now
    return True, Breaker(LineState.HALF_OPEN, breaker.failures, since, probe=now)


def succeeded(breaker: Breaker, now: float) -> Breaker:
    """The breaker after a call that was answered: closed, with nothing held against the register."""
    if breaker.state is LineState.CLOSED:
        return breaker if breaker.failures == 0 else replace(breaker, failures=0)
    return Breaker(since=now)


def failed(breaker: Breaker, patience: Patience, now: float) -> Breaker:
    """The breaker after a call that was not. A late failure of a call from before the opening changes nothing."""
    if breaker.state is LineState.OPEN:
        return breaker
    failures = breaker.failures + 1
    if breaker.state is LineState.CLOSED and failures < patience.failures_to_open:
        return replace(breaker, failures=failures)
    return Breaker(LineState.OPEN, failures, since=now)
