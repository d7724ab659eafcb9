"""Notify's pages, and where providers report."""

from django.urls import URLPattern, path

from madang.commons.notify.web import receipts

urls: list[URLPattern] = [
    path("messages/receipts/aggregator", receipts.aggregator),
]
"""Paths from the city's root."""
