"""The forecast says how wrong it may be, and is less wrong than the last count and than the usual day."""

import sys

import pytest

from madang.entrypoints.settings import HOUSE

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def figures():
    sys.path.insert(0, str(HOUSE))
    from benchmarks import signals_forecast

    return signals_forecast.measure(quick=True)


def test_it_beats_the_last_five_minutes_and_the_plain_profile(figures):
    assert figures["mae_soon"] < 0.9 * figures["mae_persistence"]
    assert figures["mae_soon"] < figures["mae_profile"]
    assert figures["mae_soon"] > figures["mae_limit"]


@pytest.mark.parametrize("name", ["soon", "later", "soon_filled", "later_filled"])
def test_nine_of_ten_stated_intervals_hold(figures, name):
    assert 0.85 <= figures[f"coverage_{name}"] <= 0.95
