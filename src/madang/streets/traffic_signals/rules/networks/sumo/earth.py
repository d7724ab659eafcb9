"""From a SUMO file's metres to degrees, where the file says how it was projected."""

import re
from math import asinh, atan, atanh, cos, cosh, degrees, sin, sinh, sqrt

from madang.streets.traffic_signals.rules.networks.sumo.file import SumoFile

_FLATTENING = 1 / 298.257223563  # WGS 84
_SCALE, _EAST, _SOUTH = 0.9996, 500_000.0, 10_000_000.0  # UTM's definition
_N = _FLATTENING / (2 - _FLATTENING)
_RADIUS = 6_378_137.0 / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_BETA = (_N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96, _N**2 / 48 + _N**3 / 15, 17 * _N**3 / 480)
_ITERATIONS = 4


def degrees_of(file: SumoFile, x: float, y: float) -> tuple[float, float]:
    """Degrees east and north for a UTM projection (Krüger 1912, third order: within 1 cm), else ``x`` and ``y``."""
    zone = re.search(r"\+proj=utm\b.*\+zone=(\d+)", file.projection)
    if zone is None:
        return x, y
    north = y - file.moved[1] - (_SOUTH if "+south" in file.projection else 0.0)
    east = x - file.moved[0] - _EAST
    longitude, latitude = _geodetic(north / (_SCALE * _RADIUS), east / (_SCALE * _RADIUS))
    return round(int(zone[1]) * 6 - 183 + degrees(longitude), 7), round(degrees(latitude), 7)


def _geodetic(xi: float, eta: float) -> tuple[float, float]:
    terms = [(2 * (j + 1), beta) for j, beta in enumerate(_BETA)]
    xi_0 = xi - sum(beta * sin(j * xi) * cosh(j * eta) for j, beta in terms)
    eta_0 = eta - sum(beta * cos(j * xi) * sinh(j * eta) for j, beta in terms)
    conformal = sin(xi_0) / sqrt(sinh(eta_0) ** 2 + cos(xi_0) ** 2)
    return atan(sinh(eta_0) / cos(xi_0)), atan(_undone(conformal))


def _undone(conformal: float) -> float:
    """The latitude's tangent from its conformal latitude's tangent, by fixed-point steps."""
    e = sqrt(_FLATTENING * (2 - _FLATTENING))
    tangent = conformal
    for _ in range(_ITERATIONS):
        sine = tangent / sqrt(1 + tangent**2)
        tangent = sinh(asinh(conformal) + e * atanh(e * sine))
    return tangent

