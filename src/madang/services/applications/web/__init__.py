"""Pages about what follows once a request was sent: for its resident, and for the officers who work on it."""

from django.urls import URLPattern, path

from madang.services.applications.web import officers, residents, signing

urls: list[URLPattern] = [
    path("my/cases/<str:number>/answer", residents.answer, name="applications_answer"),
    path("my/cases/<str:number>/appeal", residents.appeal, name="applications_appeal"),
    path("my/cases/<str:number>/signers", signing.signers, name="applications_signers"),
    path("sign/", signing.sign, name="applications_sign"),
    path("desk/all/appeals", officers.appeals, name="applications_appeals"),
    path("desk/all/late", officers.late, name="applications_late"),
    path("desk/all/counter", officers.counter, name="applications_counter"),
    path("desk/<str:number>/ask", officers.ask, name="applications_ask"),
    path("desk/<str:number>/later", officers.later, name="applications_later"),
    path("desk/<str:number>/appeal", officers.appeal, name="applications_decide_appeal"),
]
"""Paths from the city's root."""
