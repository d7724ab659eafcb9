"""The process for people and partner systems: pages and HTTP API, WSGI on threads."""

import os

from django.core.wsgi import get_wsgi_application

from madang.entrypoints.memory import settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")

application = get_wsgi_application()
settle_memory()
