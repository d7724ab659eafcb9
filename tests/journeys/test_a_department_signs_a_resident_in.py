"""A department's own system signs a resident in: through the real gate, in Vietnamese, on a phone, no scripts."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Browser, Page, sync_playwright

from madang.entrypoints.launch import Launched
from tests.city import CHROMIUM, account_of, city, fresh_code, madang, signed_in  # noqa: F401 -- the fixture

pytestmark = [
    pytest.mark.timeout(300),  # a whole city and a browser on two busy cores
    pytest.mark.city,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]

EXAMPLE = Path(__file__).parents[2] / "profiles" / "seoul" / "clients" / "seoul-library.yaml"
WIDTH = 360
VERIFIER = "v" * 64


@dataclass
class Library:
    """The department's system, on a port of its own: sends people to the city, and takes the city's word (Authlib)."""

    city: str
    authority: str
    """The file of the instance's own authority, which signed its certificate."""
    server: ThreadingHTTPServer
    session: OAuth2Session | None = None
    where: dict[str, str] = field(default_factory=dict)
    claims: dict[str, object] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def joins(self, system: str, secret: str) -> None:
        self.session = OAuth2Session(
            system, secret, scope="openid email", redirect_uri=f"{self.url}/signed-in", code_challenge_method="S256",
        )
        self.where = self.asked(f"{self.city}/.well-known/openid-configuration")

    def asked(self, address: str) -> dict[str, str]:
        return httpx.get(address, verify=ssl.create_default_context(cafile=self.authority)).json()

    def question(self) -> str:
        asked, _ = self.session.create_authorization_url(
            self.where["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1",
        )
        return asked

    def take_word(self, back: str) -> None:
        tokens = self.session.fetch_token(
            self.where["token_endpoint"], authorization_response=back, code_verifier=VERIFIER,
            verify=self.authority,
        )
        keys = KeySet.import_key_set(self.asked(self.where["jwks_uri"]))
        self.claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        self.about = self.session.get(self.where["userinfo_endpoint"], verify=self.authority).json()


@pytest.fixture
def library(city: Launched) -> Iterator[Library]:  # noqa: F811 -- the fixture
    made: list[Library] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(self.path).path == "/signed-in":
                made[0].take_word(f"{made[0].url}{self.path}")
                self.say(200, f"<h1>Xin chào, {made[0].claims['sub']}</h1>".encode())
            else:
                self.say(302, b"", made[0].question())

        def say(self, status: int, body: bytes, where: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if where:
                self.send_header("Location", where)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.append(Library(city.url, str(city.instance / "keys" / "authority.pem"), server))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made[0]
    server.shutdown()


def register(city: Launched, library: Library, folder: Path) -> None:  # noqa: F811 -- the fixture
    told = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    told |= {"redirect_uris": [f"{library.url}/signed-in"], "post_logout_redirect_uris": [],
             "backchannel_logout_uri": ""}
    file = folder / "library.yaml"
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    madang(city, "clients", "remove", "seoul-library")  # of another run, when the city was lent
    added = madang(city, "clients", "add", str(file), "--json")
    assert added.returncode == 0, added.stderr
    made = yaml.safe_load(added.stdout)
    library.joins(made["system"], made["secret"])


@pytest.fixture
def phone() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(
            ignore_https_errors=True, locale="vi-VN", java_script_enabled=False,
            viewport={"width": WIDTH, "height": 740},
        )
        context.set_default_timeout(60_000)
        yield context.new_page()
        browser.close()


def fits(page: Page) -> bool:
    """Whether nothing stands out at the side: without scripts the page's boxes are asked, not the page."""
    boxes = [one.bounding_box() for one in page.locator("main *:visible").all()]
    return all(box is None or box["x"] + box["width"] <= WIDTH + 1 for box in boxes)


def test_a_resident_signs_in_at_the_library_by_the_citys_word(
    city: Launched, library: Library, phone: Page, tmp_path: Path  # noqa: F811 -- the fixture
):
    register(city, library, tmp_path)
    account = account_of(city, "resident2")
    phone.goto(library.url)
    assert urlsplit(phone.url).path == "/accounts/login/"
    assert phone.locator("html").get_attribute("lang") == "vi"
    phone.locator('input[name="login"]').fill(account["email"])
    phone.locator('input[name="password"]').fill(account["password"])
    phone.locator('main form button[type="submit"]').first.click()
    if phone.locator('input[name="code"]').count():
        phone.locator('input[name="code"]').fill(fresh_code(city, account["email"]))
        phone.locator('main form:has(input[name="code"]) button[type="submit"]').click()

    assert "/oauth/" in phone.url
    said = phone.locator("main").inner_text()
    for words in ("Hệ thống mượn sách Thư viện Seoul", "Địa chỉ email của bạn", "Để cho bạn mượn sách"):
        assert words in said
    assert fits(phone)
    phone.locator('button[name="decision"][value="allow"]').click()
    phone.get_by_role("heading", name="Xin chào").wait_for()

    assert library.about == {"sub": library.claims["sub"], "email": account["email"], "email_verified": True}
    assert library.claims["iss"] == library.where["issuer"]
    [row] = [one for one in seen_by_the_register(city) if one["key"] == "library"]
    assert row["last_sign_in"]


def seen_by_the_register(city: Launched) -> list[dict[str, str]]:  # noqa: F811 -- the fixture
    """What the platform register saw of the systems, as a steward reads it."""
    return signed_in(city, "auditor").get("/api/v1/platforms/evidence").json()
