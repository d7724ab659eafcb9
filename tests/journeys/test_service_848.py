"""A department adds a service with one data file: found, filled in, decided; no program was changed."""

import re
import shutil
import time
from collections.abc import Iterator, Mapping

import httpx
import pytest
import yaml
from newcomer import decide

from madang.entrypoints.launch import Launched, launched
from madang.entrypoints.settings import HOUSE
from madang.records.catalogue import facade as catalogue
from tests.city import SETTINGS, in_a_browser, send_form, signed_in, visitor

pytestmark = [pytest.mark.timeout(300), pytest.mark.city, pytest.mark.long, pytest.mark.xdist_group("city")]
SEOUL = HOUSE / "profiles" / "seoul"
PATIENCE_S = 60


def the_file() -> str:
    """The file as docs/catalogue.md shows it to departments."""
    page = (HOUSE / "docs" / "catalogue.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml service-848\n(.*?)```", page, re.DOTALL)
    return str(shown)


@pytest.fixture(scope="module")
def service() -> Mapping[str, object]:
    return dict(yaml.safe_load(the_file()))


@pytest.fixture(scope="module")
def city_of_848(tmp_path_factory, service) -> Iterator[Launched]:
    profile = tmp_path_factory.mktemp("profile") / "seoul"
    shutil.copytree(SEOUL, profile)
    before = len(list((profile / "services").rglob("*.yaml")))
    (profile / "services" / str(service["category"]) / f"{service['id']}.yaml").write_text(the_file(), encoding="utf-8")
    assert catalogue.problems(profile) == []
    assert len(catalogue.services_in(profile)) == before + 1
    folder = tmp_path_factory.mktemp("city")
    with launched(folder, environ={**SETTINGS, "MADANG_PROFILE": str(profile)}) as city:
        yield city


def test_one_file_is_a_service_from_search_to_outcome(city_of_848, service):
    anyone = visitor(city_of_848)
    address = f"/services/{service['id']}"
    for language, typed_words in (("ko", "도시 양봉"), ("en", "beekeping"), ("vi", "nuôi ong")):
        found = anyone.get("/search", params={"q": typed_words}, headers={"accept-language": language}).text
        assert address in found, language
        page = anyone.get(address, headers={"accept-language": language}).text
        assert service["name"][language] in page
    person = in_a_browser(city_of_848, "resident2")
    number = filled_in_and_sent(person, str(service["id"]))
    officer = signed_in(city_of_848, "desk_lead")
    deadline = time.monotonic() + PATIENCE_S
    while 'data-standing="completed"' not in (case := person.get(f"/my/cases/{number}").text):
        assert time.monotonic() < deadline, re.sub(r"<[^>]+>|\s+", " ", case)[-900:]
        if 'data-standing="with_officer"' in case:
            decide(officer, number)
        time.sleep(0.5)
    document = re.search(r'href="(/documents/[\w-]+\.pdf)"', case)
    assert document
    assert person.get(document[1]).content.startswith(b"%PDF")


def filled_in_and_sent(person: httpx.Client, service_id: str) -> str:
    """Go through the form's pages as they come, taking the first choice and typing what a question's name suggests."""
    path = person.get(f"/apply/{service_id}/").headers["location"]
    for _ in range(8):
        if path.endswith("/review"):
            break
        path = send_form(person, path, answers_to(person.get(path).text)).headers["location"]
    sent = send_form(person, path, {})
    assert sent.status_code == 302, re.sub(r"<[^>]+>|\s+", " ", sent.text)[:900]
    number = re.search(r"/my/cases/([\w-]+)", sent.headers["location"])
    assert number, sent.headers["location"]
    return number[1]


def answers_to(page: str) -> dict[str, str]:
    """What somebody answers to the questions of a page; what a register filled in stays."""
    answers: dict[str, str] = {}
    for tag in re.findall(r"<(?:input|textarea|select)[^>]*>", page.partition("<main")[2]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        name, kind, value = said.get("name", ""), said.get("type", "text"), said.get("value", "")
        if name and kind == "radio":
            answers.setdefault(name, value)
        elif name and kind not in {"hidden", "search", "submit"}:
            answers[name] = value or {"date": "2027-01-12", "tel": "010-0000-0000", "number": "1"}.get(kind, "합성 12")
    return answers
