"""A message as the phone shows it, and how many SMS a text is."""

from __future__ import annotations

import pytest

from bot.console.push.preview import parts_of, preview
from config.city import load_city
from config.locales import Texts
from config.templates import load_templates
from models.push.messages import Message

MESSAGE = Message(
    chat={"zh_CN": "您的卡在{branch}。", "en": "Your card is at {branch}."},
    status={"zh_CN": "社保卡等您领取", "en": "Card is ready"},
    note={"zh_CN": "请带身份证", "en": "Bring your ID card"},
    wording="action",
    sms="action",
    link="/progress",
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("卡" * 70, 1), ("卡" * 71, 2), ("卡" * 134, 2), ("卡" * 135, 3),
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("a" * 70 + "卡", 2),
    ],
)  # fmt: skip
def test_an_sms_holds_seventy_characters_or_a_hundred_and_sixty(text: str, parts: int) -> None:
    assert parts_of(text) == parts


def test_each_road_has_its_words_in_each_language() -> None:
    city = load_city()
    shown = preview(MESSAGE, load_templates(city), Texts.load(city))
    assert [bubble.locale for bubble in shown.bubbles] == ["zh_CN", "en"]
    assert shown.bubbles[0].text.startswith("您的卡在") and "{" not in shown.bubbles[0].text
    assert shown.bubbles[1].link == "See it here"
    fields = {card.locale: dict(card.fields) for card in shown.cards}
    assert fields["en"]["待办事项"] == "Card is ready"
    assert fields["zh_CN"]["受理编号"] == f"{city.acceptance_prefix}2611230731"
    assert not any(card.approved for card in shown.cards)  # the shipped profile has no ids
    assert "尾号0731" in shown.texts[0].text
    assert shown.texts[0].length == len(shown.texts[0].text)


def test_what_a_brace_breaks_has_no_look() -> None:
    city = load_city()
    broken = Message(chat={"zh_CN": "{", "en": "x"})
    assert preview(broken, load_templates(city), Texts.load(city)).bubbles == ()
