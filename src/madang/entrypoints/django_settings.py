"""Django's settings, made from ours. Values that a city would change are in ``settings.py`` or the profile."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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
MADANG_REGISTERS: str = _city.registers
MADANG_SMTP_URL: str = _city.smtp_url
MADANG_AGGREGATOR_URL: str = _city.aggregator_url
MADANG_ALONGSIDE = ("madang.entrypoints.alongside.book",)  # what happens in the transaction that sends a case
MADANG_FAMILIES = "madang.entrypoints.families.FromRegisters"  # answers identity, which lies below the registers

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
    *APPLICATIONS,  # before allauth, whose templates and texts identity replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
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

# Signing in: docs/identity.md, docs/decisions/0005-identity-by-allauth.md
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = ["madang.commons.identity.backend.AccountBackend"]
PASSWORD_HASHERS = ["madang.commons.identity.passwords.CityArgon2"]
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email",)}},
    {"NAME": f"{_RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.NumericPasswordValidator"},
]
# Several web processes must count the same attempts and know the same used codes: a table, made by identity.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a session that ended has ended in every process
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/my/"
LOGOUT_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the gateway
ACCOUNT_ADAPTER = "madang.commons.identity.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the city, for an address that was checked
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_FORMS = {
    "login": "madang.commons.identity.forms.SignInForm",
    "reauthenticate": "madang.commons.identity.forms.PasswordAgainForm",
    "change_password": "madang.commons.identity.forms.ChangePasswordForm",
    "reset_password": "madang.commons.identity.forms.ForgottenPasswordForm",
    "reset_password_from_key": "madang.commons.identity.forms.NewPasswordForm",
}
MFA_ADAPTER = "madang.commons.identity.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "madang.commons.identity.forms.CodeForm",
    "reauthenticate": "madang.commons.identity.forms.CodeAgainForm",
    "activate_totp": "madang.commons.identity.forms.SetUpAppForm",
    "add_webauthn": "madang.commons.identity.forms.AddPasskeyForm",
    "edit_webauthn": "madang.commons.identity.forms.RenamePasskeyForm",
}

# The city as an OpenID provider: docs/identity.md, docs/decisions/0019-openid-provider.md. The library's insecure
# ways are not only switched off here: identity/provider/protocol.py does not build them.
OAUTH2_PROVIDER_APPLICATION_MODEL = "identity_provider.SystemRow"
OAUTH2_PROVIDER_GRANT_MODEL = "identity_provider.CodeRow"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "identity_provider.AccessTokenRow"  # noqa: S105 -- a table's name
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "identity_provider.RefreshTokenRow"  # noqa: S105 -- a table's name
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "identity_provider.IdTokenRow"  # noqa: S105 -- a table's name
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": _city.public_url, "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_VALIDATOR_CLASS": "madang.commons.identity.provider.protocol.CityValidator",
    "OAUTH2_SERVER_CLASS": "madang.commons.identity.provider.protocol.CityServer",
    "PKCE_REQUIRED": True, "REFRESH_TOKEN_REUSE_PROTECTION": True, "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    **{f"COMPLIANT_BCP_RFC9700_{practice}": True for practice in (
        "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS",
        "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_SCHEME", "REDIRECT_URI_MATCHING", "PKCE_REQUIRED",
    )},
}

# Letters about an account itself; everything else goes out by notify.
_relay = urlsplit(_city.smtp_url)
EMAIL_HOST, EMAIL_PORT = _relay.hostname or "", _relay.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_relay.username or ""), unquote(_relay.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _relay.scheme == "smtps", _relay.scheme == "smtp+starttls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"no-reply@{urlsplit(_city.public_url).hostname}"
