"""What residents would read otherwise, to the letter, and how much of it there is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.console.content_preview import MOST, Bubble, preview
from config.content import PARTS, present
from config.locales import LOCALES

DAY = date(2026, 11, 27)


def changed(name: str, change: Callable[[Any], object]) -> tuple[list[Bubble], int]:
    value = present(None, {}, PARTS[name])
    change(value)
    return preview(None, {}, {name: value}, DAY)


def of(reasons: Any, code: str) -> Any:
    return next(each for each in reasons if each["code"] == code)


def test_a_return_reads_as_the_phone_shows_it() -> None:
    def need(reasons: Any) -> None:
        of(reasons, "ID_MISMATCH")["need"]["zh_CN"] = "{field}要再看一遍"

    assert changed("reasons", need) == (
        [
            Bubble(
                "ID_MISMATCH",
                "zh_CN",
                "您的社保卡申请（受理号尾号0731）差一样东西：身份证照片要再看一遍。\n"
                "市人社局11月27日审核：身份证照片和填的内容对不上，填的内容要和身份证一致。"
                "其他都合格，不用重填。\n"
                "请在12月27日前补好，还有30天。",
            )
        ],
        0,
    )


def test_how_to_mend_it_is_a_message_of_its_own() -> None:
    def remedy(reasons: Any) -> None:
        of(reasons, "ID_MISMATCH")["remedy"]["en"] = "send {field} again"

    assert changed("reasons", remedy)[0] == [
        Bubble("ID_MISMATCH", "en", "Send the photos of the ID card again.")
    ]


def test_a_refusal_reads_as_the_phone_shows_it() -> None:
    def fact(reasons: Any) -> None:
        of(reasons, "ID_NOT_FOUND")["fact"]["zh_CN"] = "没有查到您"

    (bubble,), more = changed("reasons", fact)
    told, remedy, objection = bubble.text.splitlines()
    assert "没有查到您，查到本人才能制卡" in told
    assert "{" not in remedy and "（" in remedy  # the city's counter is named
    assert objection and more == 0


def test_what_only_staff_read_changes_nothing() -> None:
    def label(reasons: Any) -> None:
        of(reasons, "ID_NOT_FOUND")["label"] = "查无此人"

    def place(branches: Any) -> None:
        branches[0]["lat"] += 0.001

    assert changed("reasons", label) == changed("branches", place) == ([], 0)


def test_how_many_more_there_are_is_said() -> None:
    def hours(branches: Any) -> None:
        for branch in branches:
            branch["hours"] = branch["hours_en"] = "8-20"

    bubbles, more = changed("branches", hours)
    assert len(bubbles) == MOST
    branches = len(present(None, {}, PARTS["branches"]))
    assert more == branches * len(LOCALES) - MOST
