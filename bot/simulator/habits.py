"""What the platform's manual leaves open, or does otherwise than it says; scripts choose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Habits:
    """How the platform deals with one account."""

    desk_keeps: bool = False
    """The desk keeps to itself what people write to it. The manual says so; where it does not
    hold, the service must be silent by itself, so it is off at first."""

    repeats_alike: bool = False
    """The second and third delivery are the first one again, bit by bit; else each has a
    timestamp and a nonce of its own."""
