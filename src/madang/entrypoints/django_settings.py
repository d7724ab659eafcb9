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
    "ninja",
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

# The edge in Django. Envoy before it sets the security headers, compresses and bounds: once, there.
MIDDLEWARE = [
    "madang.commons.gateway.edge.Edge",
    "madang.commons.gateway.look.Preferences",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # Envoy strips what others send
CSRF_TRUSTED_ORIGINS = [_city.public_url]
CSRF_FAILURE_VIEW = "madang.commons.gateway.error_pages.cross_site"
CSRF_COOKIE_NAME = "__Host-madang_csrf"
CSRF_COOKIE_SECURE = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-madang_session"
SESSION_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600

# Envoy bounds bodies by path; these are the last line, in memory and in fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20

STATIC_ROOT: Path = _city.instance / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "madang.commons.gateway.static_files.HashedFiles"},
}
