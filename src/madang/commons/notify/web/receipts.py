"""Where providers report what became of messages: machines only, each report signed."""

import json
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
    if not facade.is_report_genuine(request.headers.get("X-Report-Signature", ""), request.body):
        return JsonResponse({"code": "signature"}, status=401)
    try:
        reports: Any = json.loads(request.body)["reports"]
    except (ValueError, KeyError, TypeError):
        reports = None
    if not isinstance(reports, list) or not all(isinstance(one, dict) for one in reports):
        return JsonResponse({"code": "malformed"}, status=400)
    return JsonResponse({"news": facade.receive_reports(reports, request.now)})
