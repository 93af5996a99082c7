"""What the measures need to know of a face, whoever found it."""

from __future__ import annotations

from typing import Protocol


class Subject(Protocol):
    """A face, in pixels of its photo: from cheek to cheek, and the middle between the eyes."""

    @property
    def width(self) -> float: ...
    @property
    def middle(self) -> tuple[float, float]: ...
