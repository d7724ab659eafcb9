"""Madang: one house for a city's digital public services."""

__version__ = "0.1.0"
