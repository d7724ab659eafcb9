import pytest
from django.test import Client

from madang.kernel.languages import Language
from tests.commons.identity import people

pytestmark = pytest.mark.django_db


def sign_in(password: str = people.PASSWORD, **more: str):
    proof = {"email": "resident@seoul.example", "password": password, **more}
    return Client().post("/api/v1/session", proof, "application/json")


def test_a_token_opens_and_closes():
    people.resident()
    answer = sign_in()
    assert answer.status_code == 201
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert Client().delete("/api/v1/session", headers=bearer).status_code == 204
    assert Client().delete("/api/v1/session", headers=bearer).status_code == 401


def test_a_wrong_password_is_told_without_telling_who_has_an_account():
    people.resident()
    wrong, nobody = sign_in("wrong"), Client().post(
        "/api/v1/session", {"email": "nobody@seoul.example", "password": "x"}, "application/json"
    )
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() | {"instance": ""} == nobody.json() | {"instance": ""}


def test_who_is_signed_in_reads_their_accounts_language_unless_the_device_chose_one():
    account = people.resident(language=Language.VI)
    browser = Client()
    browser.login(username=account.email, password=people.PASSWORD)
    assert browser.get("/accounts/email/none", headers={"Accept-Language": "ru"})["Content-Language"] == "ru"
    shown = browser.get("/accounts/password/change/", headers={"Accept-Language": "ru"})
    assert shown["Content-Language"] == "vi"
    browser.cookies["madang_language"] = "th"
    assert browser.get("/accounts/password/change/")["Content-Language"] == "th"


def test_who_guesses_is_told_when_to_come_again():
    answers = [sign_in("wrong") for _ in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
