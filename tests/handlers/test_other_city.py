"""What the conversations do, as well as what they say, follows the city's profile."""

from __future__ import annotations

from dataclasses import replace

from config.locales import Texts
from models.database import Database
from tests.handlers.chat import Chat, city


def test_the_age_from_which_one_applies_alone_is_the_citys(sqlite_database: Database) -> None:
    older = replace(city(), ages=replace(city().ages, guardian_below=40))
    chat = Chat(sqlite_database, city=older, texts=Texts.load(older))
    said = chat.says("办卡", "同意", "手输", "陈国强 119999199003070019")  # 36 years old
    assert said.startswith("未满40岁的，要由监护人带着到柜台办")
