"""Document review as a Django application."""

from django.apps import AppConfig


class DocumentReviewConfig(AppConfig):
    """Reviews and the desk."""

    name = "madang.services.document_review"
    label = "document_review"
