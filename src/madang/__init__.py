"""Madang: one house for a city's digital public services."""
