"""What the API's document promises is what the API does, for every room: valid, broken and hostile requests."""

from collections.abc import Iterator
from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from madang.commons.identity import facade as identity
from madang.kernel import clock
from tests.commons.identity import people

pytestmark = [pytest.mark.django_db, pytest.mark.long]

_EXAMPLES = 25

_NOT_HERE = {
    "max_response_time",  # measured by the benches
    "use_after_free", "ensure_resource_availability", "object_level_authorization",  # follow several requests
}


@cache
def document() -> OpenApiSchema:
    config = schemathesis.Config.from_dict({"generation": {"allow-x00": False}})
    return schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application(), config=config)


def checks(label: str, mode: GenerationMode) -> list[object]:
    load_all_checks()
    # what a person types from paper has a check letter, which no schema can say: most of them are mistyped
    is_typed = mode is GenerationMode.POSITIVE and ("{number}" in label or "{code}" in label)
    left_out = _NOT_HERE | ({"positive_data_acceptance"} if is_typed else set())
    return [check for check in CHECKS.get_all() if check.__name__ not in left_out]


def operations() -> list[str]:
    return [found.ok().label for found in document().get_all_operations()]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests share the test's connection and transaction, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def signed_in() -> dict[str, dict[str, str]]:
    now = clock.now()
    holders = {"resident": people.resident(), "officer": people.officer()}
    return {
        name: {"Authorization": f"Bearer {identity.open_token_for(holder.id, now, second_factor=True)}"}
        for name, holder in holders.items()
    }


def ask(label: str, mode: GenerationMode, headers: dict[str, str]) -> None:
    operation = next(one for found in document().get_all_operations() if (one := found.ok()).label == label)

    calm = list(HealthCheck)

    @how(max_examples=_EXAMPLES, deadline=None, suppress_health_check=calm, database=None, derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case) -> None:
        own = {} if label.endswith("/session") else headers
        case.call_and_validate(headers=own, checks=checks(label, mode))

    asked()


@pytest.mark.parametrize("label", operations())
def test_what_is_valid_is_taken(label, signed_in):
    ask(label, GenerationMode.POSITIVE, signed_in["officer" if "/desk" in label else "resident"])


@pytest.mark.parametrize("label", operations())
def test_what_is_not_is_refused_and_said(label, signed_in):
    try:
        ask(label, GenerationMode.NEGATIVE, signed_in["officer" if "/desk" in label else "resident"])
    except Unsatisfiable:
        pytest.skip("nothing in it can be wrong")
