"""Residents with addresses, and a mail server that obeys."""

import threading
from wsgiref.simple_server import make_server

import pytest

from madang.commons.notify import addresses
from madang.commons.notify.addresses import Address
from madang.entrypoints.outside import _Quiet, _Threads, application
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.simulation import aggregator, mail


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


@pytest.fixture
def outside(tmp_path, settings):
    """The aggregator, on a port of its own; what it kept is asked of the module."""
    settings.MADANG_INSTANCE = tmp_path
    aggregator._books.cache_clear()
    server = make_server("127.0.0.1", 0, application(), _Threads, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MADANG_AGGREGATOR_URL = f"http://127.0.0.1:{server.server_port}/aggregator"
    settings.MADANG_PUBLIC_URL = "https://city.example:8443"
    faults = tmp_path / "outside" / "faults"
    faults.mkdir(parents=True)
    (faults / "aggregator").write_text("silent")
    yield faults / "aggregator"
    server.shutdown()
    aggregator._books.cache_clear()
