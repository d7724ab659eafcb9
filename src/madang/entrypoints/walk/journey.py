"""One service from the first line of its form to its outcome, over HTTP, as a resident's own program would go."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import httpx

from madang.entrypoints.walk.typing import typed
from madang.records.catalogue.contracts import Service

_PATIENCE_SECONDS = 60.0
"""Far beyond what a city in order needs for one step: 4 s at the 95th percentile on two busy cores."""
_POLL_SECONDS = 0.25
_REASON = "합성 시민의 시험 신청을 확인하였습니다. (A synthetic resident's request, walked for a test.)"
_STATED = {"madang-purpose": "inspection", "madang-purpose-line": "synthetic-walk"}
"""What the officer opens cases for: they are of no department, so that no case names its purpose by itself."""
_ENDED = frozenset({"completed", "refused", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Walker:
    """Who walks: the city's address, a resident's token and an officer's."""

    url: str
    resident: str
    officer: str
    name: str = ""
    """The resident's, as the register has it."""
    beside: Sequence["Walker"] = ()
    """Who signs with this one where a service needs several people."""


@dataclass(slots=True)
class Walked:
    """What became of the services: how many there were, in what they ended, and which did not get there and why."""

    walked: int = 0
    seconds: float = 0.0
    """How long it took from the first request to the last outcome."""
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)


class Astray(Exception):
    """A service that does not lead to its outcome: where it stopped."""

    def __init__(self, place: str, said: object) -> None:
        super().__init__(f"{place}: {said}")


async def walk(services: Sequence[Service], walkers: Sequence[Walker], today: date, at_once: int = 6) -> Walked:
    """Drive each service to its outcome, ``at_once`` of them side by side. A failure is noted, and the walk goes on."""
    found, places, begun = Walked(), asyncio.Semaphore(at_once), time.monotonic()

    async def one(turn: int, service: Service) -> None:
        walker = walkers[turn % len(walkers)]
        async with places:
            try:
                found.outcomes[await _drive(service, walker, today)] += 1
            except (Astray, httpx.HTTPError, LookupError) as wrong:
                found.failed[service.id] = f"{type(wrong).__name__}: {wrong}"
            found.walked += 1

    await asyncio.gather(*(one(turn, service) for turn, service in enumerate(services)))
    found.seconds = time.monotonic() - begun
    return found


async def _drive(service: Service, walker: Walker, today: date) -> str:
    async with httpx.AsyncClient(base_url=walker.url, verify=False, timeout=30, follow_redirects=True) as client:  # noqa: S501 -- loopback, a certificate of this city's own
        number = await _send(client, service, walker, today)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        decided = paid = False
        while (case := await _case(client, walker, number))["standing"] not in _ENDED:
            if case["standing"] == "awaiting_signatures":
                await _sign(client, service, walker, number)
            elif case["standing"] == "awaiting_payment" and not paid:
                paid = await _pay(client, walker, case)
            elif case["standing"] == "with_officer" and not decided:
                decided = await _decide(client, walker, number)
            elif time.monotonic() > deadline:
                raise Astray(number, case["standing"])
            await asyncio.sleep(_POLL_SECONDS)
    return _outcome(service, case)


def _outcome(service: Service, case: Mapping[str, Any]) -> str:
    """What the case ended in. Raises Astray when that is not what the service promises."""
    if case["standing"] != "completed":
        raise Astray(case["number"], case["standing"])
    if service.outcome is None:
        return "answer"
    if not case["document"]:
        raise Astray(case["number"], "is done without its document")
    return service.outcome.document


async def _send(client: httpx.AsyncClient, service: Service, walker: Walker, today: date) -> str:
    """Fill in what registers leave open; what they cannot answer for this resident is typed after the first refusal."""
    answers = dict(typed((field for field in service.fields() if field.source is None), today))
    answers |= await _slot(client, service, walker)
    answers |= await _own_bill(client, service, walker)
    sent = await _submit(client, service, walker, answers)
    if sent.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        open_questions = {mistake["field"] for mistake in sent.json().get("errors", [])}
        wanted = [field for field in service.fields() if field.name in open_questions]
        sent = await _submit(client, service, walker, {**answers, **typed(wanted, today)})
    return str(_read(sent)["number"])


async def _slot(client: httpx.AsyncClient, service: Service, walker: Walker) -> Mapping[str, str]:
    """The first place that is free now, where the service books one: several walkers may be after the same."""
    if not service.slot_question:
        return {}
    query = httpx.QueryParams(service=service.id, limit=200)
    answer = await client.get("/api/v1/bookings/slots", params=query, headers=_as(walker.resident))
    if not answer.is_success:
        _read(answer)
    free = [slot["id"] for slot in answer.json() if slot["availability"] == "free"]
    if not free:
        raise Astray(service.id, "nothing can be booked")
    return {service.slot_question: free[0]}


async def _own_bill(client: httpx.AsyncClient, service: Service, walker: Walker) -> Mapping[str, str]:
    """The number of a bill that the city raised and this service pays, its amount left to the city; nothing if none."""
    if not service.fee_answer:
        return {}
    bills = _read(await client.get("/api/v1/bills", params={"limit": 100}, headers=_as(walker.resident)))["items"]
    own = (one for one in bills if one["service"] == service.id and one["due"] and one["standing"] == "due")
    bill = next(own, None)
    return {"bill_number": bill["number"], service.fee_answer: ""} if bill else {}


async def _submit(
    client: httpx.AsyncClient, service: Service, walker: Walker, answers: Mapping[str, str]
) -> httpx.Response:
    body = {"service": service.id, "answers": dict(answers), "submit": True, "language": "vi"}
    return await client.post("/api/v1/cases", json=body, headers=_as(walker.resident, keyed=True))


async def _case(client: httpx.AsyncClient, walker: Walker, number: str) -> Mapping[str, Any]:
    return _read(await client.get(f"/api/v1/cases/{number}", headers=_as(walker.resident)))


async def _pay(client: httpx.AsyncClient, walker: Walker, case: Mapping[str, Any]) -> bool:
    """Pay at the bank's own page; False while there is no bill yet."""
    bills = _read(await client.get("/api/v1/bills", params={"limit": 100}, headers=_as(walker.resident)))["items"]
    bill = next((bill for bill in bills if case["id"] in {bill["case"], *bill["cases"]}), None)
    if bill is None:
        return False
    begun = await client.post(f"/api/v1/bills/{bill['id']}/payments", json={}, headers=_as(walker.resident, keyed=True))
    page = _read(begun)["url"]
    await client.post(page, data={"decision": "pay"}, follow_redirects=False)
    return True


async def _sign(client: httpx.AsyncClient, service: Service, walker: Walker, number: str) -> None:
    """Invite everybody who is needed, and have each sign with their own sign-in."""
    for other in walker.beside[: service.signatures - 1]:
        asked, me = {"name": other.name}, _as(walker.resident)
        made = _read(await client.post(f"/api/v1/cases/{number}/signers", json=asked, headers=me))
        signed = {"code": made["code"], "sign": True}
        _read(await client.post("/api/v1/signatures", json=signed, headers=_as(other.resident)))


async def _decide(client: httpx.AsyncClient, walker: Walker, number: str) -> bool:
    """An officer decides for the resident; False while the case is not on the desk yet."""
    body = {"decision": "approve", "reason": _REASON}
    headers = {**_as(walker.officer, keyed=True), **_STATED}
    said = await client.post(f"/api/v1/desk/{number}/decision", json=body, headers=headers)
    if said.status_code == httpx.codes.NOT_FOUND:
        return False
    _read(said)
    return True


def _as(token: str, *, keyed: bool = False) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"} | ({"idempotency-key": str(uuid4())} if keyed else {})


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.is_success:
        said: Mapping[str, Any] = answer.json()
        return said
    asked = answer.request
    place = f"{asked.method} {asked.url.path}"
    raise Astray(place, f"{answer.status_code} {answer.text[:300]}")
