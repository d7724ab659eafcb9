"""The same request twice is the same request once: the ``Idempotency-Key`` header.

The key, what the facade does and the answer are one transaction. A second request with the key waits for the
first and gets its answer; one that died in the middle left nothing. Only answers that changed something (2xx) are
kept: after any other the key is free, so that a step-up or a mended field can be tried under it again.
"""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, Final, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from ninja.decorators import decorate_view
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback

from madang.commons.gateway import error_pages, facade
from madang.commons.gateway.contracts import Asked, Kept, KeyMalformed
from madang.commons.gateway.pages import CityRequest
from madang.kernel.errors import CityError

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")

_View = TypeVar("_View", bound=Callable[..., Any])
_Run = Callable[..., HttpResponse]


def idempotent(view: _View) -> _View:
    """Let a route be asked twice safely: put it between ``@router.post(…)`` and the function.

    Everything that the route does is then one transaction; a facade that must keep something before it calls
    another city's system cannot stand behind it.
    """
    contribute_operation_callback(view, _mark)
    return decorate_view(_once)(view)


def takes_key(view: _View) -> _View:
    """Mark a route that asks another's system first, outside of a transaction, and then calls ``once`` itself."""
    contribute_operation_callback(view, _mark)
    return view


def once(request: CityRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """For a route that ``takes_key``: what ``run`` does, and its answer, once a key and in one transaction."""
    asked = _asked(request)
    return run() if asked is None else _answer_once(request, asked, run)


def is_idempotent(operation: Operation) -> bool:
    """Whether the route takes an Idempotency-Key."""
    return getattr(operation.view_func, "_idempotent", False)


def _mark(operation: Operation) -> None:
    operation.view_func._idempotent = True  # type: ignore[attr-defined]  # noqa: SLF001 -- our own mark on our function


def _once(run: _Run) -> _Run:
    @wraps(run)
    def answered(request: HttpRequest, **where: object) -> HttpResponse:
        ours = cast("CityRequest", request)
        try:
            asked = _asked(ours)
            return run(request, **where) if asked is None else _answer_once(ours, asked, lambda: run(request, **where))
        except CityError as error:
            return error_pages.for_error(request, error)

    return answered


def _asked(request: CityRequest) -> Asked | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise KeyMalformed
    account = request.actor.account
    if account is None:  # a visitor's key would be anybody's
        return None
    route = f"{request.method} {request.resolver_match.route if request.resolver_match else request.path}"
    for_whom = str(request.actor.subject)  # who acts for another never gets an answer that was their own
    told = "\n".join((request.get_full_path(), request.META.get("CONTENT_TYPE", ""), for_whom)).encode()
    return Asked(account, route, key, sha256(told + b"\n" + request.body).digest())


def _answer_once(request: CityRequest, asked: Asked, run: Callable[[], HttpResponse]) -> HttpResponse:
    answers: list[HttpResponse] = []

    def act() -> Kept | None:
        answers.append(run())
        return _worth_keeping(answers[0])

    replayed = facade.once(asked, request.now, act)
    return _replay(replayed) if replayed else answers[0]


def _worth_keeping(answer: HttpResponse) -> Kept | None:
    changed = 200 <= answer.status_code < 300  # noqa: PLR2004 -- HTTP's classes
    return Kept(answer.status_code, answer.headers["Content-Type"], answer.content) if changed else None


def _replay(kept: Kept) -> HttpResponse:
    return HttpResponse(kept.body, status=kept.status, content_type=kept.media_type, headers={REPLAYED: "true"})
