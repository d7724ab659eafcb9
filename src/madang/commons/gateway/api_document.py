"""The OpenAPI document: what every operation shares, written into each."""

from typing import Any, Final

from ninja import NinjaAPI

from madang.commons.gateway.idempotency import HEADER, REPLAYED, is_idempotent
from madang.commons.gateway.problems import MEDIA_TYPE, TITLES

LICENCE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}

DESCRIPTION: Final = """\
Everything that a resident can do with the city's services, for programs.

Sign in with `POST /api/v1/session` and send the token as `Authorization: Bearer …`; a signed-in browser may use its
session cookie with `X-CSRFToken`. Answers and errors are in the language of `Accept-Language` (ko, en, zh, ja, vi,
th, mn, ru). Errors are problem details (RFC 9457): `code` never changes its meaning, `errors` names each field,
`instance` is the number under which the city finds the request again.
"""

_ALWAYS: Final = (400, 404, 422, 429, 500, 503)
_SIGNED_IN: Final = (401, 403)
_WITH_BODY: Final = (409, 413, 415)

_NO_NUL: Final = r"^[^\u0000]*$"
_CLOCK: Final = r"^[0-2][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?$"
_SAYS_MORE: Final = frozenset({"pattern", "format", "enum", "const"})

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
        "facts": {"type": "object", "description": "What the detail names, for programs."},
    },
}

_KEY: Final[dict[str, Any]] = {
    "name": HEADER, "in": "header", "required": False,
    "description": "Send the same key again to ask again safely: within 24 hours the first answer is repeated.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}

_REPLAYED: Final[dict[str, Any]] = {
    REPLAYED: {"description": "`true` when this is the first answer, repeated.", "schema": {"type": "string"}},
}


def finished(api: NinjaAPI, document: dict[str, Any]) -> dict[str, Any]:
    """The document with problems on every operation and the key on those that take one."""
    document["components"]["schemas"]["Problem"] = _PROBLEM
    document["components"]["responses"] = {f"Problem{status}": _response(status) for status in TITLES}
    keyed = _keyed(api)
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete(operation, method)
            if operation["operationId"] in keyed:
                _let_repeat(operation)
    _say_what_texts_hold(document["paths"])
    _say_what_texts_hold(document["components"]["schemas"])
    return document


def _say_what_texts_hold(part: Any) -> None:
    """Write into every text's schema what the edge refuses, and what pydantic says otherwise than JSON Schema."""
    if isinstance(part, list):
        for one in part:
            _say_what_texts_hold(one)
    if not isinstance(part, dict):
        return
    if part.get("format") == "time":  # JSON Schema's has an offset (RFC 3339); a city's opening hours have none
        del part["format"]
        part["pattern"] = _CLOCK
    elif part.get("type") == "string" and not _SAYS_MORE & set(part):
        part["pattern"] = _NO_NUL
    for inner in part.values():
        _say_what_texts_hold(inner)


def _keyed(api: NinjaAPI) -> set[str]:
    views = (view for bound in api._get_bound_routers() for view in bound.path_operations.values())  # noqa: SLF001 -- no public way to the operations
    return {
        operation.operation_id or api.get_openapi_operation_id(operation)
        for view in views for operation in view.operations if is_idempotent(operation)
    }


def _response(status: int) -> dict[str, Any]:
    headers = {"Retry-After": {"schema": {"type": "string"}}} if status in {429, 503} else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[status], "content": content, **({"headers": headers} if headers else {})}


def _complete(operation: dict[str, Any], method: str) -> None:
    statuses = [*_ALWAYS]
    statuses += _SIGNED_IN if operation.get("security") or method != "get" else ()
    statuses += _WITH_BODY if method in {"post", "put", "patch", "delete"} else ()
    for status in sorted(statuses):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})


def _let_repeat(operation: dict[str, Any]) -> None:
    operation["parameters"] = [*operation.get("parameters", ()), _KEY]
    for status, response in operation["responses"].items():
        if int(status) < 300:  # noqa: PLR2004 -- HTTP's classes
            response["headers"] = _REPLAYED
