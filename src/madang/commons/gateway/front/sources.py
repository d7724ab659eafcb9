"""What one source may ask, so that one place does not starve the others, and from where the back office is open."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any, Final

from madang.commons.gateway.contracts import Visitors

BY_SOURCE: Final = "envoy.filters.http.local_ratelimit.source"
BY_ADDRESS: Final = "envoy.filters.http.rbac"

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http"
_ENTRY: Final = "masked_remote_address"
_MOST_SOURCES: Final = 20_000
"""Sources that are remembered at a time, each some 200 bytes; the longest silent is forgotten first."""
_EVERYBODY_PER_SECOND: Final = 1_000_000
_PARTNERS_TIMES: Final = 10
_FILLS_PER_SECOND: Final = 10


def bounding(visitors: Visitors) -> dict[str, Any]:
    """The filter that counts each source by itself, in the front's own memory: it needs nobody else to stand."""
    return {"name": BY_SOURCE, "typed_config": _buckets(visitors, 1)}


def for_partners(visitors: Visitors) -> dict[str, Any]:
    """Requests that bear a key, good or not: bounded more widely, so that keys cannot be guessed at full speed."""
    return {BY_SOURCE: _buckets(visitors, _PARTNERS_TIMES)}


def guarding() -> dict[str, Any]:
    """The filter that lets only named networks in; off except on routes with ``only_from``."""
    return {"name": BY_ADDRESS, "disabled": True, "typed_config": {"@type": f"{_TYPE}.rbac.v3.RBAC"}}


def only_from(networks: Sequence[str]) -> dict[str, Any]:
    """Settings of a route that answers to these networks alone."""
    principals = [
        {"remote_ip": {"address_prefix": str(one.network_address), "prefix_len": one.prefixlen}}
        for one in map(ip_network, networks)
    ]
    staff = {"permissions": [{"any": True}], "principals": principals}
    return {BY_ADDRESS: {
        "@type": f"{_TYPE}.rbac.v3.RBACPerRoute", "rbac": {"rules": {"action": "ALLOW", "policies": {"staff": staff}}},
    }}


def _buckets(visitors: Visitors, times: int) -> dict[str, Any]:
    whole = {"numerator": 100, "denominator": "HUNDRED"}
    masks = {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}
    own = [_descriptor(str(ip_network(address)), rate, rate) for address, rate in visitors.larger.items()]
    return {
        "@type": f"{_TYPE}.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": "source",
        "token_bucket": _bucket(_EVERYBODY_PER_SECOND, _EVERYBODY_PER_SECOND),
        "filter_enabled": {"default_value": whole}, "filter_enforced": {"default_value": whole},
        "rate_limits": [{"actions": [{_ENTRY: masks}]}],
        "descriptors": [*own, _descriptor("", visitors.burst * times, visitors.per_second * times)],
        "max_dynamic_descriptors": _MOST_SOURCES,
    }


def _descriptor(value: str, burst: int, rate: int) -> dict[str, Any]:
    entry = {"key": _ENTRY, **({"value": value} if value else {})}
    return {"entries": [entry], "token_bucket": _bucket(burst, rate)}


def _bucket(burst: int, rate: int) -> dict[str, Any]:
    steps = min(_FILLS_PER_SECOND, rate)
    return {"max_tokens": burst, "tokens_per_fill": rate // steps, "fill_interval": f"{1 / steps:.3f}s"}
