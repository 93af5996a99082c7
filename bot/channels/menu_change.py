"""What publishing a menu would change, and what became of it: the same for every platform."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MenuChange:
    """What is shown now (None: unknown or nothing), what the city wants, and what became of it:
    `fault` is "" where the platform took it, `remedy` says what to do where it did not."""

    wanted: Json
    shown: Json | None = None
    published: bool = False
    fault: str = ""
    remedy: str = ""

    @property
    def same(self) -> bool:
        """Whether there is nothing to publish."""
        return not self.fault and self.shown == self.wanted

    def difference(self) -> list[str]:
        """The lines that go (-) and come (+)."""
        before, after = (_lines(menu) for menu in (self.shown, self.wanted))
        return list(difflib.unified_diff(before, after, "shown", "wanted", lineterm=""))


def _lines(menu: Json | None) -> list[str]:
    if menu is None:
        return []
    return json.dumps(menu, ensure_ascii=False, indent=2, sort_keys=True).splitlines()
