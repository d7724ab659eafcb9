"""What programs send: JSON that is what it says it is, or an error that says what is wrong with it."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from ninja.parser import Parser

from madang.commons.gateway.contracts import BodyTooLarge, MediaTypeUnknown
from madang.kernel.errors import CityError

DEEPEST: Final = 32
"""How many lists and objects may lie in each other; no schema of the city's needs ten."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_OUR_CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})


@dataclass(eq=False)
class BodyUnreadable(CityError):
    """The body is not JSON in UTF-8; ``where`` says how far it could be read."""

    where: str = ""

    code = "gateway.body_unreadable"
    message = "The body is not JSON in UTF-8 that we can read. {where}"


@dataclass(eq=False)
class BodyTooDeep(CityError):
    """The body's lists and objects lie in each other too deeply."""

    deepest: int = DEEPEST

    code = "gateway.body_too_deep"
    message = "The body is nested more than {deepest} levels deep."


@dataclass(eq=False)
class TextUnstorable(CityError):
    """A text holds a NUL character or half a surrogate pair, which no text of a person has."""

    code = "gateway.text_unstorable"
    message = "A text in the body holds a character that does not exist (NUL or half a surrogate pair)."


class CarefulParser(Parser):
    """Reads JSON bodies and refuses what a facade should never have to look at."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body as built-in types. Raises one of this module's errors."""
        _require_json(request)
        found = _decoded(_text(request))
        _require_storable(found)
        return cast("dict[str, Any]", found)


def _require_json(request: HttpRequest) -> None:
    if request.content_type != "application/json":
        raise MediaTypeUnknown(media_type=(request.content_type or "-")[:100])
    if (request.content_params or {}).get("charset", "").lower() not in _OUR_CHARSETS:
        raise BodyUnreadable(where="charset")


def _text(request: HttpRequest) -> str:
    try:
        return request.body.decode("utf-8")
    except RequestDataTooBig:
        raise BodyTooLarge from None
    except (UnicodeDecodeError, UnreadablePostError):
        raise BodyUnreadable from None


def _decoded(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise BodyTooDeep from None
    except json.JSONDecodeError as wrong:
        raise BodyUnreadable(where=f"({wrong.lineno}:{wrong.colno})") from None
    except ValueError:
        raise BodyUnreadable from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _require_storable(found: object) -> None:
    level: list[object] = [found]
    for _ in range(DEEPEST + 1):
        texts = [value for value in level if isinstance(value, str)]
        if any(map(_UNSTORABLE.search, texts)):
            raise TextUnstorable
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise BodyTooDeep


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []
