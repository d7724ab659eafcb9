"""The breaker as a value: what it may never do, over any run of calls, successes, failures and waiting."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from madang.records.registers.contracts import LineState, Patience
from madang.records.registers.rules import breaker as rules
from madang.records.registers.rules import patience
from madang.records.registers.rules.breaker import Breaker

PATIENCE = Patience(
    attempt_seconds=1.0, total_seconds=2.0, attempts=3, wait_seconds=0.1, failures_to_open=2, open_seconds=5.0,
)


class Calls(RuleBasedStateMachine):
    """Callers that come, go, succeed, fail, or never report back."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.breaker = Breaker()
        self.under_way = 0
        self.failed_in_a_row = 0
        self.opened_at: float | None = None
        self.probes: list[float] = []

    @rule(seconds=st.floats(0, 7))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def call(self):
        before = self.breaker
        admitted, self.breaker = rules.admit(before, PATIENCE, self.now)
        if before.state is LineState.CLOSED:
            assert admitted
        elif admitted:
            assert self.breaker.state is LineState.HALF_OPEN
            assert self.now - self.opened_at >= PATIENCE.open_seconds
            assert all(self.now - probe >= PATIENCE.open_seconds for probe in self.probes)
            self.probes.append(self.now)
        else:
            assert self.breaker == before
        self.under_way += admitted

    @precondition(lambda self: self.under_way)
    @rule()
    def succeed(self):
        self.under_way -= 1
        self.breaker = rules.succeeded(self.breaker, self.now)
        assert self.breaker.state is LineState.CLOSED
        assert self.breaker.failures == 0
        self.failed_in_a_row, self.opened_at, self.probes = 0, None, []

    @precondition(lambda self: self.under_way)
    @rule()
    def fail(self):
        self.under_way -= 1
        before = self.breaker
        self.breaker = rules.failed(before, PATIENCE, self.now)
        self.failed_in_a_row += 1
        if before.state is not LineState.OPEN and self.breaker.state is LineState.OPEN:
            self.opened_at, self.probes = self.now, []

    @rule()
    def call_and_fail(self):
        before = self.under_way
        self.call()
        if self.under_way > before:
            self.fail()

    @precondition(lambda self: self.under_way)
    @rule()
    def vanish(self):
        self.under_way -= 1

    @invariant()
    def it_opens_after_so_many_failures_and_not_before(self):
        if self.failed_in_a_row >= PATIENCE.failures_to_open:
            assert self.breaker.state is not LineState.CLOSED
        if self.breaker.state is not LineState.CLOSED:
            assert self.failed_in_a_row >= PATIENCE.failures_to_open

    @invariant()
    def nobody_is_locked_out_for_ever(self):
        later = self.now + 2 * PATIENCE.open_seconds
        assert rules.admit(self.breaker, PATIENCE, later)[0]


TestBreaker = Calls.TestCase
TestBreaker.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)


@given(attempt=st.integers(2, 8), chance=st.floats(0, 1))
def test_waits_grow_and_stay_within_twice_the_last(attempt, chance):
    assert 0 <= patience.wait_before(attempt, PATIENCE, chance) <= PATIENCE.wait_seconds * 2 ** (attempt - 2)


@given(attempt=st.integers(1, 5), spent=st.floats(0, 4), wait=st.floats(0, 1))
def test_no_call_outlasts_its_total_time(attempt, spent, wait):
    allowed = patience.time_for_attempt(spent, PATIENCE)
    assert 0 <= allowed <= PATIENCE.attempt_seconds
    assert spent >= PATIENCE.total_seconds or spent + allowed <= PATIENCE.total_seconds + 1e-9
    if patience.may_ask_again(attempt, spent, wait, PATIENCE):
        assert attempt < PATIENCE.attempts
        assert patience.time_for_attempt(spent + wait, PATIENCE) > 0
