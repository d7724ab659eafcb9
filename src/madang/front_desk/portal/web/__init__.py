"""The portal's pages."""

from django.urls import path

from madang.front_desk.portal.web import apply, find, my, owners, papers, slots

urls = [
    path("", find.home),
    path("search", find.search),
    path("categories/<slug:name>", find.category),
    path("life/<slug:name>", find.life_event),
    path("services/<slug:service_id>", find.service),
    path("without-a-device", find.without_a_device),
    path("accessibility", find.accessibility),
    path("apply/<slug:service_id>/", apply.begin),
    path("apply/<str:number>/review", apply.review),
    path("apply/<str:number>/<slug:name>", apply.step),
    path("apply/<str:number>/<slug:name>/shown", apply.shown),
    path("my/", my.cases),
    path("my/cases/<str:number>", my.case),
    path("my/cases/<str:number>/now", my.case_now),
    path("my/cases/<str:number>/withdraw", my.withdraw),
    path("my/documents", papers.documents),
    path("my/bills", papers.bills),
    path("my/bookings", slots.mine),
    path("my/bookings/calendar", slots.calendar),
    path("my/bookings/<uuid:booking>/cancel", slots.cancel),
    path("my/bookings/<uuid:booking>/accept", slots.accept),
    path("my/bookings/<uuid:booking>/objection", slots.object_to),
    path("my/inbox", my.inbox),
    path("my/inbox/<uuid:message>", my.read),
    path("my/accesses", my.accesses),
    path("owners/", owners.services),
    path("owners/services.csv", owners.table),
    path("owners/<slug:service_id>", owners.service),
]
"""Paths from the city's root."""
