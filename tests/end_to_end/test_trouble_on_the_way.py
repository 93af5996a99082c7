"""What goes wrong on the way to the hand, over real HTTP: the bank, the factory, the post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session as Records

from bot.redis_client import connect_redis
from config.city import load_city
from config.locales import Texts
from models.application_states import Actor, State
from models.applications import Application
from models.lifecycle import Lifecycle
from models.staff import Role
from tests.end_to_end.card_person import CODE, Applicant
from tests.end_to_end.console_people import somebody
from tests.end_to_end.received import Received
from tests.models.handover.making import ANSWERS
from tests.models.making import make_application, make_person
from tests.rig import APP_ID, Bot, running

PHONE = "13900001234"
TOLD = (
    *("sent_to_province", "bank_failed", "in_production", "production_failed"),
    *("mailed", "mail_returned", "ready"),
)
WHERE = {"district": "119901", "bank": "CCB", "branch": "CCB-01", "delivery": "post"}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("trouble")
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    with running(folder, redis_url, codes=lambda: CODE, linger=0.05) as bot:
        yield bot


def approved(bot: Bot) -> Applicant:
    """Somebody whose card is to come by post, before the first batch of the day."""
    bot.say("你好")
    with bot.database.writing() as records:
        _approve(bot, records)
    return Applicant(bot)


def _approve(bot: Bot, records: Records) -> Application:
    city, now = load_city(), bot.clock() - timedelta(hours=1)
    life = Lifecycle(bot.keys, city, Texts.load(city), lambda: uuid4().hex)
    application = make_application(
        records,
        make_person(records),
        account=f"wechat:{APP_ID}:{bot.user}",
        answers={**ANSWERS, **WHERE},
        **WHERE,
        now=now,
    )
    for state in (State.UNDER_REVIEW, State.APPROVED):
        life.advance(records, application, state, Actor.OFFICER, now, by="staff:1", quiet=True)
    return application


def fails(bot: Bot, application: Application, step: str, times: int = 1) -> None:
    """A step of the making will go wrong so often."""
    answer = bot.http.put(
        f"{bot.simulator.url}/simulator/api/cards/{application.id}/failure",
        json={"step": step, "times": times},
        timeout=10,
    )
    assert answer.ok, answer.text


def made(bot: Bot) -> list[tuple[int, int]]:
    """How many cards and accounts the offices made in all, by their own count."""
    told = bot.http.get(f"{bot.simulator.url}/simulator/api/cards", timeout=10).json()
    return sorted({(card["cards"], card["accounts"]) for card in told["cards"]})


def test_bank_factory_and_post_fail_and_the_card_comes_all_the_same(bot: Bot) -> None:
    person = approved(bot)
    received = Received(bot, [bot], PHONE)
    for step, times in (("bank", 1), ("factory", 2), ("mail", 1)):
        fails(bot, person.application, step, times)

    person.comes_to("BANK_FAILED", days=True)
    received.wait("bank_failed")
    assert "邮寄到家" in bot.say("换银行")
    assert "农业银行" in bot.say("5")
    assert "改好了" in bot.say("2")
    person.comes_to("BANK_OPENING")

    person.comes_to("PRODUCTION_FAILED", days=True)
    assert received.counts()["production_failed"] == 0
    person.comes_to("IN_PRODUCTION", days=True)
    person.comes_to("PRODUCTION_FAILED", days=True)
    received.wait("production_failed")

    person.comes_to("MAIL_RETURNED", days=True)
    received.wait("mail_returned")
    assert "农业银行和平路支行" in bot.say("改网点")
    assert "不再邮寄" in bot.say("1")
    clerk = somebody(bot, Role.CLERK, person.application.branch)
    clerk.post("/branch/arrived", before="/branch/list/coming", card=person.application.id)
    person.comes_to("READY_FOR_PICKUP")
    received.wait("ready")

    assert made(bot) == [(1, 1)]
    assert received.counts() == dict.fromkeys(TOLD, 1)
