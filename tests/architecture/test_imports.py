"""Each import contract catches what it is there to catch: a violation is planted, and its contract names it.

All are planted in one copy of the house, because reading the imports of the house is what takes the time.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from madang.entrypoints.settings import HOUSE

STOREYS, SHAPE = "The city is built in storeys", "Every room has the same shape"
DOOR, DELIVERY = "Rooms are entered by the door", "Delivery never skips the facade"
FRAMEWORK = "Rules, contracts and the kernel know no framework"
COURTYARD, CYCLES = "The courtyard is ordered", "No cycles between siblings"

PLANTED = [
    # contract, file, what is planted there (a new file when it is not there yet), what the contract must name
    (STOREYS, "kernel/money.py", "import madang.commons.db.transactions", "madang.kernel.money"),
    (STOREYS, "records/places/rules/far.py", "import madang.services.applications.contracts", "places.rules.far"),
    (STOREYS, "warehouse/__init__.py", '"""A storey nobody decided on."""', "warehouse"),
    (SHAPE, "records/places/utils.py", '"""A drawer."""', "utils"),
    (SHAPE, "records/catalogue/contracts.py", "import madang.records.catalogue.facade", "catalogue.contracts"),
    (DOOR, "front_desk/portal/web.py", "import madang.services.applications.store", "madang.front_desk.portal.web"),
    (DOOR, "services/applications/facade.py", "import madang.commons.audit.store", "madang.commons.audit.store"),
    (DELIVERY, "records/catalogue/api.py", "import madang.records.catalogue.store", "madang.records.catalogue.api"),
    (FRAMEWORK, "records/catalogue/rules/search.py", "import django.db", "madang.records.catalogue.rules.search"),
    (FRAMEWORK, "kernel/clock.py", "import httpx", "madang.kernel.clock"),
    (COURTYARD, "commons/db/transactions.py", "import madang.commons.events.facade", "db.transactions"),
    (COURTYARD, "commons/cellar/__init__.py", '"""A part nobody gave an order to."""', "cellar"),
    (CYCLES, "kernel/geography.py", "import madang.kernel.ids", "allowed in madang.kernel."),
    (CYCLES, "kernel/ids.py", "import madang.kernel.geography", "allowed in madang.kernel."),
]


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """What each broken contract says, by its name, in a copy of the house with everything planted."""
    house = tmp_path_factory.mktemp("house")
    unread = shutil.ignore_patterns("__pycache__", "static", "locale", "templates")
    for folder in ("src", "tools"):
        shutil.copytree(HOUSE / folder, house / folder, ignore=unread)
    shutil.copy(HOUSE / "pyproject.toml", house)
    for _, file, line, _ in PLANTED:
        path = house / "src" / "madang" / file
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + f"\n{line}\n", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": f"{house / 'src'}:{house}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1, told.stdout + told.stderr
    sections = re.split(r"\n(?=[^\n]+\n-+\n)", told.stdout)
    return {section.partition("\n")[0]: section for section in sections[1:]}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted[0]}: {planted[2]}")
def test_a_planted_violation_breaks_its_contract_by_name(broken, planted):
    contract, _, _, named = planted
    assert named in broken[contract]


def test_every_contract_has_a_planted_violation():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for contract, *_ in PLANTED}
