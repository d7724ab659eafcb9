"""A whole running city for tests: started once a session, entered from outside only."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from madang.entrypoints.launch import Launched, launched

_SETTINGS = {"MADANG_DEMO_RESIDENTS": "2000"}


@pytest.fixture(scope="session")
def city() -> Iterator[Launched]:
    """A running city with 2,000 synthetic residents. Tests that harm it take ``own_city`` instead."""
    with tempfile.TemporaryDirectory(prefix="madang-city-") as folder, launched(Path(folder), environ=_SETTINGS) as one:
        yield one


@pytest.fixture
def own_city(tmp_path: Path) -> Iterator[Launched]:
    """A running city that this test may harm."""
    with launched(tmp_path, environ=_SETTINGS) as one:
        yield one


def visitor(city: Launched) -> httpx.Client:
    """A client that has not signed in."""
    return httpx.Client(base_url=city.url, verify=False, timeout=30, follow_redirects=False)  # noqa: S501


def signed_in(city: Launched, who: str) -> httpx.Client:
    """An API client for the demonstration account whose description begins with ``who``."""
    [account] = [one for one in city.sign_ins if one["who"].startswith(who)]
    client = visitor(city)
    answer = client.post("/api/v1/session", json={"email": account["email"], "password": account["password"]})
    answer.raise_for_status()
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if os.path.exists(path)), None)  # noqa: PTH110
