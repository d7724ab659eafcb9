"""Django's settings, made from ours. Values that a city would change are in ``settings.py`` or the profile."""

from pathlib import Path
from typing import Any

from psycopg import conninfo

from madang.entrypoints import settings as ours
from madang.entrypoints.rooms import APPLICATIONS
from madang.kernel.languages import Language

_city = ours.current()


def _database(url: str) -> dict[str, Any]:
    parts = conninfo.conninfo_to_dict(url) if url else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "madang"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", "127.0.0.1"),
        "PORT": parts.get("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "madang"},
    }


MADANG_INSTANCE: Path = _city.instance
MADANG_PROFILE: Path = _city.profile
MADANG_PUBLIC_URL: str = _city.public_url
MADANG_DATABASE_URL: str = _city.database_url
MADANG_NATS_URL: str = _city.nats_url
MADANG_OUTSIDE_URL: str = _city.outside_url
MADANG_SMTP_URL: str = _city.smtp_url

SECRET_KEY = _city.secret_key
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the gateway answers only for the public host
USE_TZ = True
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
LANGUAGE_CODE = "ko"
LANGUAGES = [(language.tag.lower(), language.own_name) for language in Language]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": _database(_city.database_url)}
AUTH_USER_MODEL = "identity.AccountRow"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *APPLICATIONS,
]

STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "madang.commons.gateway.look.frame",
            ]
        },
    }
]

ROOT_URLCONF = "madang.entrypoints.urls"
SILENCED_SYSTEM_CHECKS: list[str] = []
