"""When to ask again."""

from madang.records.registers.contracts import Patience


def wait_before(attempt: int, patience: Patience, chance: float) -> float:
    """Seconds to wait before ``attempt`` (the first again is 2): doubled each time, full jitter by ``chance`` in 0..1.

    Full jitter spreads callers best (M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015).
    """
    longest: float = patience.wait_seconds * 2 ** (attempt - 2)
    return chance * longest


def time_for_attempt(spent: float, patience: Patience) -> float:
    """Seconds that the next attempt may take when ``spent`` have passed since the call began; 0 when none are left."""
    return max(0.0, min(patience.attempt_seconds, patience.total_seconds - spent))


def may_ask_again(attempt: int, spent: float, wait: float, patience: Patience) -> bool:
    """Whether, after ``attempt`` failed, another may follow a ``wait`` and still have time."""
    return attempt < patience.attempts and spent + wait < patience.total_seconds
