"""The request as the edge hands it in. Notify lies below the gateway, so it says itself what it needs of one."""

from datetime import datetime

from django.http import HttpRequest

from madang.kernel.actors import Actor
from madang.kernel.languages import Language


class Asked(HttpRequest):
    """Who asks, when (aware, in Seoul), in which language."""

    actor: Actor
    now: datetime
    language: Language
