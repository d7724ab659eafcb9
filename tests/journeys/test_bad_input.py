"""Bad input at a running city's door: a clear error in the asked language, nothing half-stored, nothing leaked."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from madang.entrypoints.launch import Launched
from tests.city import in_a_browser, send_form, signed_in, visitor

pytestmark = [pytest.mark.city, pytest.mark.xdist_group("city"), pytest.mark.timeout(180)]

CASES = "/api/v1/cases"
BEGIN = {"service": "resident-register-extract", "answers": {"purpose": "finance"}}
SCRIPT = "<script>alert('마당')</script>"
SQL = "'; DROP TABLE applications_case; --"
_LEAKS = ("Traceback", "site-packages", "/work/", "/home/", 'File "', "psycopg", "SELECT ", "INSERT ", "django", ".py")
_HANGUL = re.compile("[가-힣]")
LANGUAGES = ("ko", "en")


@pytest.fixture(scope="module")
def resident(city: Launched) -> Iterator[httpx.Client]:
    with closing(signed_in(city, "resident1")) as client:
        yield client


@pytest.fixture(scope="module")
def other(city: Launched) -> Iterator[httpx.Client]:
    with closing(signed_in(city, "resident3")) as client:
        yield client


@pytest.fixture(scope="module")
def browser(city: Launched) -> Iterator[httpx.Client]:
    """The first resident's browser, in English."""
    with closing(in_a_browser(city, "resident1")) as client:
        client.headers["accept-language"] = "en"
        yield client


def require_problem(answer: httpx.Response, status: int, language: str) -> dict[str, Any]:
    """A problem (RFC 9457) of that status in that language, which tells nothing that it should not."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:madang:problem:")
    UUID(problem["instance"].removeprefix("urn:uuid:"))
    for said in (problem["title"], problem["detail"]):
        assert bool(_HANGUL.search(said)) == (language == "ko"), said
    require_nothing_leaked(answer)
    return problem


def require_nothing_leaked(answer: httpx.Response) -> None:
    assert not [mark for mark in _LEAKS if mark in answer.text], answer.text[:1000]


def held(client: httpx.Client) -> int:
    """How many cases and drafts the resident has, the first hundred of them."""
    return len(client.get(CASES, params={"limit": 100}).raise_for_status().json()["items"])


def deep(levels: int) -> bytes:
    return b'{"service":' + b"[" * levels + b"]" * levels + b"}"


MALFORMED: dict[str, tuple[bytes, int]] = {
    "half an object": (b'{"service":', 400),
    "nothing": (b"", 422),
    "no object": (b"[]", 422),
    "a number for an object": (b"3", 422),
    "a number for a text": (b'{"service": 3}', 422),
    "a list for an object": (b'{"service": "resident-register-extract", "answers": ["x"]}', 422),
    "an object for a text": (b'{"service": "resident-register-extract", "answers": {"purpose": {"a": 1}}}', 422),
    "no truth": (b'{"service": "resident-register-extract", "submit": "perhaps"}', 422),
    "a language that is none": (b'{"service": "resident-register-extract", "language": "xx"}', 422),
    "latin-1": ('{"service": "caf\u00e9"}'.encode("latin-1"), 400),
    "UTF-16": ('{"service": "resident-register-extract"}'.encode("utf-16"), 400),
    "half a letter": (b'{"service": "\xea\xb0"}', 400),
    "a number that is none": (b'{"service": NaN}', 400),
    "NUL": (b'{"service": "resident-register-extract", "answers": {"purpose": "a\\u0000b"}}', 400),
    "half a surrogate pair": (b'{"service": "resident-register-extract", "answers": {"purpose": "\\ud800"}}', 400),
    "nested 40 deep": (deep(40), 400),
    "nested 20,000 deep": (deep(20_000), 400),
    "an endless name": (json.dumps(BEGIN | {"answers": {"n" * 101: "x"}}).encode(), 422),
    "500 answers": (json.dumps(BEGIN | {"answers": {f"n{at}": "x" for at in range(500)}}).encode(), 422),
    "a field too long": (json.dumps(BEGIN | {"answers": {"purpose": "x" * 10_001}}).encode(), 422),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_bodies_that_cannot_be_read(resident: httpx.Client, language: str) -> None:
    before = held(resident)
    given = {"content-type": "application/json", "accept-language": language, "idempotency-key": str(uuid4())}
    for name, (body, status) in MALFORMED.items():
        answer = resident.post(CASES, content=body, headers=given)
        assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text[:300]}"
        require_problem(answer, status, language)
    assert held(resident) == before
    # none of them took the key
    assert "idempotency-replayed" not in resident.post(CASES, json={"service": "none"}, headers=given).headers


def test_ten_megabytes_are_refused_before_anybody_reads_them(resident: httpx.Client) -> None:
    before = held(resident)
    answer = resident.post(CASES, json=BEGIN | {"answers": {"purpose": "x" * 10_000_000}})
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == 413
    assert "larger" in problem["detail"]
    assert _HANGUL.search(problem["detail"])
    require_nothing_leaked(answer)
    assert held(resident) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_wrong_kind_of_request(resident: httpx.Client, language: str) -> None:
    speaks = {"accept-language": language}
    kinds = ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded")
    for kind in kinds:
        answer = resident.post(CASES, content=b"purpose=finance", headers=speaks | {"content-type": kind})
        require_problem(answer, 415, language)
    charset = {"content-type": "application/json; charset=euc-kr"}
    require_problem(resident.post(CASES, content=b"{}", headers=speaks | charset), 400, language)
    for method in ("PUT", "DELETE", "PATCH"):
        answer = resident.request(method, CASES, headers=speaks)
        require_problem(answer, 405, language)
        assert "POST" in answer.headers["allow"]
    require_problem(resident.get("/api/v1/nothing-here", headers=speaks), 404, language)
    require_problem(resident.get(CASES, params={"limit": "many"}, headers=speaks), 422, language)
    require_problem(resident.get(CASES, params={"after": "' OR 1=1 --"}, headers=speaks), 422, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_that_are_forged_or_replayed(city: Launched, language: str) -> None:
    with closing(signed_in(city, "resident4")) as client:
        client.headers["accept-language"] = language
        token = client.headers["authorization"]
        assert client.get(CASES).status_code == 200
        changed = token[:-1] + ("A" if token[-1] != "A" else "B")
        unsigned = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXNpZGVudDEifQ."
        for forged in (changed, unsigned, "Bearer", "Bearer " + "x" * 5000, "Basic cmVzaWRlbnQxOng=", "Bearer '; --"):
            problem = require_problem(client.get(CASES, headers={"authorization": forged}), 401, language)
            assert problem["code"] == "gateway.token_not_known"
        assert client.delete("/api/v1/session").status_code == 204
        require_problem(client.get(CASES), 401, language)
        require_problem(client.post(CASES, json=BEGIN), 401, language)
        require_problem(client.delete("/api/v1/session"), 401, language)


def test_a_key_that_is_used_for_another_request(resident: httpx.Client) -> None:
    key = {"idempotency-key": str(uuid4()), "accept-language": "en"}
    first = resident.post(CASES, json=BEGIN | {"submit": True}, headers=key)
    assert first.status_code == 201
    before = held(resident)
    for body in (BEGIN | {"submit": True, "answers": {"purpose": "work"}}, {}, BEGIN):
        problem = require_problem(resident.post(CASES, json=body, headers=key), 422, "en")
        if body:
            assert problem["code"] == "gateway.key_reused"
    again = resident.post(CASES, json=BEGIN | {"submit": True}, headers=key)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    assert held(resident) == before


def test_another_persons_case_and_document_are_as_unknown_as_one_that_never_was(
    city: Launched, resident: httpx.Client, other: httpx.Client, browser: httpx.Client
) -> None:
    theirs = other.post(CASES, json=BEGIN | {"submit": True}).raise_for_status().json()
    document = finished(other, theirs["number"])["document"]
    speaks = {"accept-language": "en"}
    nobodys = str(uuid4())
    for real, path in ((theirs["id"], CASES + "/{}"), (document, "/api/v1/documents/{}"),
                       (document, "/api/v1/documents/{}/pdf")):
        answer, unknown = (resident.get(path.format(one), headers=speaks) for one in (real, nobodys))
        assert told(answer, real) == told(unknown, nobodys)
        require_problem(answer, 404, "en")
    for act in ("submit", "withdraw"):
        answer, unknown = (resident.post(f"{CASES}/{one}/{act}") for one in (theirs["id"], nobodys))
        assert told(answer, theirs["id"]) == told(unknown, nobodys)
    number = f"{CASES}/{theirs['number']}"
    require_problem(resident.get(number, headers=speaks), 404, "en")
    require_problem(resident.patch(f"{number}/answers", json={"answers": {}}, headers=speaks), 404, "en")
    for page in (f"/my/cases/{theirs['number']}", f"/apply/{theirs['number']}/use", f"/documents/{document}.pdf"):
        answer = browser.get(page)
        assert answer.status_code == 404
        assert theirs["answers"]["full_name"]["value"] not in answer.text
        require_nothing_leaked(answer)
    assert finished(other, theirs["number"])["standing"] == "completed"
    with visitor(city) as nobody:
        assert nobody.get(f"/documents/{document}.pdf").status_code == 302
        require_problem(nobody.get(f"/api/v1/documents/{document}/pdf", headers=speaks), 401, "en")


def told(answer: httpx.Response, asked: str) -> tuple[int, dict[str, Any]]:
    """What a program can tell one answer from another by: all but the request's own number and what it asked for."""
    said = json.loads(answer.text.replace(asked, "…"))
    return answer.status_code, {name: value for name, value in said.items() if name != "instance"}


def finished(client: httpx.Client, number: str, patience: float = 60.0) -> dict[str, Any]:
    until = time.monotonic() + patience
    while (case := client.get(f"{CASES}/{number}").raise_for_status().json())["standing"] != "completed":
        assert time.monotonic() < until, case
        time.sleep(0.25)
    return dict(case)


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_that_are_no_document_of_ours(city: Launched, language: str) -> None:
    with visitor(city) as client:
        client.headers["accept-language"] = language
        scripts = {
            "a.pdf": b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF",
            "b.pdf": b"#!/bin/sh\nrm -rf /\n",
            "c.pdf": b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>",
            "../../etc/passwd": b"", "<script>.html": SCRIPT.encode(),
        }
        for name, content in scripts.items():
            answer = send_form(client, "/verify/", {}, files={"file": (name, content, "application/pdf")})
            assert answer.status_code in {302, 422}, f"{name}: {answer.status_code}"
            assert bool(_HANGUL.search(answer.text)) or answer.status_code == 302 or language == "en"
            assert "<script>alert" not in answer.text
            require_nothing_leaked(answer)
        too_large = {"file": ("d.pdf", b"%PDF-1.7" + b"0" * 10_000_000, "application/pdf")}
        assert send_form(client, "/verify/", {}, files=too_large).status_code == 413
        for code in ("<script>", SQL, "A" * 60, "../../etc/passwd", "가나다", "%00"):
            answer = client.get("/verify/", params={"code": code})
            assert answer.status_code in {400, 404}, code
            assert "<script>" not in answer.text
            require_nothing_leaked(answer)


def test_sql_and_script_in_every_field_are_text(
    city: Launched, resident: httpx.Client, browser: httpx.Client
) -> None:
    nasty = f"{SCRIPT}{SQL}{{{{7*7}}}}{{% debug %}}"
    draft = resident.post(CASES, json={"service": "resident-register-extract"}).raise_for_status().json()
    number = draft["number"]
    names = [*draft["answers"], "recipient", SCRIPT, SQL]
    before = held(resident)
    answer = resident.patch(f"{CASES}/{number}/answers", json={"answers": dict.fromkeys(names, nasty)})
    assert answer.status_code in {200, 422}, answer.text[:500]
    kept = resident.patch(f"{CASES}/{number}/answers", json={"answers": {"recipient": nasty[:40]}})
    assert kept.raise_for_status().json()["case"]["answers"]["recipient"]["value"] == nasty[:40]
    for page in ("about_you", "what_to_show", "use", "review"):
        shown = browser.get(f"/apply/{number}/{page}")
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        require_nothing_leaked(shown)
    assert "&lt;script&gt;alert(" in browser.get(f"/apply/{number}/use").text
    for found in (browser.get("/search", params={"q": nasty}), browser.get("/apply/" + SCRIPT.replace("/", "") + "/")):
        assert found.status_code in {200, 404}
        assert "<script>alert" not in found.text
        require_nothing_leaked(found)
    assert resident.get("/api/v1/services/search", params={"q": nasty}).status_code in {200, 422}
    assert held(resident) == before
    assert resident.post(f"{CASES}/{number}/withdraw").is_success


def test_an_officer_reads_script_as_text(city: Launched) -> None:
    note = f"{SCRIPT}<img src=x onerror=alert(1)>{SQL}"
    badge = {
        "phone": "010-0000-0000", "plate": "12가3456", "owner": "self", "drives": "driver", "reason": "new",
        "delivery": "pick_up", "note": note,
    }
    with closing(signed_in(city, "resident2")) as client:
        asked = {"service": "disability-parking-badge", "answers": badge, "submit": True}
        number = client.post(CASES, json=asked).raise_for_status().json()["number"]
        until = time.monotonic() + 60
        while client.get(f"{CASES}/{number}").json()["standing"] != "with_officer":
            assert time.monotonic() < until
            time.sleep(0.25)
    with closing(in_a_browser(city, "officer")) as officer:
        for page in ("/desk/", f"/desk/{number}/"):
            shown = officer.get(page)
            assert shown.status_code == 200
            assert "<script>alert" not in shown.text
            assert "<img src=x" not in shown.text
        assert "&lt;img src=x onerror=alert(1)&gt;" in shown.text
        answer = send_form(officer, f"/desk/{number}/", {"decision": "refuse", "reason": SCRIPT})
        assert answer.status_code == 302, answer.text[:500]
    with closing(in_a_browser(city, "resident2")) as browser:
        told_of = browser.get(f"/my/cases/{number}").text
        assert "<script>alert" not in told_of
        assert "&lt;script&gt;alert" in told_of


def test_a_form_that_is_not_one(browser: httpx.Client, resident: httpx.Client) -> None:
    number = resident.post(CASES, json={"service": "resident-register-extract"}).raise_for_status().json()["number"]
    page = f"/apply/{number}/use"
    before = resident.get(f"{CASES}/{number}").json()["answers"]
    bare = browser.post(page, data={"purpose": "work"})
    assert bare.status_code == 403  # no token of the page
    for typed in ({"purpose": "a\x00b"}, {"purpose": "x" * 2_000_000}, {f"f{at}": "x" for at in range(600)}):
        answer = send_form(browser, page, typed)
        assert answer.status_code in {400, 413}, answer.status_code
        require_nothing_leaked(answer)
    assert resident.get(f"{CASES}/{number}").json()["answers"] == before
    assert resident.post(f"{CASES}/{number}/withdraw").is_success


def test_addresses_and_heads_that_are_none(city: Launched) -> None:
    with visitor(city) as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
        assert client.get("/", headers={"x-long": "x" * 20_000}).status_code == 431
        assert client.get("/", headers={f"x-many-{at}": "x" for at in range(150)}).status_code == 431
        # a name with _ reaches nobody: behind the gateway it would look like the gateway's own x-forwarded-user
        assert client.get("/my/", headers={"x_forwarded_user": "resident1"}).status_code == 302
        for path in ("/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc/passwd",
                     "/static/....//....//etc/passwd", "/static/%00", "/static/.collected/../../keys/",
                     "/services/%00", "/my/cases/%2e%2e%2f", "/%ff%fe"):
            # as it stands: httpx would tidy a path given as text
            answer = client.send(raw_request(client, path))
            assert answer.status_code in {302, 400, 404}, f"{path}: {answer.status_code}"
            assert "root:" not in answer.text
            require_nothing_leaked(answer)


def raw_request(client: httpx.Client, path: str) -> httpx.Request:
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    return request
