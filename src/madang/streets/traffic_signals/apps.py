"""Traffic signals as a Django application."""

from django.apps import AppConfig


class TrafficSignalsConfig(AppConfig):
    """Counts, runs, and what is on the street."""

    name = "madang.streets.traffic_signals"
    label = "traffic_signals"
