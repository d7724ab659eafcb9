"""Points on the earth."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_RADIUS_M = 6_371_008.8  # mean radius R1, GRS 80 (Moritz 2000)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in WGS 84 degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Refuse degrees that are not on the earth."""
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):  # noqa: PLR2004 -- the poles and the antimeridian
            message = f"latitude {self.latitude}, longitude {self.longitude} is not on the earth"
            raise ValueError(message)

    def metres_to(self, other: "Point") -> float:
        """Great-circle distance in metres (haversine), within 0.5% of the ellipsoid's."""
        rise = radians(other.latitude - self.latitude)
        run = radians(other.longitude - self.longitude)
        chord = sin(rise / 2) ** 2 + cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(run / 2) ** 2
        return 2 * _EARTH_RADIUS_M * asin(sqrt(chord))
