"""Campaigns that recur, as somebody begins them: whom they are for, and what they say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("presets.toml")


@dataclass(frozen=True, slots=True)
class Preset:
    """One of `presets.toml`. `audience` is a `models.push.audience.Segment`, `message` a
    `models.push.messages.Message`, both as JSON."""

    label: str
    hint: str
    purpose: str
    audience: Mapping[str, Any]
    message: Mapping[str, Any]


def read_presets() -> dict[str, Preset]:
    """By name, in the file's order."""
    found = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: Preset(**written) for name, written in found.items()}
