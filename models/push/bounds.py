"""Bounds that pause a campaign by itself: too many calls failed, too many people said no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from config.city_push import Push
from models.push.counts import SAID_NO, Key

OURS = ("account", "bug", "transient")
"""Reasons for which a road was left that are the platform's or ours, not the person's."""

THEIRS = ("window", "permanent")
"""Those that are the person's: the call ended as it may."""

LOST = "lost"
"""Why nobody knows the end of a call whose worker died: nothing that a platform did."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a campaign: calls that failed, calls that ended at all, people who were reached, people
    who said no to further ones. Who may not be told, or is told at a visit, is in none."""

    failed: int = 0
    ended: int = 0
    reached: int = 0
    left: int = 0

    @classmethod
    def of(cls, counts: Counter[Key]) -> Figures:
        """From its counters."""
        failed = ended = reached = 0
        for (what, road, reason), n in counts.items():
            if what == "sent" and road != "visit":
                reached += n
                ended += n
            elif what == "failed" or (what == "unknown" and reason != LOST):
                failed += n
                ended += n
            elif what == "left" and (why := reason.partition(" ")[0]) in (*OURS, *THEIRS):
                failed += n * (why in OURS)
                ended += n
        return cls(failed, ended, reached, counts[SAID_NO])

    def since(self, before: Mapping[str, int] | None) -> Figures:
        """What has come since `written`; what was tried once more lessens nothing."""
        earlier = before or {}
        return Figures(**{k: max(0, n - earlier.get(k, 0)) for k, n in asdict(self).items()})

    def written(self) -> dict[str, int]:
        """As `Campaign.bound_from` holds it."""
        return asdict(self)


def passed(found: Figures, push: Push) -> str:
    """The bound that is passed and by how much, as a campaign's reason; "" for none."""
    least = push.failed_least
    if found.ended >= least and found.failed > push.failed_share * found.ended:
        return f"failed {found.failed} of {found.ended}"
    if found.reached >= least and found.left > push.left_share * found.reached:
        return f"left {found.left} of {found.reached}"
    return ""
