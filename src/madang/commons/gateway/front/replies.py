"""What the front says by itself, when nothing behind it could answer: a page for people, a problem for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from madang.commons.gateway.front.headers import STYLE
from madang.commons.gateway.policy.answers import said_in
from madang.kernel.languages import Language, to_translate

API: Final = "/api/"
COOKIE: Final = "madang_language"


@dataclass(frozen=True, slots=True)
class Said:
    """What a status means, in English: a key of translations."""

    code: str
    text: str
    wait: int = 0
    """Seconds after which asking again makes sense; 0 when it does not."""


_OUR_FAULT: Final = to_translate("Something went wrong on our side. Please try again shortly.")
_HELP: Final = to_translate("If you need help, call {phone}, day or night.")
_FIRST_PAGE: Final = to_translate("First page")

_SAID: Final[Mapping[int, Said]] = {
    400: Said("front.unreadable", to_translate("The request cannot be read. Please check the address.")),
    403: Said(
        "front.not_from_here", to_translate("These pages are open only from the city's own network."),
    ),
    404: Said("front.nothing_here", to_translate("There is nothing at this address.")),
    408: Said("front.too_slow", to_translate("The request took too long to arrive. Please send it again.")),
    410: Said(
        "front.ended",
        to_translate("This part of the API has ended. The developers' pages name what takes its place: /developers/"),
    ),
    413: Said(
        "front.too_large",
        to_translate("What you sent is larger than this address takes. Please send something smaller."),
    ),
    421: Said("front.other_host", to_translate("This server does not answer for that address.")),
    429: Said(
        "front.too_many", to_translate("There are too many requests at the moment. Please try again shortly."), wait=1,
    ),
    431: Said(
        "front.headers_too_large",
        to_translate("The request's headers are too large. Please clear this site's cookies and try again."),
    ),
    500: Said("front.failed", _OUR_FAULT, wait=5),
    502: Said("front.broken_answer", _OUR_FAULT, wait=5),
    503: Said(
        "front.away",
        to_translate(
            "The service is away for a moment. What you have sent already is kept safe. Please try again shortly."
        ),
        wait=5,
    ),
    504: Said(
        "front.no_answer",
        to_translate(
            "The answer takes too long. It may have gone through: "
            "please look at “My requests” before sending it again."
        ),
        wait=5,
    ),
}


def configuration(contact: str) -> dict[str, Any]:
    """Envoy's ``local_reply_config``. ``contact`` is the phone number of people who help.

    The language is the one chosen on this device, else the first of ``Accept-Language``; for any other request the
    answer is in Korean and English.
    """
    mappers = [_as_the_policy_said()]
    for status, said in _SAID.items():
        for language in (*Language, None):
            problem, page = _problem(status, said, language), _page(said, contact, language)
            mappers.append(_mapper(status, said, problem, [_for_programs(), *_in(language)]))
            mappers.append(_mapper(status, said, page, _in(language)))
    # everything else that the front says by itself, a redirect for one, stays as it is
    return {"mappers": mappers, "body_format": {"text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"}}}


def _as_the_policy_said() -> dict[str, Any]:
    """A refusal by the policy process is whole as it is; what has no words of its own (503) is said below."""
    refused = {"response_flag_filter": {"flags": ["UAEX"]}}
    below_500 = {"status_code_filter": {"comparison": {"op": "LE", "value": {
        "default_value": 499, "runtime_key": "none",
    }}}}
    body = {"text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"}, "content_type": "application/problem+json"}
    return {"filter": {"and_filter": {"filters": [refused, below_500]}}, "body_format_override": body}


def _mapper(status: int, said: Said, body: dict[str, Any], which: list[dict[str, Any]]) -> dict[str, Any]:
    of_status = {"status_code_filter": {"comparison": {"value": {"default_value": status, "runtime_key": "none"}}}}
    return {
        "filter": {"and_filter": {"filters": [of_status, *which]}} if which else of_status,
        "body_format_override": body,
        "headers_to_add": _given(said),
    }


def _for_programs() -> dict[str, Any]:
    return _header(":path", {"prefix": API})


def _in(language: Language | None) -> list[dict[str, Any]]:
    """Filters for requests that are answered in ``language``; None: nobody said which."""
    if language is None:
        return []
    chosen = _header("cookie", {"safe_regex": {"regex": f".*{COOKIE}={language.value}(;.*|$)"}})
    nothing_chosen = _header("cookie", {"contains": f"{COOKIE}="}, invert=True)
    accepts = _header("accept-language", {"safe_regex": {"regex": rf"(?i)\s*{language.value}([-,; ].*|$)"}})
    return [{"or_filter": {"filters": [chosen, {"and_filter": {"filters": [nothing_chosen, accepts]}}]}}]


def _header(name: str, match: dict[str, Any], *, invert: bool = False) -> dict[str, Any]:
    more = {"invert_match": True, "treat_missing_header_as_empty": True} if invert else {}
    return {"header_filter": {"header": {"name": name, "string_match": match, **more}}}


def _given(said: Said) -> list[dict[str, Any]]:
    given = {"cache-control": "no-store", **({"retry-after": str(said.wait)} if said.wait else {})}
    return [
        {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for key, value in given.items()
    ]


def _said(text: str, language: Language | None) -> str:
    return " / ".join(said_in(text, one) for one in ((language,) if language else (Language.KO, Language.EN)))


def _problem(status: int, said: Said, language: Language | None) -> dict[str, Any]:
    told = _said(said.text, language)
    return {
        "json_format": {
            "type": f"urn:madang:problem:{said.code}",
            "title": said_in(said.text, language or Language.EN).partition(". ")[0].rstrip(".。"),
            "status": status,
            "detail": told,
            "instance": "urn:uuid:%REQ(X-REQUEST-ID)%",
            "code": said.code,
            "errors": [],
        },
        "content_type": "application/problem+json",
    }


def _page(said: Said, contact: str, language: Language | None) -> dict[str, Any]:
    first, *others = (language,) if language else (Language.KO, Language.EN)
    parts = [_part(said, contact, first, "h1"), *(_part(said, contact, one, "p") for one in others)]
    page = (
        f'<!doctype html><html lang="{first.tag}"><head><meta charset="utf-8"><title>서울 · Seoul</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}"
        "<p><small>%REQ(X-REQUEST-ID)%</small></p></main></body></html>\n"
    )
    return {
        "text_format_source": {"inline_string": page},
        "content_type": "text/html; charset=UTF-8",
    }


def _part(said: Said, contact: str, language: Language, element: str) -> str:
    text, first_page = said_in(said.text, language), said_in(_FIRST_PAGE, language)
    call = said_in(_HELP, language).format(phone=f"<strong>{contact}</strong>")
    return (
        f'<div lang="{language.tag}"><{element}>{text}</{element}><p>{call}</p>'
        f'<p><a href="/">{first_page}</a></p></div>'
    )
