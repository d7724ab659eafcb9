"""Before and after, networks as tables, plans in others' words, the profile, and the played street."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.entrypoints.settings import HOUSE
from madang.simulation.street import Street
from madang.streets.traffic_signals.contracts import IntersectionId, NetworkFileWrong
from madang.streets.traffic_signals.contracts.operation import ProfileWrong, Values
from madang.streets.traffic_signals.rules import formats
from madang.streets.traffic_signals.rules.networks import tables
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.operation import before_after, fixed
from madang.streets.traffic_signals.rules.profile import read
from madang.streets.traffic_signals.rules.safety import Junction, breaches
from tests.streets.signals import LIMITS, crossroads, plan

VALUES = Values(17_500, 350)
TEXT = (HOUSE / "profiles" / "seoul" / "signals.yaml").read_text(encoding="utf-8")
NETWORK = city(24, 80, seed=3)


def delay_in(rows):
    flow, waiting = rows.sum(0)
    return waiting / flow * 3600


def days(effect, *, seed, chosen_worst=False, growth=1.15):
    """Synthetic measurements: every place with its own usual delay, a rise of demand everywhere, noise, an effect."""
    chance = np.random.default_rng(seed)
    names = [IntersectionId(f"i{number}") for number in range(80)]
    usual = chance.uniform(20, 60, len(names))

    def period(runs, scale):
        days = -(-runs // 24) if runs > 96 else 1
        weather = np.repeat(chance.normal(0, 6, (len(names), days)), -(-runs // days), axis=1)[:, :runs]
        found = {}
        for row, name in enumerate(names):
            delay = np.maximum(1, usual[row] * scale[row] + weather[row] + chance.normal(0, 4, runs))
            flow = chance.uniform(900, 1_100, runs)
            found[name] = np.column_stack([flow, delay * flow / 3600])
        return found

    one = np.ones(len(names))
    past, before = period(24 * 28, one), period(96, one)
    order = sorted(names, key=lambda name: delay_in(past[name]) - delay_in(before[name]))
    changed = frozenset(order[:40] if chosen_worst else names[::2])
    scale = np.array([growth * (1 + effect * (name in changed)) for name in names])
    return before_after.Periods(past, before, period(96, scale), (24, 24)), changed, usual, names


def test_a_known_effect_is_covered_and_claimed():
    covered = 0
    for seed in range(12):
        periods, changed, usual, names = days(-0.2, seed=seed)
        found = before_after.compare(periods, changed, VALUES)
        own = [usual[row] for row, name in enumerate(names) if name in changed]
        truth = -1.15 * 0.2 * np.mean(own)
        assert found.change.is_sure
        assert found.won_a_year.value < 0
        covered += found.change.low <= truth <= found.change.high
    assert covered >= 10


def test_no_effect_is_not_claimed_though_demand_rose_and_the_worst_places_were_chosen():
    claimed = sum(
        before_after.compare(*days(0.0, seed=seed, chosen_worst=True)[:2], VALUES).change.is_sure for seed in range(12)
    )
    calm = [days(0.0, seed=seed, chosen_worst=True, growth=1.0)[:2] for seed in range(3)]
    assert claimed <= 2
    assert all(before_after.compare(*each, VALUES).naive < -1 for each in calm)


def test_with_too_few_places_nothing_is_said():
    periods, changed, _, _ = days(-0.2, seed=1)
    assert before_after.compare(periods, frozenset(sorted(changed)[:3]), VALUES) is None


def test_a_network_comes_back_from_its_tables_as_it_was():
    files = tables.written(NETWORK)
    assert tables.read(NETWORK.name, files) == replace(NETWORK, corridors=tuple(NETWORK.corridors))


@pytest.mark.parametrize(("file", "old", "new", "said"), [
    ("links.csv", r"^(\w\S*?,\S*?,\S*?),[\d.]+", r"\1,long", "links.csv:2: length is 'long': give a number from 0"),
    ("movements.csv", "through", "trough", "turn is 'trough', which is not known here"),
    ("stages.csv", "^intersection,", "junction,", "stages.csv:1: the header must be intersection,id,green"),
    ("intersections.csv", r"\n", ",\n", "the header must be"),
])
def test_a_wrong_table_is_refused_with_file_and_line(file, old, new, said):
    files = tables.written(NETWORK)
    files[file] = re.sub(old, new, files[file], count=1, flags=re.MULTILINE) if file != "links.csv" else (
        "\n".join(re.sub(old, new, line) if row == 1 else line for row, line in enumerate(files[file].split("\n"))))
    with pytest.raises(NetworkFileWrong) as wrong:
        tables.read("net", files)
    assert said in str(wrong.value)


def test_a_missing_or_unknown_file_is_named():
    files = tables.written(NETWORK)
    del files["stages.csv"]
    with pytest.raises(NetworkFileWrong, match=r"stages\.csv: is missing"):
        tables.read("net", files)
    with pytest.raises(NetworkFileWrong, match=r"extra\.csv"):
        tables.read("net", tables.written(NETWORK) | {"extra.csv": ""})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_table_gets_past_with_another_error(data):
    files = tables.written(city(3, 6, seed=1))
    file = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, max(0, len(files[file]) - 1)))
    files[file] = files[file][:at] + data.draw(st.text(max_size=3)) + files[file][at + data.draw(st.integers(0, 5)):]
    try:
        tables.read("net", files)
    except NetworkFileWrong as wrong:
        assert file.removesuffix(".csv") in str(wrong) or ".csv" in str(wrong)  # noqa: PT017


def test_every_made_up_intersection_has_a_safe_fixed_plan():
    limits = read(TEXT).limits
    plans = fixed.fixed_plans(NETWORK, limits)
    assert set(plans) == set(NETWORK.intersections)
    assert all(breaches(NETWORK.intersections[name], one, limits) == [] for name, one in plans.items())


def test_one_phase_and_cut_off_intersections_are_steered_or_left_alone_but_never_fail():
    at = crossroads()
    one_phase = replace(at, stages=at.stages[:1], movements=at.movements[:2], crossings=at.crossings[:1],
                        conflicts=frozenset(), intergreens={})
    made = fixed.fixed_plan(one_phase, LIMITS)
    assert made is not None
    assert breaches(one_phase, made, LIMITS) == []
    assert fixed.fixed_plan(replace(at, stages=()), LIMITS) is None
    assert fixed.fixed_plan(replace(at, intergreens={}), LIMITS) is None


@pytest.mark.parametrize(("old", "new", "said"), [
    ("min_green: 7", "min_green: seven", "signals.yaml:7: limits.min_green"),
    ("max_red: 170", "max_read: 170", "limits.max_read is not known here"),
    ("walking_speed: 0.8", "walking_speed: 0", "limits.walking_speed is not above 0"),
    ("at_most: 30", "at_most: 3", "begins above at_most"),
    ("stale_minutes: 10", "stale_minutes: 1.5", "give a whole number"),
    ('begin: "06:00"', "begin: early", "give a time"),
    ("min_cycle: 40", "min_cycle: 400", "is not above min_cycle"),
    ("limits:", "limits: [", "is not YAML"),
    ("state: {}", "state: {silent: 3}", "state.silent is not known here"),
    ("state: {}", "state: {silent_after: soon}", "state.silent_after is 'soon'"),
    ("country: KR", "country: Korea", "calendar.country is no code"),
    ("also: []", "also: [someday]", "calendar.also is no list of days"),
])
def test_the_profile_is_read_strictly(old, new, said):
    with pytest.raises(ProfileWrong) as wrong:
        read(TEXT.replace(old, new, 1))
    assert said in str(wrong.value)


def test_ntcip_tables_add_up_and_name_only_what_is_there():
    found = formats.ntcip(crossroads(), plan(30, 40, offset=5))
    [pattern] = found["patternTable"]
    assert sum(each["splitTime"] for each in found["splitTable"]) == pattern["patternCycleTime"] == 78
    assert pattern["patternOffsetTime"] == 5
    assert found["sequenceTable"][0]["sequenceData"] == [1, 2]
    assert {each["phaseYellowChange"] for each in found["phaseTable"]} == {30}
    assert {each["phaseRedClear"] for each in found["phaseTable"]} == {10}


@pytest.mark.parametrize(("second", "north", "east", "ends"), [
    (0, "protected-Movement-Allowed", "stop-And-Remain", 300),
    (29, "protected-Movement-Allowed", "stop-And-Remain", 300),
    (30, "protected-clearance", "stop-And-Remain", 340),
    (33, "stop-And-Remain", "stop-And-Remain", 340),
    (34, "stop-And-Remain", "protected-Movement-Allowed", 740),
])
def test_spat_says_what_each_group_shows_at_a_moment(second, north, east, ends):
    at, midnight = crossroads(), datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC)
    found = formats.spat(Junction(at, LIMITS), plan(30, 40), midnight.replace(second=second))
    groups = formats.signal_groups(at)
    shown = {each["signalGroup"]: each["state-time-speed"][0] for each in found["states"]}
    assert shown[groups["X/n"]]["eventState"] == north
    assert shown[groups["X/e"]]["eventState"] == east
    assert shown[groups["X/n"]]["timing"]["minEndTime"] == ends
    assert {each["signalGroup"] for each in formats.map_data(at)["connections"]} <= set(groups.values())


def test_the_played_street_counts_in_every_area_and_answers_to_longer_greens():
    street = Street(NETWORK)
    first = street.minute(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    assert sum(len(batch["detectors"]) for batch in first.values()) == len(
        [one for one in NETWORK.detectors.values() if NETWORK.links[one.link].end])
    before = street._green.copy()
    street.take_up([
        {"intersection": at.id, "cycle": 100, "stages": [{"stage": one.id, "green": 60} for one in at.stages]}
        for at in NETWORK.intersections.values()
    ])
    assert (street._green != before).any()
