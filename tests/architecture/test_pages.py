"""A room without a page fails the build, and so does a link that leads nowhere."""

import re

import pytest

from madang.entrypoints.settings import HOUSE
from tests.architecture.test_budgets import where
from tests.architecture.test_house import pages

STOREYS = ("front_desk", "stewardship", "services", "streets", "records", "commons")


def rooms():
    doors = (HOUSE / "src" / "madang").glob("*/*/__init__.py")
    return sorted({door.parent.name for door in doors if door.parent.parent.name in STOREYS})


@pytest.mark.parametrize("room", [room for room in rooms() if room != "db"])
def test_every_room_has_a_page(room):
    assert (HOUSE / "docs" / f"{room.replace('_', '-')}.md").is_file()


def test_every_link_between_pages_leads_somewhere():
    broken = [
        f"{where(page)} -> {link}"
        for page in pages()
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []
