"""What the front writes down of requests: never a query, a whole address or a person."""

from pathlib import Path
from typing import Any, Final

_FAILED_FROM_STATUS: Final = 400
_SLOW_FROM_MS: Final = 1000
_LINE: Final = {
    "at": "%START_TIME%", "request": "%REQ(X-REQUEST-ID)%", "method": "%REQ(:METHOD)%", "path": "%PATH(NQ)%",
    "status": "%RESPONSE_CODE%", "ms": "%DURATION%", "bytes_in": "%BYTES_RECEIVED%", "bytes_out": "%BYTES_SENT%",
}


def of_failures(file: Path) -> dict[str, Any]:
    """What failed or took long, and why in Envoy's words: enough to find it behind the front."""
    either = {"filters": [
        _at_least("status_code_filter", _FAILED_FROM_STATUS), _at_least("duration_filter", _SLOW_FROM_MS),
    ]}
    return {"name": "failures", "filter": {"or_filter": either}, "typed_config": _file(
        file, _LINE | {"why": "%RESPONSE_CODE_DETAILS%"},
    )}


def of_everything(file: Path) -> dict[str, Any]:
    """Every request, for the event bus and for counting use; the source's address is cut to its network."""
    more = {"client": "%RESP(MADANG-CLIENT)%", "network": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)%"}
    return {"name": "everything", "typed_config": _file(file, _LINE | more)}


def _file(file: Path, line: dict[str, str]) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
        "path": str(file), "log_format": {"json_format": line},
    }


def _at_least(name: str, value: int) -> dict[str, Any]:
    return {name: {"comparison": {"op": "GE", "value": {"default_value": value, "runtime_key": "none"}}}}
