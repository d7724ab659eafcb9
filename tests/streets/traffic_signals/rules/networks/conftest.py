import os
from pathlib import Path

import pytest


@pytest.fixture
def traffic_signal_data() -> Path:
    """The folder of networks published by others; it is no part of the product."""
    shared = Path(os.environ.get("MADANG_SHARED_DATA", Path(__file__).parents[6] / "shared" / "data"))
    folder = shared / "traffic_signals"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent: set MADANG_SHARED_DATA to the folder of published data")
    return folder
