"""Pages for traffic engineers: the network, its places, the runs, and what was decided."""

from django.urls import URLPattern, path

from madang.streets.traffic_signals.web import decisions, network, priority, runs

urls: list[URLPattern] = [
    path("streets/signals/", network.network, name="traffic_signals"),
    path("streets/signals/areas/<str:area>/", network.area),
    path("streets/signals/intersections/<path:name>/", network.intersection),
    path("streets/signals/corridors/<path:name>/", network.corridor),
    path("streets/signals/priority/", priority.priorities),
    path("streets/signals/detectors/", network.detectors),
    path("streets/signals/runs/<uuid:run>/", runs.run),
    path("streets/signals/street/", runs.street),
    path("streets/signals/street/<uuid:publication>/", runs.before_after),
    path("streets/signals/roll-out/", decisions.roll_out),
]
