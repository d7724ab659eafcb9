"""The process for people and partner systems: pages and HTTP API, WSGI on threads."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from madang.commons.db.processes import die_with_parent
from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.memory import settle_memory

# granian's workers outlive a killed granian and go on serving beside their successors
die_with_parent(signal.SIGKILL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")

application = get_wsgi_application()
keep_values_out()
settle_memory()
