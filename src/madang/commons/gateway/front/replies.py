"""What the front says by itself, when nothing behind it could answer: a page for people, a problem for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from madang.commons.gateway.front.headers import STYLE

API: Final = "/api/"


@dataclass(frozen=True, slots=True)
class Said:
    """What a status means, in Korean and in English: the front does not know its reader's language."""

    code: str
    ko: str
    en: str
    wait: int = 0
    """Seconds after which asking again makes sense; 0 when it does not."""


_OUR_FAULT: Final = (
    "저희 쪽에서 문제가 생겼습니다. 잠시 후 다시 시도해 주세요.",
    "Something went wrong on our side. Please try again shortly.",
)

_SAID: Final[Mapping[int, Said]] = {
    400: Said(
        "front.unreadable",
        "요청을 읽을 수 없습니다. 주소를 다시 확인해 주세요.",
        "The request cannot be read. Please check the address.",
    ),
    404: Said("front.nothing_here", "이 주소에는 아무것도 없습니다.", "There is nothing at this address."),
    408: Said(
        "front.too_slow",
        "요청이 너무 오래 걸려 연결을 닫았습니다. 다시 보내 주세요.",
        "The request took too long to arrive. Please send it again.",
    ),
    413: Said(
        "front.too_large",
        "보내신 내용이 이 주소에서 받을 수 있는 크기를 넘었습니다. 크기를 줄여서 다시 보내 주세요.",
        "What you sent is larger than this address takes. Please send something smaller.",
    ),
    421: Said(
        "front.other_host",
        "이 서버는 그 주소를 담당하지 않습니다.",
        "This server does not answer for that address.",
    ),
    429: Said(
        "front.too_many",
        "지금 요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
        "There are too many requests at the moment. Please try again shortly.",
        wait=1,
    ),
    431: Said(
        "front.headers_too_large",
        "요청 머리글이 너무 큽니다. 이 사이트의 쿠키를 지우고 다시 시도해 주세요.",
        "The request's headers are too large. Please clear this site's cookies and try again.",
    ),
    500: Said("front.failed", *_OUR_FAULT, wait=5),
    502: Said("front.broken_answer", *_OUR_FAULT, wait=5),
    503: Said(
        "front.away",
        "지금은 서비스가 잠시 멈춰 있습니다. 이미 보내신 신청은 안전하게 보관되어 있습니다. 잠시 후 다시 열어 주세요.",
        "The service is away for a moment. What you have sent already is kept safe. Please try again shortly.",
        wait=5,
    ),
    504: Said(
        "front.no_answer",
        "답이 너무 오래 걸립니다. 이미 처리되었을 수 있으니, 다시 보내기 전에 ‘내 신청’을 확인해 주세요.",
        "The answer takes too long. It may have gone through: please look at “My requests” before sending it again.",
        wait=5,
    ),
}


def configuration(contact: str) -> dict[str, Any]:
    """Envoy's ``local_reply_config``. ``contact`` is the phone number of people who help."""
    mappers = [
        _as_the_policy_said(),
        *(_mapper(status, said, _problem(status, said), for_programs=True) for status, said in _SAID.items()),
        *(_mapper(status, said, _page(said, contact), for_programs=False) for status, said in _SAID.items()),
    ]
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


def _mapper(status: int, said: Said, body: dict[str, Any], *, for_programs: bool) -> dict[str, Any]:
    of_status = {"status_code_filter": {"comparison": {"value": {"default_value": status, "runtime_key": "none"}}}}
    of_path = {"header_filter": {"header": {"name": ":path", "string_match": {"prefix": API}}}}
    return {
        "filter": {"and_filter": {"filters": [of_status, of_path]}} if for_programs else of_status,
        "body_format_override": body,
        "headers_to_add": _given(said),
    }


def _given(said: Said) -> list[dict[str, Any]]:
    given = {"cache-control": "no-store", **({"retry-after": str(said.wait)} if said.wait else {})}
    return [
        {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for key, value in given.items()
    ]


def _problem(status: int, said: Said) -> dict[str, Any]:
    return {
        "json_format": {
            "type": f"urn:madang:problem:{said.code}",
            "title": said.en.partition(". ")[0].rstrip("."),
            "status": status,
            "detail": f"{said.ko} / {said.en}",
            "instance": "urn:uuid:%REQ(X-REQUEST-ID)%",
            "code": said.code,
            "errors": [],
        },
        "content_type": "application/problem+json",
    }


def _page(said: Said, contact: str) -> dict[str, Any]:
    page = (
        '<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>서울 · Seoul</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<style>{STYLE}</style></head><body><main><h1>{said.ko}</h1>"
        f'<p lang="en">{said.en}</p>'
        f'<p>도움이 필요하시면 <strong>{contact}</strong>(24시간)로 전화해 주세요. '
        f'<span lang="en">If you need help, call <strong>{contact}</strong>, day or night.</span></p>'
        '<p><a href="/">처음으로 <span lang="en">· First page</span></a></p>'
        "<p><small>%REQ(X-REQUEST-ID)%</small></p></main></body></html>\n"
    )
    return {
        "text_format_source": {"inline_string": page},
        "content_type": "text/html; charset=UTF-8",
    }
