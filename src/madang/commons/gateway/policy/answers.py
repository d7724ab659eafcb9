"""A refusal as problem details (RFC 9457, 2023) in the caller's language, said without Django."""

import gettext
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

import msgspec

from madang.commons.gateway.contracts import QuotaSpent
from madang.kernel.errors import CityError, SignInNeeded, TooOften
from madang.kernel.languages import Language, to_translate

_LOCALE: Final = Path(__file__).parents[1] / "locale"
_TITLES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: to_translate("Please sign in"),
    HTTPStatus.FORBIDDEN: to_translate("This is not allowed"),
    HTTPStatus.TOO_MANY_REQUESTS: to_translate("Too many requests"),
}
_CHALLENGE: Final = 'Bearer realm="madang", ApiKey realm="madang", header="X-Api-Key"'


def status_of(error: CityError) -> HTTPStatus:
    """Which of the three refusals an error is."""
    if isinstance(error, SignInNeeded):
        return HTTPStatus.UNAUTHORIZED
    return HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, TooOften) else HTTPStatus.FORBIDDEN


def language_of(accepted: str) -> Language:
    """The first language of an ``Accept-Language`` header that the city speaks, else Korean."""
    for part in accepted.lower()[:200].split(","):
        code = part.partition(";")[0].strip().partition("-")[0]
        if code in _CODES:
            return Language(code)
    return Language.KO


def body(error: CityError, language: Language, trace: str) -> bytes:
    """The problem's JSON. Facts are the error's own fields."""
    say, status = _texts(language).gettext, status_of(error)
    return msgspec.json.encode({
        "type": f"urn:madang:problem:{error.code}", "title": say(_TITLES[status]), "status": status.value,
        "detail": say(error.message).format(**error.data), "instance": f"urn:uuid:{trace}", "code": error.code,
        "errors": [], "facts": error.data,
    })


def headers(error: CityError) -> dict[str, str]:
    """What a refusal needs beside its words: how to prove who one is, when to come again."""
    if isinstance(error, SignInNeeded):
        return {"www-authenticate": _CHALLENGE}
    if isinstance(error, QuotaSpent):
        return {"retry-after": str(error.seconds)}
    return {}


def said_in(text: str, language: Language) -> str:
    """An English text of the gateway's in a language."""
    return _texts(language).gettext(text)


@cache
def _texts(language: Language) -> gettext.NullTranslations:
    folder = "zh_Hans" if language is Language.ZH else language.value
    return gettext.translation("django", _LOCALE, [folder], fallback=True)


_CODES: Final = frozenset(language.value for language in Language)
