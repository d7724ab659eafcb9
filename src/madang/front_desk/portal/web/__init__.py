"""The portal's pages."""

from django.urls import path

from madang.front_desk.portal.web import find

urls = [
    path("", find.home),
    path("search", find.search),
    path("categories/<slug:name>", find.category),
    path("services/<slug:service_id>", find.service),
    path("accessibility", find.accessibility),
]
"""Paths from the city's root."""
