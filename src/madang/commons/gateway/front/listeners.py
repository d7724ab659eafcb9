"""How the front listens: TLS, HTTP/1.1 and 2, what it bears from slow or greedy clients, what it compresses."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from madang.commons.gateway.front import headers

_TYPE: Final = "type.googleapis.com/envoy.extensions"
_TEXTS: Final = (
    "text/html", "text/plain", "text/css", "text/javascript", "application/javascript", "application/json",
    "application/problem+json", "application/xml", "text/xml", "image/svg+xml", "application/manifest+json",
    "application/geo+json", "text/csv",
)
_SMALLEST_COMPRESSED: Final = 860  # bytes; below, the packet is the same


def tls(host: str, port: int, manager: dict[str, Any], secrets: Path) -> dict[str, Any]:
    """The public listener. ``secrets`` names the certificate's files; when they are replaced they are read again."""
    certificate = {"name": "front", "sds_config": {
        "resource_api_version": "V3",
        "path_config_source": {"path": str(secrets), "watched_directory": {"path": str(secrets.parent)}},
    }}
    context = {
        "@type": f"{_TYPE}.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
            "tls_certificate_sds_secret_configs": [certificate],
        },
    }
    return _listener("tls", host, port, {
        "filters": [_http(manager)],
        "transport_socket": {"name": "tls", "typed_config": context},
        "transport_socket_connect_timeout": "5s",
    })


def plain(host: str, port: int, manager: dict[str, Any]) -> dict[str, Any]:
    """The listener that only leads to the other."""
    return _listener("plain", host, port, {"filters": [_http(manager)]})


def routes_in(file: Path) -> dict[str, Any]:
    """Routes that are read from a file, and read again when it is replaced."""
    return {"rds": {"route_config_name": "city", "config_source": read_again(file)}}


def read_again(file: Path) -> dict[str, Any]:
    """A source of configuration: a file, whose folder is watched."""
    return {
        "resource_api_version": "V3",
        "path_config_source": {"path": str(file), "watched_directory": {"path": str(file.parent)}},
    }


def routes_of(virtual_hosts: list[dict[str, Any]]) -> dict[str, Any]:
    """Routes that never change."""
    return {"route_config": {"name": "plain", "ignore_port_in_host_matching": True, "virtual_hosts": virtual_hosts}}


def manager(
    routes: dict[str, Any], replies: dict[str, Any], given: Mapping[str, str], logs: list[dict[str, Any]],
    guards: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """The HTTP connection manager: one for each listener. ``guards`` are filters that refuse, in their order."""
    return {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "front",
        **routes,
        "http_filters": _filters(given, guards),
        "local_reply_config": replies,
        "access_log": logs,
        **_identity(),
        **_patience(),
    }


def _identity() -> dict[str, Any]:
    """Who the client is and which request this is: ours to say, nobody else's."""
    request_id = {"@type": f"{_TYPE}.request_id.uuid.v3.UuidRequestIdConfig", "pack_trace_reason": False}
    return {
        "use_remote_address": True,
        "early_header_mutation_extensions": [headers.forgetting()],
        "internal_address_config": {"cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]},
        "request_id_extension": {"typed_config": request_id},
        "always_set_request_id_in_response": True,
        "server_name": "madang",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
    }


def _patience() -> dict[str, Any]:
    """How long and how much a client may take; beyond, 408 or 431, and no thread behind the front has noticed."""
    return {
        "request_headers_timeout": "5s",
        "request_timeout": "30s",
        "stream_idle_timeout": "60s",
        "delayed_close_timeout": "1s",
        "drain_timeout": "5s",
        "max_request_headers_kb": 16,
        "common_http_protocol_options": {
            "idle_timeout": "60s", "max_headers_count": 100, "headers_with_underscores_action": "DROP_HEADER",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65_536, "initial_connection_window_size": 1_048_576,
        },
    }


def _filters(given: Mapping[str, str], guards: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    place = f"{_TYPE}.filters.http"
    return [
        _filter("header_mutation", {
            "@type": f"{place}.header_mutation.v3.HeaderMutation",
            "mutations": {"response_mutations": headers.mutations(given)},
        }),
        _compressor("brotli", {"quality": 4, "window_bits": 18}),
        _compressor("gzip", {"compression_level": "COMPRESSION_LEVEL_5"}),
        _filter("local_ratelimit", {
            "@type": f"{place}.local_ratelimit.v3.LocalRateLimit", "stat_prefix": "rate",
        }),
        *guards,
        _filter("buffer", {"@type": f"{place}.buffer.v3.Buffer", "max_request_bytes": 1024}),
        _filter("router", {"@type": f"{place}.router.v3.Router", "suppress_envoy_headers": True}),
    ]


def _compressor(kind: str, how: dict[str, Any]) -> dict[str, Any]:
    library = {"name": kind, "typed_config": {
        "@type": f"{_TYPE}.compression.{kind}.compressor.v3.{kind.capitalize()}", **how,
    }}
    common = {"min_content_length": _SMALLEST_COMPRESSED, "content_type_matcher": [{"exact": text} for text in _TEXTS]}
    return _filter("compressor", {
        "@type": f"{_TYPE}.filters.http.compressor.v3.Compressor",
        "response_direction_config": {"common_config": common, "remove_accept_encoding_header": kind == "gzip"},
        "compressor_library": library, "choose_first": kind == "brotli",
    }, of=kind)


def _filter(kind: str, configuration: dict[str, Any], of: str = "") -> dict[str, Any]:
    return {"name": f"envoy.filters.http.{kind}{of and '.'}{of}", "typed_config": configuration}


def _http(manager: dict[str, Any]) -> dict[str, Any]:
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}


def _listener(name: str, host: str, port: int, chain: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "address": {"socket_address": {"address": host, "port_value": port}},
        "per_connection_buffer_limit_bytes": 65536,
        "filter_chains": [chain],
    }
