"""Bounds that pause a campaign: what counts as failed, from when on, and how much is too much."""

from __future__ import annotations

from collections import Counter

import pytest

from config.city_push import Push
from models.push.bounds import Figures, passed
from models.push.counts import SAID_NO, Key

PUSH = Push(failed_share=0.05, failed_least=100, left_share=0.02)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({("sent", "wechat:template", ""): 94, ("unknown", "wechat:chat", "unknown"): 6}, "failed"),
        ({("sent", "wechat:template", ""): 95, ("unknown", "wechat:chat", "unknown"): 5}, ""),
        ({("sent", "wechat:template", ""): 90, ("unknown", "wechat:chat", "unknown"): 9}, ""),
        ({("sent", "sms", ""): 94, ("left", "wechat:template", "bug 47003"): 6}, "failed"),
        ({("sent", "sms", ""): 94, ("left", "wechat:template", "permanent 43004"): 60}, ""),
        ({("sent", "sms", ""): 94, ("left", "sms", "no_phone"): 60}, ""),
        ({("sent", "sms", ""): 50, ("unknown", "wechat:chat", "lost"): 50}, ""),
        ({("visit", "visit", ""): 900, ("skipped", "", "stopped"): 900}, ""),
        ({("sent", "wechat:chat", ""): 100, SAID_NO: 3}, "left"),
        ({("sent", "wechat:chat", ""): 100, SAID_NO: 2}, ""),
        ({("sent", "visit", ""): 100, SAID_NO: 99}, ""),
    ],
)
def test_what_passes_a_bound(counts: dict[Key, int], expected: str) -> None:
    why = passed(Figures.of(Counter(counts)), PUSH)
    assert why.partition(" ")[0] == expected


def test_what_was_counted_before_it_went_on_counts_no_more() -> None:
    before = Counter({("sent", "sms", ""): 200, ("failed", "", "bug"): 40, SAID_NO: 20})
    figures = Figures.of(before)
    assert passed(figures, PUSH)
    later = Figures.of(before + Counter({("sent", "sms", ""): 100}))
    assert passed(later.since(figures.written()), PUSH) == ""
    # Those that failed were tried once more: the counters forgot them.
    again = Figures.of(Counter({("sent", "sms", ""): 240}))
    assert again.since(figures.written()) == Figures(0, 0, 40, 0)
