"""Short typed answers: numbers in words, synonyms, typos, the words that hold everywhere."""

from __future__ import annotations

import pytest

from bot.dialogue.words import Item, Words, as_number, edit_target, fold, pick

PETS = [
    Item("dog", "小狗", ("汪星人", "dog")),
    Item("cat", "小猫", ("喵星人", "cat")),
    Item("parrot", "虎皮鹦鹉", ("parrot",)),
]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2), ("２。", 2), (" 2 ", 2), ("二", 2), ("第二个", 2), ("选2", 2), ("我选第2项吧", 2),
        ("the second one", 2), ("option 3", 3), ("②", 2), ("贰", 2), ("两", 2), ("No. 1", 1),
        ("12", None), ("2038", None), ("二楼", None), ("", None), ("好", None),
    ],
)  # fmt: skip
def test_a_number_is_heard_however_it_is_written(text: str, number: int | None) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", "dog"), ("第三个", "parrot"), ("小猫", "cat"), ("喵星人", "cat"), ("CAT", "cat"),
        ("我养的是小狗", "dog"), ("鹦鹉", "parrot"), ("虎皮鹦鸡", "parrot"), ("parot", "parrot"),
        ("ｄｏｇ", "dog"),
    ],
)  # fmt: skip
def test_an_option_is_found_by_number_name_synonym_part_and_typo(text: str, value: str) -> None:
    assert [item.value for item in pick(text, PETS)] == [value]


@pytest.mark.parametrize("text", ["4", "0", "乌龟", "", "。", "do", "小"])
def test_nothing_is_found_where_nothing_was_named(text: str) -> None:
    assert pick(text, PETS) == []


def test_what_fits_two_options_gives_both() -> None:
    banks = [Item("a", "农业银行"), Item("b", "农商银行"), Item("c", "建设银行")]
    assert {item.value for item in pick("农业银行和农商银行", banks)} == {"a", "b"}
    assert len(pick("银行", banks)) == 3


def test_folding_is_for_comparing_only() -> None:
    assert fold("　“ＯＫ”！ ") == "ok"


def test_a_global_word_counts_only_as_the_whole_message() -> None:
    words = Words({"keep": ["保留", "keep"], "back": ["0", "上一步"], "nothing": ["。"]})
    assert words.command("保留。") == "keep"
    assert words.command("０") == "back"
    assert words.command("KEEP") == "keep"
    assert words.command("保留意见") is None
    assert words.command("。") is None


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("修改 3", "3"), ("修改3", "3"), ("改手机", "手机"), ("我想改一下地址", "地址"),
        ("edit phone", "phone"), ("change the bank", "bank"), ("换 手机", "手机"),
        ("修改", None), ("地址", None), ("你好", None),
    ],
)  # fmt: skip
def test_what_is_to_be_edited_is_named_in_many_ways(text: str, target: str | None) -> None:
    assert edit_target(text) == target
