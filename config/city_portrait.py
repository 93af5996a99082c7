"""The portrait on the card: what the finished picture must be, and what a photo must show for it.

The finished picture follows the technical demands on digital photos for making social security
cards, in the figures of a notice of Shandong; what a photo must show are our own bounds, measured
with `python -m benchmarks.portraits`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")
Level = Annotated[int, Field(ge=0, le=255)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Range = tuple[Count, Count]


@dataclass(frozen=True, config=_STRICT)
class Shown:
    """What a photo must show, measured on the picture as it would be printed.

    `face_pixels`: the width of the face in the photo as it was sent, at least. `roll`: degrees
    between the line of the eyes and level, at most. A pixel is white from `white` on, in each of
    red, green and blue, when these lie no more than `white_spread` apart; `white_share` of the
    strips beside the head must be. `brightest`: the level that one pixel in twenty must reach;
    `face_light`: the mean level of the face; `sides`: how far its halves may differ; `blown`: the
    share of the face that is white through and through, at most. `sharp`, `colour`, `blocks`,
    `screen` are scales of our own: see bot/offices/studio. `alike`: the mean level by which two
    pictures differ, made small, at most, to be one and the same.
    """

    face_pixels: Count = 150
    roll: Positive = 6.0
    white: Level = 225
    white_spread: Level = 25
    white_share: Share = 0.9
    brightest: Level = 150
    face_light: tuple[Level, Level] = (45, 238)
    sides: Level = 50
    blown: Share = 0.12
    sharp: Positive = 40.0
    colour: Positive = 8.0
    blocks: Positive = 2.6
    screen: Positive = 5.0
    alike: Positive = 2.0


@dataclass(frozen=True, config=_STRICT)
class CardPortrait:
    """The finished picture: pixels, dots per inch, and KB (1024 bytes) at least and at most.

    `quality` is the JPEG quality to begin with; it moves where the KB want it. `face` is the width
    of the face, `face_aim` what a crop tries for; `hair` lies between the hair and the upper edge,
    `eyes` between the left edge and the middle of the eyes, `eyes_above` between their line and
    the lower edge, at least. Where both cannot hold, high hair is cut.
    """

    width: Count = 358
    height: Count = 441
    dpi: Count = 350
    kilobytes: Range = (14, 40)
    quality: Annotated[int, Field(ge=30, le=95)] = 70
    face: Range = (179, 255)
    face_aim: Count = 200
    hair: Range = (7, 21)
    eyes: Range = (162, 196)
    eyes_above: Count = 207
    shown: Shown = Shown()

    def faults(self) -> list[str]:
        """What contradicts itself."""
        ranges = {"kilobytes": self.kilobytes, "face": self.face, "hair": self.hair}
        ranges |= {"eyes": self.eyes, "shown.face_light": self.shown.face_light}
        found = [f"portrait.{n}: ends before it begins" for n, r in ranges.items() if r[0] > r[1]]
        if not self.face[0] <= self.face_aim <= self.face[1]:
            found.append("portrait.face_aim: lies outside of portrait.face")
        if self.face[1] > self.width or self.eyes[1] > self.width:
            found.append("portrait.width: the face does not fit")
        if self.eyes_above >= self.height:
            found.append("portrait.eyes_above: the eyes lie above the picture")
        return found
