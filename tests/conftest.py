"""One real PostgreSQL for the whole run; a database of its own for each worker."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from madang.commons.db import embedded

pytest_plugins = ["tests.city"]


def _start_postgres() -> None:
    folder = Path(tempfile.mkdtemp(prefix="madang-tests-"))
    server = embedded.start(folder / "postgres")

    def end() -> None:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    os.environ["MADANG_INSTANCE"] = str(folder)
    os.environ["MADANG_DATABASE_URL"] = server.url
    os.environ["MADANG_TESTS_POSTGRES"] = "started"


if "MADANG_TESTS_POSTGRES" not in os.environ:
    _start_postgres()
os.environ["DJANGO_SETTINGS_MODULE"] = "madang.entrypoints.django_settings"
django.setup()
# the city's own is slow on purpose
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests empty the audit's tables between them; tests/commons/test_audit.py proves that nobody else may."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_not_emptied")
        cursor.execute("ALTER TABLE audit_head DISABLE TRIGGER audit_head_is_not_emptied")
