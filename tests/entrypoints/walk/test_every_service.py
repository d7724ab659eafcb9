"""Every service leads to its outcome, through the real processes."""

import json
import subprocess
import sys

import pytest


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_no_service_is_a_dead_end():
    asked = [sys.executable, "-m", "madang.entrypoints.cli", "catalogue", "walk", "--all", "--json"]
    walked = subprocess.run(asked, capture_output=True, text=True, check=False)  # it says by itself what failed
    said = json.loads(walked.stdout)
    assert said["failed"] == {}
    assert said["walked"] == sum(said["outcomes"].values()) > 2
    assert walked.returncode == 0
