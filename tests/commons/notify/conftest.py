"""Residents with addresses, and a mail server that obeys."""

import pytest

from madang.commons.notify import addresses
from madang.commons.notify.addresses import Address
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.simulation import mail


class Book:
    """Who is reached where; the last word counts."""

    def __init__(self):
        self.entries = {}

    def resident(self, language: Language = Language.KO, email: str = "") -> Actor:
        resident = ResidentId(new_id())
        self.entries[resident] = Address(language, email or f"{resident.hex}@example.org")
        return Actor(ActorKind.RESIDENT, "resident", subject=resident)

    def email(self, actor: Actor) -> str:
        return self.entries[actor.subject].email

    def __call__(self, resident: ResidentId) -> Address:
        return self.entries.get(resident, Address(Language.KO, ""))


@pytest.fixture
def book(monkeypatch):
    made = Book()
    monkeypatch.setattr(addresses, "address_of", made)
    return made


@pytest.fixture
def post(tmp_path, settings):
    server = mail.start("127.0.0.1", 0, tmp_path / "mail")
    settings.MADANG_SMTP_URL = f"smtp://127.0.0.1:{server.port}"
    settings.MADANG_PUBLIC_URL = "https://city.example:8443"
    yield tmp_path / "mail"
    server.stop()
