"""Cities to harm, and where the measured times are told."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from madang.entrypoints.launch import Launched, launched
from tests.city import SETTINGS

Tell = Callable[[str], None]


@pytest.fixture(scope="module")
def harmed_city() -> Iterator[Launched]:
    """One city for all harm of a module: it has to outlive each, and the next test begins where the last one ended."""
    folder = tempfile.TemporaryDirectory(prefix="madang-harmed-")
    with folder as name, launched(Path(name), environ=SETTINGS) as one:
        yield one


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print a measured figure, also when the test passes."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n  {line}", flush=True)  # noqa: T201 -- figures are what this suite is run for

    return say
