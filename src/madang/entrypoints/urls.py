"""What is mounted where, from the rooms' manifests."""

from django.urls import URLPattern, URLResolver, path

from madang.commons.gateway import http_api
from madang.entrypoints.health import health
from madang.entrypoints.rooms import rooms

_rooms = rooms()

api = http_api.build(room.routes["api"] for room in _rooms if "api" in room.routes)

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health),
    path("api/", api.urls),
    *(pattern for room in _rooms for pattern in room.routes.get("web", ())),
]

handler400 = "madang.commons.gateway.error_pages.unreadable"
handler403 = "madang.commons.gateway.error_pages.not_permitted"
handler404 = "madang.commons.gateway.error_pages.not_found"
handler500 = "madang.commons.gateway.error_pages.failed"
