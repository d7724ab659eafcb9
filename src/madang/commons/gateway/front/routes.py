"""Which path goes where, and what each may cost: size, rate, time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from madang.commons.gateway.front import partners, sources
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel.manifest import Limit, Sunset

WEB: Final = "web"
CANARY: Final = "canary"
OUTSIDE: Final = "outside"
SANDBOXES: Final = {
    "/sandbox-bank/": "/bank/", "/sandbox-mobile-id/": "/mobile-id/", "/sandbox-wallet/": "/wallet/",
}
"""Where people reach the demonstration's outside world, and what that is called there."""

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http"
_EVERYTHING: Final = Limit("/", requests_per_second=5000)
API: Final = "/api/"
_FILES: Final = "/static/"
_ALIVE: Final = "/.well-known/madang-front"
_FILLS_PER_SECOND: Final = 10
_STAY: Final = (
    {"header": {"header_name": "x-api-key"}, "terminal": True},
    {"header": {"header_name": "authorization"}, "terminal": True},
    {"cookie": {"name": "__Host-madang_session"}, "terminal": True},
    {"connection_properties": {"source_ip": True}},
)
"""What a client is told by when it stays with the web processes that it met first."""


class LimitGivenTwice(ValueError):
    """Two rooms bound the same prefix; the message names it."""


@dataclass(frozen=True, slots=True)
class Way:
    """What the front knows besides the rules: which ways there are, and who may go them."""

    hosts: Sequence[str]
    with_outside: bool = False
    with_partners: bool = False
    canary_percent: int = 0
    """So many of a hundred clients are answered by the second web cluster."""
    staff_networks: Sequence[str] = ()
    """Where the back office is open; none means everywhere."""


def virtual_hosts(way: Way, book: Rulebook, now: datetime) -> list[dict[str, Any]]:
    """The city's own hosts with every route, and a refusal for all others. Raises LimitGivenTwice."""
    ordered = _longest_first(book)
    outside = [_to_outside(prefix, _of(prefix, ordered)) for prefix in SANDBOXES] if way.with_outside else []
    to_web = [route for one in ordered if one.prefix != _FILES for route in _to_web(one, way, book)]
    gone = [_gone(one) for one in book.sunsets if one.ends <= now]
    ours = {"name": "city", "domains": list(way.hosts), "routes": [
        _alive(), *outside, *_files(_of(_FILES, ordered)), *gone, *(_announcing(one, book, now) for one in to_web),
    ]}
    refusal = {"match": {"prefix": "/"}, "direct_response": {"status": 421}}
    return [ours, {"name": "others", "domains": ["*"], "routes": [refusal]}]


def redirecting(port: int) -> list[dict[str, Any]]:
    """The plain listener's one answer: come by TLS."""
    to_tls = {"https_redirect": True, "port_redirect": port, "response_code": "PERMANENT_REDIRECT"}
    return [{"name": "plain", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "redirect": to_tls}]}]


def _longest_first(book: Rulebook) -> list[Limit]:
    given = list(book.limits)
    twice = [prefix for prefix, times in Counter(limit.prefix for limit in given).items() if times > 1]
    if twice:
        message = f"two rooms bound {', '.join(sorted(twice))}: keep one Limit for a prefix, in the room that owns it"
        raise LimitGivenTwice(message)
    if _EVERYTHING.prefix not in {limit.prefix for limit in given}:
        given.append(_EVERYTHING)
    for prefix in (*(one.prefix for one in book.sunsets), *book.back_office):  # these need a route of their own
        if prefix not in {limit.prefix for limit in given}:
            given.append(replace(_of(prefix, _sorted(given)), prefix=prefix))
    return _sorted(given)


def _sorted(limits: Iterable[Limit]) -> list[Limit]:
    return sorted(limits, key=lambda limit: (-len(limit.prefix), limit.prefix))


def _of(path: str, ordered: Sequence[Limit]) -> Limit:
    return next(limit for limit in ordered if path.startswith(limit.prefix))


def _alive() -> dict[str, Any]:
    answer = {"status": 200, "body": {"inline_string": "ok\n"}}
    return {"match": {"path": _ALIVE}, "direct_response": answer, "typed_per_filter_config": {
        "envoy.filters.http.buffer": {"@type": f"{_TYPE}.buffer.v3.BufferPerRoute", "disabled": True},
    }}


def _to_web(limit: Limit, way: Way, book: Rulebook) -> list[dict[str, Any]]:
    """The routes of one prefix; under ``/api/`` first those of requests that come with a partner's key or token."""
    anybody = _bounded({"match": {"prefix": limit.prefix}, "route": _towards_web(way, limit)}, limit)
    if way.staff_networks and limit.prefix.startswith(tuple(book.back_office)):
        anybody["typed_per_filter_config"] |= sources.only_from(way.staff_networks)
    if not (way.with_partners and limit.prefix.startswith(API)):
        return [anybody]
    wider = sources.for_partners(book.visitors) if book.visitors else {}
    return [*(partners.asked_about(anybody, mark, wider) for mark in partners.MARKS), anybody]


def _to_outside(prefix: str, limit: Limit) -> dict[str, Any]:
    towards = {"cluster": OUTSIDE, **_patience(limit), "prefix_rewrite": SANDBOXES[prefix]}
    return _bounded({"match": {"prefix": prefix}, "route": towards}, limit)


def _gone(sunset: Sunset) -> dict[str, Any]:
    link = _header("link", f'<{sunset.instead}>; rel="successor-version"') if sunset.instead else ()
    return {
        "match": {"prefix": sunset.prefix}, "direct_response": {"status": 410}, "response_headers_to_add": [*link],
    }


def _announcing(route: dict[str, Any], book: Rulebook, now: datetime) -> dict[str, Any]:
    """The route, with the end of its time in each answer, if that has been announced."""
    prefix = route["match"]["prefix"]
    told = [one for one in book.sunsets if prefix.startswith(one.prefix) and one.deprecated <= now]
    if not told:
        return route
    one = min(told, key=lambda each: each.ends)
    ends = format_datetime(one.ends.astimezone(UTC), usegmt=True)
    named = {"deprecation": f"@{int(one.deprecated.timestamp())}", "sunset": ends}
    headers = [entry for name, value in named.items() for entry in _header(name, value)]
    links = ['</developers/>; rel="deprecation"', *([f'<{one.instead}>; rel="successor-version"'] * bool(one.instead))]
    return {**route, "response_headers_to_add": [*headers, *_header("link", ", ".join(links))]}


def _header(name: str, value: str) -> list[Mapping[str, Any]]:
    return [{"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]


def _files(limit: Limit) -> list[dict[str, Any]]:
    """A name that holds its content's hash never changes what it means; any other may, with the next release."""
    hashed = {"safe_regex": {"regex": _FILES + r".*\.[0-9a-f]{12}\.[A-Za-z0-9]+"}}
    return [
        _kept(hashed, "public, max-age=31536000, immutable", limit),
        _kept({"prefix": _FILES}, "public, max-age=300", limit),
    ]


def _kept(match: dict[str, Any], how_long: str, limit: Limit) -> dict[str, Any]:
    towards = {"cluster": WEB, **_patience(limit)}
    told = _header("cache-control", how_long)
    return _bounded({"match": match, "route": towards, "response_headers_to_add": told}, limit)


def _towards_web(way: Way, limit: Limit) -> dict[str, Any]:
    if not way.canary_percent:
        return {"cluster": WEB, **_patience(limit)}
    shares = [
        {"name": CANARY, "weight": way.canary_percent}, {"name": WEB, "weight": 100 - way.canary_percent},
    ]
    split = {"clusters": shares, "use_hash_policy": True}
    patience = _patience(limit)
    patience["retry_policy"]["retry_priority"] = {  # when the second cluster does not answer, the first does
        "name": "envoy.retry_priorities.previous_priorities", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3."
            "PreviousPrioritiesConfig", "update_frequency": 1,
        },
    }
    return {"weighted_clusters": split, "hash_policy": list(_STAY), **patience}


def _patience(limit: Limit) -> dict[str, Any]:
    # asked again only when the first time certainly did not arrive: nothing is done twice
    again = {
        "retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 4,
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"},
    }
    return {"timeout": f"{limit.seconds}s", "retry_policy": again}


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
