"""A whole running city for tests: started once a session, entered from outside only.

``MADANG_TESTS_CITY=/folder`` lends the tests a city that runs already (``madang up`` with that instance folder), so
that whoever writes them need not wait for one to start.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from madang.entrypoints.launch import Launched, launched

_LENT = os.environ.get("MADANG_TESTS_CITY", "")
SETTINGS = {"MADANG_DEMO_RESIDENTS": "2000"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a whole city on one worker: two cities on two cores would only wait for each other."""
    for item in items:
        if {"city", "own_city"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group("city"))


@pytest.fixture(scope="session")
def city() -> Iterator[Launched]:
    """A running city with 2,000 synthetic residents. Tests that harm it take ``own_city`` instead."""
    if _LENT:
        yield _lent(Path(_LENT))
        return
    with tempfile.TemporaryDirectory(prefix="madang-city-") as folder, launched(Path(folder), environ=SETTINGS) as one:
        yield one


@pytest.fixture
def own_city(tmp_path: Path) -> Iterator[Launched]:
    """A running city that this test may harm."""
    with launched(tmp_path, environ=SETTINGS) as one:
        yield one


def visitor(city: Launched) -> httpx.Client:
    """A client that has not signed in."""
    return httpx.Client(base_url=city.url, verify=False, timeout=30, follow_redirects=False)  # noqa: S501


def signed_in(city: Launched, who: str) -> httpx.Client:
    """An API client for the demonstration account whose description begins with ``who``."""
    account, client = account_of(city, who), visitor(city)
    proof = {"email": account["email"], "password": account["password"]}
    if account["second_factor"]:
        proof["code"] = fresh_code(city, account["email"])
    answer = client.post("/api/v1/session", json=proof)
    answer.raise_for_status()
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


def in_a_browser(city: Launched, who: str) -> httpx.Client:
    """A client that has signed in on the page and holds a browser's cookies, as ``signed_in`` finds the account."""
    account, client = account_of(city, who), visitor(city)
    proof = {"login": account["email"], "password": account["password"]}
    where = send_form(client, "/accounts/login/", proof).headers["location"]
    if account["second_factor"]:
        where = send_form(client, where, {"code": fresh_code(city, account["email"])}).headers["location"]
    assert "login" not in where, where
    return client


def send_form(client: httpx.Client, path: str, typed: dict[str, str], **how: Any) -> httpx.Response:
    """Open a page and send its form with the page's own token."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).text)
    assert found, f"{path} has no form"
    headers = {"referer": str(client.base_url.join(path))}
    return client.post(path, data={"csrfmiddlewaretoken": found[1]} | typed, headers=headers, **how)


def account_of(city: Launched, who: str) -> Any:
    """The one demonstration account whose description, or address, begins with ``who``."""
    [account] = [one for one in city.sign_ins if one["who"].startswith(who) or one["email"].startswith(who)]
    return account


def fresh_code(city: Launched, email: str) -> str:
    """The authenticator's code of an account; waits for the next when this one was used, for each is good once."""
    while (code := madang(city, "code", email).stdout.strip()) == _USED.get((city.url, email)):
        time.sleep(1)
    _USED[city.url, email] = code
    return code


def madang(city: Launched, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the ``madang`` command on the city."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MADANG_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "madang.entrypoints.cli", *words],
        env=own | {"MADANG_INSTANCE": str(city.instance)}, capture_output=True, text=True, timeout=90, check=False,
    )


def _lent(folder: Path) -> Launched:
    said = json.loads((folder / "run" / "ready.json").read_text(encoding="utf-8"))
    up: Any = psutil.Process(said["pids"]["web"]).parent()
    return Launched(said["url"], folder, up, tuple(said["sign_ins"]))


_USED: dict[tuple[str, str], str] = {}
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if os.path.exists(path)), None)  # noqa: PTH110
