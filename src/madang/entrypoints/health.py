"""Whether this web process can serve: asked by the supervisor, by Envoy and by whoever balances load."""

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse


def health(_: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("well\n", content_type="text/plain")
