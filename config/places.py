"""Distances on the ground, measured and told."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

_EARTH_METRES = 6_371_000
_KILOMETRE = 1000


def metres_between(lat: float, lng: float, other_lat: float, other_lng: float) -> int:
    """The great-circle distance of two points in degrees of one system, in metres."""
    north = radians(other_lat - lat) / 2
    east = radians(other_lng - lng) / 2
    chord = sin(north) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east) ** 2
    return round(2 * _EARTH_METRES * asin(min(1.0, sqrt(chord))))


def distance_words(metres: int, locale: str) -> str:
    """A distance as a person would say it: 600米, 1.1公里; in English 600 m, 1.1 km.

    To the next 50 metres below a kilometre, then to 100 metres, from 10 km on to the kilometre.
    """
    english = locale.startswith("en")
    near = max(50, round(metres / 50) * 50)
    if near < _KILOMETRE:
        return f"{near} m" if english else f"{near}米"
    kilometres = metres / _KILOMETRE
    number = f"{kilometres:.1f}" if kilometres < 9.95 else f"{kilometres:.0f}"
    return f"{number} km" if english else f"{number}公里"
