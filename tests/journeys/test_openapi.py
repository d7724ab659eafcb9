"""Whatever the API's document allows, and whatever it forbids, is answered as the document says: schemathesis.

The city is entered through the gateway, as a resident with a bearer token and as an officer.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
import urllib3
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from madang.entrypoints.launch import Launched
from tests.city import signed_in, visitor

pytestmark = [pytest.mark.city, pytest.mark.xdist_group("city")]

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
WHO = ("resident1", "officer")
QUICK, THOROUGH = 3, 50
_LEAKS = ("Traceback", "site-packages", 'File "/', "psycopg", "SELECT ", "django.")


@pytest.fixture(scope="module")
def document(city: Launched) -> dict[str, Any]:
    found: dict[str, Any] = visitor(city).get("/api/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def tokens(city: Launched) -> dict[str, str]:
    return {who: signed_in(city, who).headers["authorization"] for who in WHO}


def ask_all(
    city: Launched, document: dict[str, Any], token: str, examples: int, only: str = "^/api/"
) -> list[str]:
    """Ask every operation so many times in each mode; what was answered otherwise than the document says."""
    # a token that is ended would make strangers of all that follow
    schema = schemathesis.openapi.from_dict(document).exclude(path="/api/v1/session", method="DELETE")
    wrong, operations = [], list(schema.include(path_regex=only).get_all_operations())
    assert operations
    for found in operations:
        for mode in MODES:
            operation = found.ok()
            try:
                _asking(operation.as_strategy(generation_mode=mode), city.url, token, examples)()
            except Unsatisfiable:
                continue  # nothing that could be sent would be wrong
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001 -- every operation is asked, then all is told
                wrong.append(f"{operation.label} ({mode.value}): {_said(failure)}")
    return wrong


def _asking(cases: Any, url: str, token: str, examples: int) -> Callable[[], None]:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=not os.environ.get("MADANG_TESTS_SEED"),
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Case) -> None:
        # the front refuses such a header's name before it has read for whom the request is
        assume(not any("_" in name for name in case.headers or ()))
        if case.operation.path != "/api/v1/session":
            case.headers = {**(case.headers or {}), "authorization": token}
        answer = case.call(base_url=url, verify=False, timeout=20)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            leaked = [mark for mark in _LEAKS if mark in answer.text]
            assert not leaked, f"{leaked} in {answer.text[:300]}"

    return ask


def _said(failure: BaseException) -> str:
    inner = getattr(failure, "exceptions", None)
    return " | ".join(map(_said, inner)) if inner else str(failure)[:1500]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("who", "only"), [("resident1", "^/api/(?!v1/desk)"), ("officer", "^/api/v1/desk")])
def test_the_document_is_kept(
    city: Launched, document: dict[str, Any], tokens: dict[str, str], who: str, only: str
) -> None:
    assert not (wrong := ask_all(city, document, tokens[who], QUICK, only)), "\n\n".join(wrong)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", WHO)
def test_the_document_is_kept_long(city: Launched, document: dict[str, Any], tokens: dict[str, str], who: str) -> None:
    assert not (wrong := ask_all(city, document, tokens[who], THOROUGH)), "\n\n".join(wrong)
