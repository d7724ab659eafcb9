"""The gateway's pages: for developers of systems, and for the officers who give them what they may."""

from typing import Any

from django.urls import path

from madang.commons.gateway.web import developers, officers

urls: Any = [
    path("developers/", developers.developers),
    path("developers/register", developers.register),
    path("developers/<uuid:id_>", developers.partner),
    path("developers/<uuid:id_>/keys", developers.make_key),
    path("developers/<uuid:id_>/revoke", developers.revoke_key),
    path("developers/<uuid:id_>/change", developers.change),
    path("developers/<uuid:id_>/ask", developers.ask),
    path("developers/<uuid:id_>/try", developers.try_it),
    path("partners/", officers.partners),
    path("partners/<uuid:id_>", officers.partner),
    path("partners/<uuid:id_>/arrange", officers.arrange),
    path("partners/<uuid:id_>/decline", officers.decline),
    path("partners/<uuid:id_>/state", officers.set_state),
    path("partners/<uuid:id_>/keys", officers.end_key),
]
