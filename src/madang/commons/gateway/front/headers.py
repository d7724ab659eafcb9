"""Headers that the front takes away from requests and gives to every answer, its own among them."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

STYLE: Final = (
    "body{font:18px/1.6 sans-serif;max-width:34em;margin:12vh auto;padding:0 1em;color:#1c1b19;background:#fff;"
    "word-break:keep-all}h1{font-size:1.4em}small{color:#55524c}a{color:#0b5d4e}"
    "@media(prefers-color-scheme:dark){body{color:#eceae5;background:#161614}small{color:#b5b1a8}a{color:#7fd1bd}}"
)
"""The style of the front's own pages: they must stand when nothing behind it answers, static files neither."""

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_YEAR_S: Final = 365 * 24 * 3600
_LOCAL_S: Final = 300  # a developer's other servers on localhost should not be bound for a year

FORGED: Final[Sequence[str]] = (
    "x-request-id", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix",
    "x-forwarded-scheme", "forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "proxy",
    "x-madang-pass", "x-madang-source",
)
"""What only the front may say; from outside it would be believed behind it."""


def security(hosts: Sequence[str], form_targets: Sequence[str]) -> Mapping[str, str]:
    """The security headers of every answer. ``form_targets`` are further origins that a form may lead to."""
    seconds = _LOCAL_S if set(hosts) <= _LOCAL else _YEAR_S
    return {
        "strict-transport-security": f"max-age={seconds}",
        "content-security-policy": _content_policy(form_targets),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": (
            "accelerometer=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), microphone=(), "
            "payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)"
        ),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


def _content_policy(form_targets: Sequence[str]) -> str:
    own_style = b64encode(sha256(STYLE.encode()).digest()).decode()
    return "; ".join((
        "default-src 'none'", "script-src 'self'", f"style-src 'self' 'sha256-{own_style}'",
        "img-src 'self' data: blob:", "font-src 'self'", "connect-src 'self'", "worker-src 'self' blob:",
        "manifest-src 'self'", " ".join(("form-action 'self'", *form_targets)),
        "frame-ancestors 'none'", "base-uri 'none'",
    ))


def mutations(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Envoy's way of saying that each answer has these headers, whatever stood there before."""
    return [
        {"append": {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
        for key, value in given.items()
    ]


def forgetting() -> dict[str, Any]:
    """Envoy's way of forgetting what was forged, before anything reads it."""
    return {
        "name": "forged",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3."
            "HeaderMutation",
            "mutations": [{"remove": name} for name in FORGED],
        },
    }
