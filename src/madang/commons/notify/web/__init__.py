"""Notify's pages, where providers report, and the API for departments' services."""

from django.urls import URLPattern, path

from madang.commons.notify.web import (
    broadcasts,
    calls,
    compatible,
    files,
    preferences,
    receipts,
    templates,
    unsubscribe,
)

_V2: list[URLPattern] = [
    path("v2/notifications", compatible.many),
    path("v2/notifications/sms", compatible.send, {"kind": "sms"}),
    path("v2/notifications/email", compatible.send, {"kind": "email"}),
    path("v2/notifications/letter", compatible.send, {"kind": "letter"}),
    path("v2/notifications/<uuid:notice>", compatible.one),
    path("v2/notifications/<uuid:notice>/pdf", compatible.pdf),
    path("v2/templates", compatible.templates),
    path("v2/template/<uuid:template>", compatible.template),
    path("v2/template/<uuid:template>/version/<int:version>", compatible.template),
    path("v2/template/<uuid:template>/preview", compatible.preview),
    path("v2/received-text-messages", compatible.received),
    path("service/<uuid:owner>/template/<uuid:template>/versions", compatible.versions),
]

urls: list[URLPattern] = [
    path("my/ways/", preferences.ways),
    path("messages/for/<uuid:resident>/", preferences.ways),
    path("messages/worker.js", preferences.service_worker),
    path("messages/unsubscribe/<str:token>/", unsubscribe.unsubscribe),
    path("messages/files/<uuid:file>/<str:secret>/", files.fetch),
    path("messages/broadcasts/", broadcasts.listed),
    path("messages/broadcasts/<uuid:broadcast>/", broadcasts.one),
    path("messages/templates/", templates.listed),
    path("messages/templates/<str:name>/", templates.one),
    path("messages/templates/<str:name>/<str:language>.pdf", templates.letter),
    path("messages/calls/", calls.queue),
    path("messages/calls/<uuid:call>/", calls.settle),
    path("messages/receipts/aggregator", receipts.aggregator),
    path("messages/receipts/inbound", receipts.inbound),
    *_V2,
]
"""Paths from the city's root."""
