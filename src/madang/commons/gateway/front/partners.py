"""How the front asks the policy process about requests of partner systems, and what it tells it."""

from typing import Any, Final

from madang.commons.gateway.policy.door import CHECK, CLIENT, SOURCE
from madang.commons.gateway.policy.passes import HEADER, KEY_HEADER

POLICY: Final = "policy"
FILTER: Final = "envoy.filters.http.ext_authz"

MARKS: Final = (
    {"name": KEY_HEADER, "present_match": True},
    {"name": "authorization", "string_match": {"safe_regex": {"regex": "(?i:bearer) +(madang_|mat_).*"}}},
)
"""What tells a partner's request from a person's: a key, or an access token of the city's provider."""

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http"
_TOLD: Final = (KEY_HEADER, "accept-language", "x-request-id")
_BACK: Final = ("ratelimit", "ratelimit-policy", CLIENT)
_WITH_A_REFUSAL: Final = ("content-type", "content-language", "cache-control", "retry-after", "www-authenticate")
_SECONDS: Final = 2.5
_KNOCKS: Final = 12


def asking() -> dict[str, Any]:
    """The filter. It is off except on the routes that ``asked_about`` makes.

    A policy process that was killed is back within a second: so long the front knocks again. When nobody answers then,
    the request is refused (503): quotas are exact, and a partner's programme can wait.
    """
    return {"name": FILTER, "disabled": True, "typed_config": {
        "@type": f"{_TYPE}.ext_authz.v3.ExtAuthz",
        "transport_api_version": "V3",
        "failure_mode_allow": False,
        "status_on_error": {"code": "ServiceUnavailable"},
        "stat_prefix": "partners",
        "allowed_headers": _exactly(_TOLD),
        "http_service": {
            "server_uri": {"uri": "http://policy.internal", "cluster": POLICY, "timeout": f"{_SECONDS}s"},
            "path_prefix": CHECK,
            "retry_policy": {
                "retry_on": "connect-failure,refused-stream,reset-before-request,reset", "num_retries": _KNOCKS,
                "retry_back_off": {"base_interval": "0.05s", "max_interval": "0.25s"},
            },
            "authorization_request": {
                "headers_to_add": [{"key": SOURCE, "value": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}],
            },
            "authorization_response": {
                "allowed_upstream_headers": _exactly((HEADER, CLIENT)),
                "allowed_client_headers": _exactly((*_BACK, *_WITH_A_REFUSAL)),
                "allowed_client_headers_on_success": _exactly(_BACK),
            },
        },
    }}


def asked_about(route: dict[str, Any], mark: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The route for requests that bear a mark: ask the policy process first. ``more``: other filters' settings."""
    settings = {"@type": f"{_TYPE}.ext_authz.v3.ExtAuthzPerRoute", "check_settings": {}}
    return {
        **route, "match": {**route["match"], "headers": [mark]},
        "typed_per_filter_config": {**route["typed_per_filter_config"], **more, FILTER: settings},
    }


def _exactly(names: tuple[str, ...]) -> dict[str, Any]:
    return {"patterns": [{"exact": name, "ignore_case": True} for name in names]}
