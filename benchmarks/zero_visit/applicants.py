"""People who apply: most without a hitch, some struck by a fault, who then go on by the ways that the city offers."""

import asyncio
import json
import os
import random
import re
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

import psycopg

from benchmarks.load import Connection
from benchmarks.pages import Browser
from benchmarks.residents import EXTRACT, headers
from benchmarks.zero_visit.counting import Assumed, Counted, submitted
from benchmarks.zero_visit.services import HIGH, ORDINARY, SUBSTANTIAL
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import NewAccount
from madang.commons.identity.contracts import Permission as OfIdentity
from madang.entrypoints.launch import Launched
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.records.registers.facade import population

_BODY = json.dumps(EXTRACT).encode()
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each further try of a request that was not answered."""
_CREATED = 201
_SEED = 20261123
_Way = Callable[[Browser, str], Awaitable[str | None]]


class Applicants:
    """Applies at a steady rate, and lets the faults strike."""

    def __init__(self, city: Launched, people: Sequence[str], assumed: Assumed, *, down_seconds: float) -> None:
        self._city, self._people, self._assumed, self._down_seconds = city, people, assumed, down_seconds
        self._chance = random.Random(_SEED)
        self._counted = Counted()
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        self._phones: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._keys: dict[str, str] = {}
        """Whom the mobile ID knows under which name."""
        self._new_people: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def prepare(self, number: int) -> None:
        """Make the accounts that ``number`` applications need; Django must be set up on the city."""
        self._counted.before = self._submitted()
        keys = {one.story: one.key for one in population.demo_residents()}
        for account in self._city.sign_ins:
            if account["who"].startswith("resident:") and not account["second_factor"]:
                self._phones.put_nowait((account["email"], account["password"]))
                self._keys[account["email"]] = keys[account["who"].removeprefix("resident: ")]
        for turn in range(10 + int(1.4 * number * self._assumed.rates["identity_fails"])):
            self._new_people.put_nowait(_new_account(turn))

    async def all_apply(self, number: int, rate: float) -> Counted:
        """``number`` applications at ``rate`` a second, while a register goes down and a worker is killed twice."""
        found = self._counted
        began, running = time.monotonic(), list[asyncio.Task[None]]()
        troubles = asyncio.create_task(self._troubles(number / rate))
        for turn in range(number):
            await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
            running.append(asyncio.create_task(self._apply(turn)))
        await asyncio.gather(*running, troubles)
        found.begun = number
        return found

    async def _apply(self, turn: int) -> None:
        fault, lot = self._fault(), self._chance.random()
        app, mobile = self._chance.random() < self._assumed.can_use_an_app, lot < self._assumed.have_a_mobile_id
        match fault:
            case "identity_fails":
                way = self._with_an_app if app else self._with_a_mobile_id if mobile else None
                await self._by_page(SUBSTANTIAL, fault, "more_ways_to_prove_identity", way)
            case "in_person_demanded":
                way = self._with_a_mobile_id if mobile else None
                await self._by_page(HIGH, fault, "validation_in_real_time", way)
            case _:
                await self._by_program(turn, cut=fault == "system_error")

    def _fault(self) -> str:
        left = self._chance.random()
        for fault, share in self._assumed.rates.items():
            if left < share:
                return fault
            left -= share
        return ""

    async def _by_program(self, turn: int, *, cut: bool) -> None:
        key, person = f"zero-{turn}-{os.getpid()}", self._people[turn % len(self._people)]
        if cut:
            await self._cut(person, key)
        number = None if cut else await self._post(person, key)
        if number is None:
            self._counted.struck["system_error" if cut else "of_the_platform"] += 1
            for wait in _WAITS:
                await asyncio.sleep(wait)
                self._counted.tries_again += 1
                if number := await self._post(person, key):
                    self._counted.solved["automatic_exceptions"] += 1
                    break
        self._note(number, "system_error" if cut else "of_the_platform")

    async def _post(self, person: str, key: str) -> str | None:
        connection = self._idle.get_nowait() if not self._idle.empty() else Connection(self._city.url)
        try:
            status, body = await connection.ask("POST", "/api/v1/cases", headers(person, key), _BODY)
        except (OSError, asyncio.IncompleteReadError) as wrong:
            self._counted.refused[type(wrong).__name__] += 1
            connection.close()
            return None
        self._idle.put_nowait(connection)
        if status != _CREATED:
            self._counted.refused[f"{status} {json.loads(body).get('code', '')}"] += 1
        return str(json.loads(body)["number"]) if status == _CREATED else None

    async def _cut(self, person: str, key: str) -> None:
        """Send, and lose the line before the answer comes: the city may or may not have the request."""
        connection = Connection(self._city.url)
        asking = asyncio.create_task(connection.ask("POST", "/api/v1/cases", headers(person, key), _BODY))
        await asyncio.wait([asking], timeout=self._chance.uniform(0.005, 0.1))
        asking.cancel()
        connection.close()
        await asyncio.gather(asking, return_exceptions=True)

    async def _by_page(self, service: str, fault: str, lever: str, way: _Way | None) -> None:
        """In a browser with a password alone: refused at the end of the form, and on by what that page offers."""
        whose = self._new_people if way == self._with_an_app else self._phones
        email, password = await whose.get()
        number: str | None = None
        try:
            async with Browser(self._city.url) as browser:
                number = await self._through_the_form(browser, service, email, password)
                if number is None:
                    self._counted.struck[fault] += 1
                    number = await way(browser, email) if way else None
                    self._counted.solved[lever] += number is not None
        finally:
            if whose is self._phones:
                whose.put_nowait((email, password))
        self._note(number, fault)

    async def _through_the_form(self, browser: Browser, service: str, email: str, password: str) -> str | None:
        await browser.open(f"/accounts/login/?next=/apply/{service}/")
        await browser.send({"login": email, "password": password, "next": f"/apply/{service}/"})
        for _ in range(8):
            if "/review" in browser.path:
                break
            await browser.send(browser.answers({"purpose": "finance"}))
        await browser.send({})
        return _number(browser)

    async def _with_an_app(self, browser: Browser, _: str) -> str | None:
        """Set an authenticator app up, as the page offers, and send again."""
        review = _goal(browser)
        if "/accounts/2fa/totp/activate/" not in browser.text:
            return None
        await browser.open("/accounts/2fa/totp/activate/")
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.text)
        if secret is None:
            return None
        await browser.send({"code": identity.totp_now(secret[1].replace(" ", ""), clock.now())})
        await browser.open(review)
        await browser.send({})
        return _number(browser)

    async def _with_a_mobile_id(self, browser: Browser, email: str) -> str | None:
        """Take the page's other way, approve on the phone, link it the first time, and send again."""
        review = _goal(browser)
        offered = re.search(r'href="(/accounts/foreign/\?next=[^"]+)"', browser.text)
        if offered is None:
            return None
        await browser.open(offered[1].replace("&amp;", "&"))
        await browser.open("/accounts/foreign/go/mobile-id/")
        await browser.send({"resident": self._keys[email], "decision": "yes"})
        if browser.path.startswith("/accounts/foreign/link"):
            await browser.send({})
        await browser.open(review)
        await browser.send({})
        return _number(browser)

    def _note(self, number: str | None, fault: str) -> None:
        if number:
            self._counted.acknowledged.append(number)
        else:
            self._counted.gave_up[fault] += 1

    async def _troubles(self, seconds: float) -> None:
        """The register of residents goes down for a while; a worker is killed before and after."""
        await asyncio.sleep(seconds / 4)
        os.kill(self._city.pid_of("worker-1"), signal.SIGKILL)
        await asyncio.sleep(seconds / 8)
        fault = self._city.instance / "outside" / "faults" / "residents"
        fault.parent.mkdir(parents=True, exist_ok=True)
        fault.write_text("down", encoding="utf-8")
        await asyncio.sleep(self._down_seconds)
        fault.unlink()
        await asyncio.sleep(seconds / 8)
        os.kill(self._city.pid_of("worker-1"), signal.SIGKILL)

    def _submitted(self) -> int:
        addresses = json.loads((self._city.instance / "run" / "addresses.json").read_text(encoding="utf-8"))
        with psycopg.connect(addresses["database_url"]) as connection:
            return submitted(connection, ORDINARY)


def _new_account(turn: int) -> tuple[str, str]:
    """Somebody who has a password and no second factor yet. Django must be set up."""
    email, password = f"zero{turn}@seoul.example", secrets.token_urlsafe(18)
    [who] = population.some_residents(500 + turn, 1)
    maker = Actor.system("bench", {OfIdentity.MAKE_ACCOUNTS})
    identity.make_account(maker, NewAccount(email, password, "resident", resident=who), clock.now())
    return email, password


def _number(browser: Browser) -> str | None:
    found = re.search(r"/my/cases/([\w-]+)", browser.path)
    return found[1] if found else None


def _goal(browser: Browser) -> str:
    """Where the step-up page leads back to."""
    found = re.search(r"/apply/[\w-]+/review", browser.path.replace("%2F", "/") + browser.text.replace("%2F", "/"))
    return found[0] if found else "/my/"
