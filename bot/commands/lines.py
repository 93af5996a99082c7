"""What a person types into `shebaoka chat`: a text, or one of three commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.dialogue.messages import Kind


class LineFault(Exception):
    """A command that cannot be carried out; the message is for who typed it."""


@dataclass(frozen=True)
class Line:
    """One message to be sent. `photo` is a file that is there; degrees are GCJ-02."""

    kind: Kind
    text: str = ""
    photo: Path | None = None
    lat: float = 0.0
    lng: float = 0.0
    label: str = ""


def read_line(text: str) -> Line:
    """The message that a typed line means. Raises `LineFault`."""
    command, _, rest = text.partition(" ")
    rest = rest.strip()
    match command:
        case "/photo":
            return Line(Kind.IMAGE, photo=_picture(rest))
        case "/place":
            return _place(rest)
        case "/voice":
            return Line(Kind.VOICE, rest)
        case _:
            return Line(Kind.TEXT, text)


def _picture(name: str) -> Path:
    """A file of this machine, or one of the drawn pictures by its name."""
    from bot.simulator.settings import HERE

    for path in (HERE / "pictures" / f"{name}.jpg", Path(name).expanduser()):
        if path.is_file():
            return path
    raise LineFault(f"no such file: {name or 'name one after /photo'}")


def _place(label: str) -> Line:
    """The place of that name which the simulator's phone offers too, else the first one's."""
    from bot.simulator.settings import PLACES

    known = {place[0]: place for place in PLACES}
    first, lat, lng = known.get(label, PLACES[0])
    return Line(Kind.LOCATION, lat=lat, lng=lng, label=label or first)
