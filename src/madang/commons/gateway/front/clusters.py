"""What stands behind the front, all on loopback or in the city's own network; read again when the file is replaced."""

from collections.abc import Sequence
from typing import Any, Final

from madang.commons.gateway.front.routes import CANARY, WEB

_CANARY_ALONE: Final = "canary-alone"
_ENVOY: Final = "type.googleapis.com/envoy.extensions"


def plain(name: str, addresses: Sequence[str]) -> dict[str, Any]:
    """A cluster of ``host:port`` addresses. One that fails again and again is left out for a while; never all."""
    options = {
        "@type": f"{_ENVOY}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http_protocol_options": {}},
        "common_http_protocol_options": {"idle_timeout": "10s"},
    }
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {
            "cluster_name": name, "endpoints": [{"lb_endpoints": [_endpoint(one) for one in addresses]}],
        },
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        # beyond these the city is overrun: it says so at once (503) instead of letting everybody wait
        "circuit_breakers": {"thresholds": [
            {"max_connections": 256, "max_pending_requests": 512, "max_requests": 1024, "max_retries": 64},
        ]},
        "outlier_detection": {
            "consecutive_gateway_failure": 5, "enforcing_consecutive_gateway_failure": 100, "consecutive_5xx": 20,
            "interval": "1s", "base_ejection_time": "5s", "max_ejection_time": "60s", "max_ejection_percent": 50,
        },
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}},
    }


def canary(address: str) -> list[dict[str, Any]]:
    """The second web cluster: asked for its health each second; while it is not well, the first takes its share."""
    asked = {
        "timeout": "1s", "interval": "1s", "no_traffic_interval": "1s", "unhealthy_threshold": 1,
        "healthy_threshold": 1, "http_health_check": {"path": "/health/", "host": "localhost"},
    }
    both = {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": CANARY,
        "connect_timeout": "2s",
        "lb_policy": "CLUSTER_PROVIDED",
        "cluster_type": {"name": "envoy.clusters.aggregate", "typed_config": {
            "@type": f"{_ENVOY}.clusters.aggregate.v3.ClusterConfig", "clusters": [_CANARY_ALONE, WEB],
        }},
    }
    alone = plain(_CANARY_ALONE, [address]) | {"health_checks": [asked]}
    alone["outlier_detection"] |= {"max_ejection_percent": 100}
    return [alone, both]


def _endpoint(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"endpoint": {"address": {"socket_address": {"address": host, "port_value": int(port)}}}}
