"""The networks that nothing was tuned on: stated demand enters, through traffic counts more, SUMO takes them."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import signals
from benchmarks.signals import held_out
from madang.streets.traffic_signals.contracts import Limits
from madang.streets.traffic_signals.rules import safety
from madang.streets.traffic_signals.rules.networks import sumo
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors

HOUSE = Path(signals.__file__).parents[2]
LIMITS = Limits(min_green=5, max_red=240, min_cycle=30, max_cycle=180, min_yellow=3, min_all_red=0, walking_speed=1,
                walk_start=4)
NET = "".join(
    f'<edge id="{end}{inner}" from="{end}"/><edge id="{inner}{end}" to="{end}"/>'
    for end, inner in (("left0", "A0"), ("right0", "B0"), ("top0", "A0"), ("bottom1", "B0"))
)


def flows(name):
    for one in ET.fromstring(held_out._demand(name, NET)):  # noqa: S314 -- written by the house itself
        yield one.get("from"), one.get("to"), float(one.get("probability"))


@pytest.mark.parametrize("name", sorted(held_out.SHAPES))
def test_every_outer_edge_sends_what_is_stated_to_every_other_one(name):
    sent = defaultdict(float)
    for origin, target, chance in flows(name):
        sent[origin] += 3600 * chance
        assert origin.rstrip("AB0").rstrip("1") not in target
    ends = {origin: 3.0 if name == "arterial" and origin.startswith(("left", "right")) else 1.0 for origin in sent}
    stated = {origin: held_out.ENTERING[name] * weight for origin, weight in ends.items()}
    assert sent == pytest.approx(stated, rel=1e-4)
    assert len(sent) == 4


def test_through_traffic_of_the_arterial_is_its_largest_stream():
    found = {(origin, target): chance for origin, target, chance in flows("arterial")}
    assert max(found, key=found.__getitem__) in {("left0A0", "B0right0"), ("right0B0", "A0left0")}
    assert found["left0A0", "B0right0"] == pytest.approx(3 * found["left0A0", "A0top0"], rel=1e-3)


def test_the_same_network_has_the_same_demand():
    assert held_out._demand("grid", NET) == held_out._demand("grid", NET)


@pytest.mark.parametrize("name", sorted(held_out.SHAPES))
def test_what_netgenerate_makes_is_read_with_safe_fixed_plans_and_detectors(name, tmp_path):
    python = HOUSE / ".simulator-1.9" / "bin" / "python"
    if not python.exists():
        pytest.skip("no netgenerate: `make simulator-old` installs it")
    place = held_out.make(name, tmp_path, str(python))
    text = (place / f"{name}.net.xml").read_bytes()
    network, running = with_detectors(sumo.read(text, name)), sumo.programmes(text, name)
    assert len(network.intersections) == {"grid": 9, "arterial": 5}[name]
    assert all(not safety.breaches(network.intersections[id_], each, LIMITS) for id_, each in running.items())
    edges = set(re.findall(r'<edge id="([^":]+)"', text.decode()))
    routes = ET.fromstring((place / f"{name}.rou.xml").read_text("utf-8"))  # noqa: S314 -- written by the house itself
    assert {one.get(end) for one in routes for end in ("from", "to")} <= edges
    ways = {(way.entry, lane) for one in network.intersections.values() for way in one.movements for lane in way.lanes}
    assert {(each.link, lane) for each in network.detectors.values() for lane in each.lanes} >= ways


def test_a_netgenerate_that_fails_is_not_taken_for_a_network(monkeypatch, tmp_path):
    def failed(*_, **__):
        raise subprocess.CalledProcessError(1, "netgenerate")

    home = tmp_path / "lib" / "python3.11" / "site-packages" / "sumo"
    home.mkdir(parents=True)
    monkeypatch.setattr(held_out.subprocess, "run", failed)
    with pytest.raises(subprocess.CalledProcessError):
        held_out.make("grid", tmp_path, str(tmp_path / "bin" / "python"))
    assert not list(tmp_path.glob("grid/*.rou.xml"))
