"""A place sent where nothing is open."""

from __future__ import annotations

from bot.dialogue.messages import Place, Reply
from tests.handlers.chat import Chat


def test_the_nearest_branches_are_told_with_distance_hours_and_phone(chat: Chat) -> None:
    told = chat.place()
    nearest = chat.city.nearest(32.05, 123.12, 5)
    lines = told.splitlines()
    assert len(lines) == 1 + 5 + 1, "a title, five branches, the footer"
    for line, (branch, _) in zip(lines[1:], nearest, strict=False):
        assert line.startswith(branch.name)
        assert branch.hours in line
        assert branch.phone in line
        assert "米" in line or "公里" in line


def test_they_are_told_in_english_too(chat: Chat) -> None:
    chat.says("English")
    told = chat.place()
    branch = chat.city.nearest(32.05, 123.12, 1)[0][0]
    assert branch.name_en in told
    assert branch.hours_en in told
    assert " km" in told or " m," in told


def test_a_number_afterwards_means_what_the_menu_says(chat: Chat) -> None:
    chat.place()
    assert isinstance(chat.last, Reply)
    assert chat.last.options == (), "nothing here may be taken for a choice"
    assert "第1步" in chat.says("1")


def test_a_place_elsewhere_is_told_to_be_elsewhere(chat: Chat) -> None:
    assert "不在云州市" in chat.place(Place(39.9, 116.4, "北京"))


def test_a_question_that_wants_no_place_says_so_as_before(chat: Chat) -> None:
    chat.says("办卡")
    told = chat.place()
    assert told.startswith("收到位置，这一步不用发位置。")
