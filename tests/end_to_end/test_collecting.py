"""Over the wire: the chat gives the 领卡码, the clerk types it, both sides are switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from config.city import load_city
from config.locales import Texts
from models.application_states import Actor, State
from models.applications import Application
from models.lifecycle import BANK_ACTIVATED, BANK_NOT_ACTIVATED, Lifecycle
from tests.end_to_end.clerk import Clerk
from tests.handlers.chat import NAME, NUMBER, PHONE
from tests.models.making import make_application, make_person
from tests.rig import APP_ID, Bot, running, wait_for

BRANCH = "ABC-01"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    with running(tmp_path_factory.mktemp("collecting"), redis_url, linger=0.05) as running_bot:
        yield running_bot


def made_card(bot: Bot, state: State = State.READY_FOR_PICKUP) -> str:
    """This person's card at the branch; the application's id."""
    answers = {"name": NAME, "phone": PHONE, "id_number": NUMBER, "branch": BRANCH}
    with bot.database.writing() as records:
        made = make_application(
            records, make_person(records), account=f"wechat:{APP_ID}:{bot.user}", answers=answers,
            branch=BRANCH, bank="ABC", delivery="pickup", now=bot.clock(),
        )  # fmt: skip
        made.state, made.bank_status = state.value, BANK_NOT_ACTIVATED
        return made.id


def life(bot: Bot) -> Lifecycle:
    city = load_city()
    return Lifecycle(bot.keys, city, Texts.load(city), lambda: uuid4().hex)


def test_from_the_code_in_the_chat_to_a_card_that_works(bot: Bot) -> None:
    application_id = made_card(bot)
    assert "农业银行和平路支行" in bot.say("领卡")
    digits = re.search(r"领卡码：(\d{3}) (\d{3})", bot.say("1"))
    assert digits
    clerk = Clerk(bot, BRANCH)
    clerk.open("/branch")
    answer = clerk.send("/branch/find", said="".join(digits.groups()))
    assert answer.status_code == 200 and "/branch/pass/" in answer.url
    assert NAME in answer.text and NUMBER[-4:] in answer.text
    pass_id = answer.url.rpartition("/")[2]
    given = clerk.send(f"/branch/pass/{pass_id}/hand-over")
    assert "卡已交出" in given.text
    told = wait_for(
        lambda: [m for m in bot.history() if "不是您或家人领的" in m.get("text", "")] or None
    )
    assert len(told) == 1
    assert "6/6" in bot.say("进度")
    clerk.send(f"/branch/card/{application_id}/bank-on")
    bot.say("激活")
    bot.say("1")
    assert "社保功能已启用" in bot.say("1")
    with bot.database.reading() as records:
        card = records.get_one(Application, application_id)
        assert (card.state, card.bank_status) == (State.ACTIVATED, BANK_ACTIVATED)
    assert "本人在柜台设好密码" not in clerk.open(f"/branch/card/{application_id}")
    assert len([m for m in bot.history() if "不是您或家人领的" in m.get("text", "")]) == 1


def test_a_parcel_is_told_with_its_number_and_confirmed_by_a_word(bot: Bot) -> None:
    other = bot.as_user("oByPost1")
    other.say("你好")
    with bot.database.writing() as records:
        answers = {"name": "赵小云", "phone": "13900005678"}
        person = make_person(records, name="赵小云", id_number="119999199208190022")
        made = make_application(
            records, person, account=f"wechat:{APP_ID}:oByPost1", answers=answers,
            bank="ABC", delivery="post", now=bot.clock(),
        )  # fmt: skip
        made.state = State.PRODUCED.value
        records.flush()
        life(bot).advance(
            records,
            made,
            State.MAILED,
            Actor.REPLY,
            bot.clock(),
            by="reply:1",
            parcel="EA123456789CN",
        )
        application_id = made.id
    told = wait_for(lambda: [m for m in other.history() if "已寄出" in m.get("text", "")] or None)
    assert "EA123456789CN" in told[0]["text"]
    assert "记下您收到卡了" in other.say("收到了")
    with bot.database.reading() as records:
        assert records.get_one(Application, application_id).state == State.COLLECTED
