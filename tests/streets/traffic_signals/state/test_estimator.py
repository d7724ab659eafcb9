"""The state that counts make: near the truth where it is counted, near enough where not, and never broken."""

from datetime import datetime

import numpy as np
import pytest

from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.rules.networks.demand import Demand
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.estimator import Estimator

MORNING = datetime(2026, 3, 2, 7, tzinfo=SEOUL)


@pytest.fixture(scope="module")
def network():
    return city(40, 130, seed=5)


@pytest.fixture(scope="module")
def hours(network):
    return list(Demand(network, 2).run(MORNING, 300, 36, seed=1))


def error_of(found, true):
    return float(np.abs(found - true).sum() / true.sum())


def test_flows_of_counted_approaches_are_near_the_truth(network, hours):
    estimator = Estimator(network)
    for one in hours:
        traffic = estimator.update(one.counts)
    net = estimator.net
    approach = np.zeros((len(net.movements), len(net.links)))
    approach[np.arange(len(net.movements)), net.entry] = 1
    counted = (traffic.measured @ approach > 0)
    assert counted.mean() > 0.4
    assert error_of((traffic.volume @ approach)[counted], (hours[-1].mean @ approach)[counted]) < 0.15


def test_a_restored_estimator_goes_on_as_if_nothing_had_happened(network, hours):
    first = Estimator(network)
    for one in hours[:20]:
        first.update(one.counts)
    second = Estimator(network)
    second.restore(first.snapshot())
    for one in hours[20:]:
        here, there = first.update(one.counts), second.update(one.counts)
    for name in ("volume", "queue", "uncertainty", "volume_soon", "error_later", "saturation_flow"):
        assert np.array_equal(getattr(here, name), getattr(there, name)), name
