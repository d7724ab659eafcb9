"""One question of the front, one answer: whether this request may pass, and as whom."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote
from uuid import UUID

import structlog

from madang.commons.gateway import rules
from madang.commons.gateway.contracts import Granted, Key, Partner, Plan
from madang.commons.gateway.policy import answers, passes
from madang.commons.gateway.policy.counters import Counters
from madang.commons.gateway.policy.ledger import Known
from madang.commons.gateway.policy.passes import Pass
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.commons.gateway.policy.tokens import MARK, Tokens
from madang.kernel.errors import CityError

CHECK: Final = "/check"
SOURCE: Final = "x-madang-source"
CLIENT: Final = "madang-client"
_SEALED_ANEW_AFTER_S: Final = 60
_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Question:
    """A request as the front tells it: ``path`` with its query, headers by lower-case name."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the front is told: 200 lets the request on; headers go on with it or back with the refusal."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


log = structlog.get_logger(__name__)

_LATER: Final = Answer(HTTPStatus.SERVICE_UNAVAILABLE, {})


class Door:
    """Decides. ``known`` and ``book`` are replaced as a whole when they change, between two questions."""

    def __init__(
        self, book: Rulebook, counters: Counters, tokens: Tokens, seal_key: bytes, now: Callable[[], datetime]
    ) -> None:
        self.book = book
        self.known: Known | None = None
        self.counted: Counter[tuple[str, str]] = Counter()
        """Answers by status and code, for the operator."""
        self._counters = counters
        self._tokens = tokens
        self._seal_key = seal_key
        self._now = now
        self._sealed: dict[tuple[UUID, frozenset[str]], tuple[Partner, int, str]] = {}
        self._learning: set[asyncio.Task[None]] = set()

    def answer(self, question: Question) -> "Answer | asyncio.Future[Answer]":
        """At once when it is a refusal or was counted ahead, or once the quota was asked."""
        if self.known is None:
            return self._note(_LATER, "gateway.not_ready")
        text = _credential(question)
        if text.startswith(MARK) and not self._tokens.has(text):
            return self._after_learning(question, text)
        partner, key = self._who(text, self.known)
        path = unquote(question.path.removeprefix(CHECK).partition("?")[0])
        asked = (question.method, path, question.headers.get(SOURCE, ""))
        error = rules.why_not(partner, key, self.book.scopes, asked, self._now())
        plan = self.book.plans.get(partner.plan) if partner else None
        if error is not None or partner is None or plan is None:
            return self._refusal(question, partner, error) if error else self._note(_LATER, "gateway.plan_gone")
        return self._counted(question, partner, plan)

    def know(self, known: Known) -> None:
        """Take up who there is now."""
        self.known = known
        self._sealed.clear()
        if known.by_oauth_client:
            self._tokens.warm_up()

    def forget_passes(self) -> None:
        """Seal anew: somebody or something changed."""
        self._sealed.clear()

    def _after_learning(self, question: Question, token: str) -> "asyncio.Future[Answer]":
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        async def learn() -> None:
            try:
                await self._tokens.learn(token)
                answer = self.answer(question)
                told.set_result(answer if isinstance(answer, Answer) else await answer)
            except Exception:  # whatever keeps the provider from answering, the front must hear something
                log.warning("the provider of tokens does not answer", exc_info=True)
                told.set_result(self._note(_LATER, "gateway.provider_away"))

        task = asyncio.create_task(learn())
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)
        return told

    def _who(self, text: str, known: Known) -> tuple[Partner | None, Key | None]:
        """The partner as it may act now: with a token, in the token's scopes."""
        holder = self._tokens.holder(text) if text.startswith(MARK) else None
        if holder is not None:
            found = known.by_oauth_client.get(holder.client)
            narrowed = replace(found, scopes=tuple(set(found.scopes) & holder.scopes)) if found else None
            return (narrowed if holder.scopes else found), None
        key = known.keys.get(rules.digest(text)) if rules.is_key(text) else None
        return (known.partners.get(key.partner), key) if key else (None, None)

    def _counted(self, question: Question, partner: Partner, plan: Plan) -> "Answer | asyncio.Future[Answer]":
        granted = self._counters.take(partner.id, plan)
        if isinstance(granted, Granted):
            return self._decided(question, partner, plan, granted)
        told: asyncio.Future[Answer] = granted.get_loop().create_future()

        def tell(done: "asyncio.Future[Granted]") -> None:
            if told.done():
                return
            if done.cancelled() or done.exception() is not None:
                told.set_result(self._note(_LATER, "gateway.nobody_counts"))
            else:
                told.set_result(self._decided(question, partner, plan, done.result()))

        granted.add_done_callback(tell)
        return told

    def _decided(self, question: Question, partner: Partner, plan: Plan, granted: Granted) -> Answer:
        fields = rules.quota_fields(plan, granted) | {CLIENT: str(partner.id)}
        if granted.passes:
            return self._note(Answer(HTTPStatus.OK, {passes.HEADER: self._pass(partner), **fields}), "passed")
        return self._refusal(question, partner, rules.spent(plan, granted), fields)

    def _refusal(
        self, question: Question, partner: Partner | None, error: CityError, fields: Mapping[str, str] | None = None
    ) -> Answer:
        language = answers.language_of(question.headers.get("accept-language", ""))
        body = answers.body(error, language, question.headers.get("x-request-id", ""))
        told = {
            "content-type": "application/problem+json", "content-language": language.tag, "cache-control": "no-store",
            **({CLIENT: str(partner.id)} if partner else {}), **answers.headers(error), **(fields or {}),
        }
        return self._note(Answer(answers.status_of(error), told, body), error.code)

    def _pass(self, partner: Partner) -> str:
        """A pass is made anew each minute, or when the partner was changed."""
        now = int(time.time())
        which = partner.id, frozenset(partner.scopes)
        held = self._sealed.get(which)
        if held is not None and held[0] == partner and now - held[1] < _SEALED_ANEW_AFTER_S:
            return held[2]
        scopes = tuple(sorted(rules.held_by(partner, self.book.scopes)))
        one = Pass(partner.id, partner.actor_name, scopes, partner.department, now + passes.LASTS_S)
        value = passes.sealed(one, self._seal_key)
        self._sealed[which] = (partner, now, value)
        return value

    def _note(self, answer: Answer, code: str) -> Answer:
        self.counted[str(int(answer.status)), code] += 1
        return answer


def _credential(question: Question) -> str:
    """The key or the token that the request shows; empty for none."""
    text = question.headers.get(passes.KEY_HEADER, "")
    bearer = question.headers.get("authorization", "")
    return text if text or bearer[: len(_BEARER)].lower() != _BEARER else bearer[len(_BEARER):].strip()
