"""In which of the eight languages somebody is answered."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from madang.kernel.languages import Language

COOKIE: Final = "madang_language"
_BY_CODE: Final[Mapping[str, Language]] = {language.value: language for language in Language}


def named(code: str) -> Language | None:
    """The language of that code, or None."""
    return _BY_CODE.get(code)


def asked(request: HttpRequest) -> Language | None:
    """The language that this very request asks for with ``?lang=``."""
    return _BY_CODE.get(request.GET.get("lang", "")) if "lang=" in request.META.get("QUERY_STRING", "") else None


def chosen(request: HttpRequest) -> Language | None:
    """The language that this browser chose earlier."""
    return _BY_CODE.get(request.COOKIES.get(COOKIE, ""))


def accepted(header: str) -> Language | None:
    """The first language of an ``Accept-Language`` header that the city speaks; every Chinese is ours."""
    codes = (code.partition("-")[0] for code, _ in parse_accept_lang_header(header.lower()[:500]))
    return next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)


def speak(language: Language) -> None:
    """Translate into ``language`` on this thread from now on."""
    translation.activate("zh-hans" if language is Language.ZH else language.value)
