"""Where providers report what became of messages: machines only, each report signed."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from madang.commons.notify import facade
from madang.commons.notify.web.asked import Asked


@csrf_exempt
@require_POST
def aggregator(request: Asked) -> HttpResponse:
    """Reports of the aggregator: ``{"reports": [{"clientMessageId", "statusCode", "statusMessage"}]}``."""
    return _signed(request, "reports", lambda told: facade.receive_reports(told, request.now))


@csrf_exempt
@require_POST
def inbound(request: Asked) -> HttpResponse:
    """Texts that people sent: ``{"messages": [{"messageId", "from", "to", "text"}]}``."""
    return _signed(request, "messages", lambda told: facade.receive_texts(told, request.now))


def _signed(request: Asked, name: str, receive: Callable[[list[dict[str, Any]]], int]) -> HttpResponse:
    if not facade.is_report_genuine(request.headers.get("X-Report-Signature", ""), request.body):
        return JsonResponse({"code": "signature"}, status=401)
    try:
        told: Any = json.loads(request.body)[name]
    except (ValueError, KeyError, TypeError):
        told = None
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        return JsonResponse({"code": "malformed"}, status=400)
    return JsonResponse({"news": receive(told)})
