import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import signals

HOUSE = Path(signals.__file__).parents[2]


def simulator() -> str:
    """The Python that has the simulator, or a reason to skip."""
    beside = HOUSE / ".simulator" / "bin" / "python"
    python = str(beside) if beside.exists() else sys.executable
    if subprocess.run([python, "-c", "import libsumo"], check=False, capture_output=True).returncode:
        pytest.skip("no simulator: `make simulator` installs it")
    return python


def test_without_the_simulator_it_says_what_to_install_and_exits_with_3(capsys, monkeypatch):
    monkeypatch.setattr(signals.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 3))
    with pytest.raises(SystemExit) as left:
        signals.measure(quick=True, simulator=sys.executable)
    assert left.value.code == 3
    assert "make simulator" in capsys.readouterr().err


def test_without_the_published_networks_it_says_where_they_are_looked_for(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MADANG_SHARED_DATA", str(tmp_path))
    monkeypatch.setattr(signals.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    with pytest.raises(SystemExit) as left:
        signals.measure(quick=True, simulator=sys.executable)
    assert left.value.code == 3
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.long
def test_an_hour_of_a_published_network_is_better_than_its_own_plan_and_than_the_peers():
    python = simulator()
    try:
        figures = signals.measure(quick=True, networks=["ingolstadt1"], simulator=python)
    except signals.NotPossible:
        pytest.skip("the published networks are absent: set MADANG_SHARED_DATA")
    one = figures["networks"]["ingolstadt1"]
    assert set(one) == {"fixed", "webster", "maxpressure", "greedy", "plan", "adaptive"}
    assert one["adaptive"] < min(one["fixed"], one["maxpressure"], one["greedy"])
    assert figures["summary"]["adaptive_vs_maxpressure"] < 1
    assert figures["every_seed"]["ingolstadt1"]["adaptive"] == [one["adaptive"]]
