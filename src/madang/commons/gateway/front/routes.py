"""Which path goes where, and what each may cost: size, rate, time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from madang.commons.gateway.front import partners
from madang.kernel.manifest import Limit

WEB: Final = "web"
OUTSIDE: Final = "outside"
SANDBOX: Final = "/sandbox-bank/"

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http"
_EVERYTHING: Final = Limit("/", requests_per_second=5000)
API: Final = "/api/"
_FILES: Final = "/static/"
_ALIVE: Final = "/.well-known/madang-front"
_FILLS_PER_SECOND: Final = 10


class LimitGivenTwice(ValueError):
    """Two rooms bound the same prefix; the message names it."""


def virtual_hosts(
    hosts: Sequence[str], limits: Iterable[Limit], *, with_outside: bool, with_partners: bool = False
) -> list[dict[str, Any]]:
    """The city's own hosts with every route, and a refusal for all others. Raises LimitGivenTwice."""
    ordered = _longest_first(limits)
    outside = [_to_outside(_of(SANDBOX, ordered))] if with_outside else []
    to_web = [route for one in ordered if one.prefix != _FILES for route in _to_web(one, with_partners=with_partners)]
    ours = {"name": "city", "domains": list(hosts), "routes": [
        _alive(), *outside, *_files(_of(_FILES, ordered)), *to_web,
    ]}
    refusal = {"match": {"prefix": "/"}, "direct_response": {"status": 421}}
    return [ours, {"name": "others", "domains": ["*"], "routes": [refusal]}]


def redirecting(port: int) -> list[dict[str, Any]]:
    """The plain listener's one answer: come by TLS."""
    to_tls = {"https_redirect": True, "port_redirect": port, "response_code": "PERMANENT_REDIRECT"}
    return [{"name": "plain", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "redirect": to_tls}]}]


def _longest_first(limits: Iterable[Limit]) -> list[Limit]:
    given = list(limits)
    twice = [prefix for prefix, times in Counter(limit.prefix for limit in given).items() if times > 1]
    if twice:
        message = f"two rooms bound {', '.join(sorted(twice))}: keep one Limit for a prefix, in the room that owns it"
        raise LimitGivenTwice(message)
    if _EVERYTHING.prefix not in {limit.prefix for limit in given}:
        given.append(_EVERYTHING)
    return sorted(given, key=lambda limit: (-len(limit.prefix), limit.prefix))


def _of(path: str, ordered: Sequence[Limit]) -> Limit:
    return next(limit for limit in ordered if path.startswith(limit.prefix))


def _alive() -> dict[str, Any]:
    answer = {"status": 200, "body": {"inline_string": "ok\n"}}
    return {"match": {"path": _ALIVE}, "direct_response": answer, "typed_per_filter_config": {
        "envoy.filters.http.buffer": {"@type": f"{_TYPE}.buffer.v3.BufferPerRoute", "disabled": True},
    }}


def _to_web(limit: Limit, *, with_partners: bool) -> list[dict[str, Any]]:
    """The routes of one prefix; under ``/api/`` first those of requests that come with a partner's key or token."""
    anybody = _bounded({"match": {"prefix": limit.prefix}, "route": _towards(WEB, limit)}, limit)
    if not (with_partners and limit.prefix.startswith(API)):
        return [anybody]
    return [*(partners.asked_about(anybody, header) for header in partners.MARKS), anybody]


def _to_outside(limit: Limit) -> dict[str, Any]:
    towards = {**_towards(OUTSIDE, limit), "prefix_rewrite": "/bank/"}
    return _bounded({"match": {"prefix": SANDBOX}, "route": towards}, limit)


def _files(limit: Limit) -> list[dict[str, Any]]:
    """A name that holds its content's hash never changes what it means; any other may, with the next release."""
    hashed = {"safe_regex": {"regex": _FILES + r".*\.[0-9a-f]{12}\.[A-Za-z0-9]+"}}
    return [
        _kept(hashed, "public, max-age=31536000, immutable", limit),
        _kept({"prefix": _FILES}, "public, max-age=300", limit),
    ]


def _kept(match: dict[str, Any], how_long: str, limit: Limit) -> dict[str, Any]:
    header = {"key": "cache-control", "value": how_long}
    given = [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]
    return _bounded({"match": match, "route": _towards(WEB, limit), "response_headers_to_add": given}, limit)


def _towards(cluster: str, limit: Limit) -> dict[str, Any]:
    # asked again only when the first time certainly did not arrive: nothing is done twice
    again = {
        "retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 4,
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"},
    }
    return {"cluster": cluster, "timeout": f"{limit.seconds}s", "retry_policy": again}


def _bounded(route: dict[str, Any], limit: Limit) -> dict[str, Any]:
    whole = {"numerator": 100, "denominator": "HUNDRED"}
    return {**route, "typed_per_filter_config": {
        "envoy.filters.http.buffer": {
            "@type": f"{_TYPE}.buffer.v3.BufferPerRoute",
            "buffer": {"max_request_bytes": limit.body_kilobytes * 1024},
        },
        "envoy.filters.http.local_ratelimit": {
            "@type": f"{_TYPE}.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": "rate", "token_bucket": _bucket(limit.requests_per_second),
            "filter_enabled": {"default_value": whole}, "filter_enforced": {"default_value": whole},
        },
    }}


def _bucket(per_second: int) -> dict[str, Any]:
    """A second's worth at once, then the rate, in small steps."""
    steps = min(_FILLS_PER_SECOND, per_second)
    return {"max_tokens": per_second, "tokens_per_fill": per_second // steps, "fill_interval": f"{1 / steps:.3f}s"}
