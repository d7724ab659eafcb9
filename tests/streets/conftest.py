"""A made-up district of 24 intersections for the tests of the room."""

import pytest

from madang.streets.traffic_signals.store import profile


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setenv("MADANG_SIGNALS", "24")
    _forget()
    yield
    _forget()


def _forget():
    profile.profile.cache_clear()
    profile._made_up.cache_clear()
