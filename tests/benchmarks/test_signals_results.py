import pytest

from benchmarks.signals.results import NotPossible, Results

SETTING = {"seeds": 1, "intergreens": None}


def answer(delay: float, version: str = "SUMO 1.28.0") -> dict[str, object]:
    return {"sumo_version": version, "runs": [{"delay": delay, "unfinished": 0, "shut_out": 0, "cpu": 1.0}]}


def test_a_later_call_adds_to_the_file_and_the_summary_holds_both(tmp_path):
    file = str(tmp_path / "r.json")
    Results.read(file, SETTING).add("", "a", "fixed", answer(40))
    later = Results.read(file, SETTING)
    assert later.has("", "a", "fixed")
    later.add("", "a", "plan", answer(30))
    later.add("dead10", "a", "plan", answer(35))
    figures = Results.read(file, SETTING).figures()
    assert figures["summary"]["plan_vs_fixed"] == 0.75
    assert figures["variants"]["dead10"]["networks"] == {"a": {"plan": 35}}


def test_runs_of_another_setting_or_version_are_not_mixed(tmp_path):
    file = str(tmp_path / "r.json")
    Results.read(file, SETTING).add("", "a", "fixed", answer(40))
    with pytest.raises(NotPossible):
        Results.read(file, SETTING | {"intergreens": 3.0})
    with pytest.raises(NotPossible):
        Results.read(file, SETTING).add("", "a", "plan", answer(30, "SUMO 1.9.1"))
