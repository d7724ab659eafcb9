"""The API's page for developers: every operation, and a place to try them when JavaScript is on."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from madang.commons.gateway.pages import CityRequest, render


class Developers(DocsBase):
    """The page at ``/api/docs``."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **where: Any) -> HttpResponse:
        """List what the document lists, in the house's look."""
        document_url = self.get_openapi_url(api, where)
        return render(cast("CityRequest", request), "gateway/api_docs.html", {
            "document_url": document_url,
            "operations": _operations(api.get_openapi_schema()),
            "told": {
                "settings": {"url": document_url, "layout": "BaseLayout", "deepLinking": True},
                "token": get_token(request),
            },
        })


def _operations(document: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"method": method.upper(), "path": path, "does": operation.get("description") or operation["summary"]}
        for path, methods in sorted(document["paths"].items())
        for method, operation in methods.items()
    ]
