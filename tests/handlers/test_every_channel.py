"""The same conversation in every channel: what differs are the files under `channels/`, the masks,
and what `Manner` says; nothing else does."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.dialogue.form_checks import check_form
from bot.dialogue.messages import AccountKey
from bot.ports import Manner
from config.locales import LOCALES, Texts
from config.locales.longest import longest_values
from handlers.card.form import CARD
from models.database import Database
from models.masking import Item, masks_of
from tests.handlers.chat import BACK, CODE, FRONT, NAME, NUMBER, PHONE, Chat, city, texts

ROOT = Path(__file__).parents[2]
MANNERS = {
    "wechat": Manner(subscribes="wechat"),
    "alipay": Manner(texts="alipay", subscribes="alipay"),
    "web": Manner(texts="web"),
    "mini_wechat": Manner(texts="mini"),
    "mini_alipay": Manner(texts="mini"),
}
MASKED: Mapping[Item, str] = {"id_number": NUMBER, "phone": PHONE, "name": NAME}
NAMES = {*MANNERS, "mini", "wechat_mini", "terminal"}


class Listening(Texts):
    """Texts that note what is said in one turn: the keys in order, and every text as filled."""

    def listen(self) -> None:
        self.said: list[str] = []
        self.own: dict[str, str] = {}  # what a channel says otherwise somewhere, as said here

    def say_in(self, channel: str, locale: str, key: str, **values: object) -> str:
        said = super().say_in(channel, locale, key, **values)
        self.said.append(key)
        if any(self.own_key(other, locale, key) != key for other in self.channels()):
            self.own[key] = said
        return said


def alike(text: str, own: dict[str, str], channel: str) -> str:
    """An answer without what may differ: the channel's own texts by their keys, masked numbers."""
    for key, said in own.items():
        text = text.replace(said, f"<{key}>")
    masks = masks_of(channel)
    for item, value in MASKED.items():
        text = text.replace(masks[item](value), f"<{item}>")
    return text


def the_card(chat: Chat) -> Iterator[str]:
    """The golden dialogue of the card form, its slips and changes of mind included."""
    yield chat.says("你好")
    yield chat.says("我想办张社保卡")
    yield chat.says("同意")
    chat.photo()
    yield chat.hears("read_id_photo", side="front", fields=dict(FRONT), document="f" * 32)
    chat.photo()
    yield chat.hears("read_id_photo", side="back", fields=dict(BACK), document="b" * 32)
    chat.says("1")
    yield chat.checks()
    chat.hears("check_person", portrait="p" * 32)
    yield chat.says("1390000123")
    yield chat.says(PHONE)
    chat.says(CODE)
    yield chat.hears("check_phone", on_file=True)
    yield chat.place()
    yield from (chat.says(said) for said in ("办卡要钱吗", "家人", "1 华云建筑劳务公司", "1"))
    yield from (chat.says(said) for said in ("上一步", "2", "1", "改手机", "保留", "确认"))
    yield from (chat.says(said) for said in ("进度", "解绑", "语言", "窗口", "人工"))


def heard(database: Database, channel: str, locale: str) -> list[tuple[str, list[str]]]:
    """Each answer without what may differ, and the keys of what was said for it."""
    listening = Listening.load(city())
    assert isinstance(listening, Listening)
    chat = Chat(database, texts=listening)
    chat.account = AccountKey(channel, "app1", chat.account.user)
    chat.manner, chat.session.locale = MANNERS[channel], locale
    chat.session.notes["language"] = "heard"
    listening.listen()
    answers = []
    for text in the_card(chat):
        answers.append((alike(text, listening.own, channel), listening.said))
        listening.listen()
    return answers


def each_alone(upgraded: Path, folder: Path, locale: str) -> dict[str, list[tuple[str, list[str]]]]:
    """The dialogue in every channel, each with records of its own: it is one person's."""
    said = {}
    for name in MANNERS:
        copied = shutil.copyfile(upgraded, folder / f"{name}.db")
        database = Database(f"sqlite:///{copied}")
        said[name] = heard(database, name, locale)
        database.dispose()
    return said


@pytest.mark.parametrize("locale", LOCALES)
def test_the_card_form_is_the_same_in_every_channel(
    upgraded_sqlite: Path, tmp_path: Path, locale: str
) -> None:
    said = each_alone(upgraded_sqlite, tmp_path, locale)
    wechat = said.pop("wechat")
    assert sum("card.submitted.number" in keys for _, keys in wechat) == 1
    for channel, answers in said.items():
        for here, there in zip(answers, wechat, strict=True):
            assert here == there, channel


@pytest.mark.parametrize("channel", sorted(texts().channels()))
def test_what_a_channel_says_otherwise_fits_the_form(channel: str) -> None:
    check_form(CARD, texts().in_channel(channel), longest_values(city()))


def test_no_conversation_asks_which_channel_it_speaks_through() -> None:
    """But for the table that says when each platform asks for leave to send."""
    asking = {
        str(path.relative_to(ROOT))
        for folder in ("handlers", "bot/dialogue")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in NAMES
    }
    assert asking == {"handlers/subscribing.py"}
