"""Over the wire: a branch closes, those whose card goes there are told and answer by one message,
and a half-filled form that holds it is asked again at that question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis as redis_py

from bot.dialogue.messages import AccountKey
from bot.sessions import ParkedMarks
from bot.work.collection_chores import collection_chores
from config.city import SHIPPED, City, load_city
from config.locales import Texts
from models.application_states import State
from models.applications import Application
from models.card_moves import open_move
from models.lifecycle import Lifecycle
from models.people import account_of
from models.push.answers import PushAnswer
from models.push.closing import Closing, begin
from models.push.stages import Stage
from tests.closing import CLOSES, CODE, SUCCESSOR
from tests.handlers.chat import NAME, NUMBER, PHONE
from tests.models.making import make_application, make_person, new_id
from tests.models.push.person import got
from tests.rig import APP_ID, Bot, running

THIRD = "农业银行云湖支行"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped city with a branch that closes."""
    text, own = SHIPPED.read_text("utf-8"), f'code = "{CODE}"\n'
    closing = f'{own}closes_on = {CLOSES.isoformat()}\nsuccessor = "{SUCCESSOR}"\n'
    path = tmp_path_factory.mktemp("profile") / "city.toml"
    path.write_text(text.replace(own, closing), "utf-8")
    return path


@pytest.fixture(scope="module")
def city(profile: Path) -> City:
    return load_city(profile)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str, profile: Path) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("closing")
    with running(folder, redis_url, profile=profile, linger=0.05) as running_bot:
        yield running_bot


def told(bot: Bot, city: City, state: State, redis: redis_py.Redis, road: str) -> str:
    """A card of this person's that goes there, and, later than whatever they said, the campaign as
    its sending leaves it; the application's id."""
    bot.say("你好")
    account = AccountKey("wechat", APP_ID, bot.user)
    answers = {
        "name": NAME, "phone": PHONE, "id_number": NUMBER, "district": "119901", "bank": "ABC",
        "branch": CODE, "delivery": "pickup",
    }  # fmt: skip
    with bot.database.writing() as records:
        account_of(records, str(account), bot.clock())
        made = make_application(
            records, make_person(records), account=str(account), answers=answers, branch=CODE,
            bank="ABC", delivery="pickup", holder_proven=False, now=bot.clock(),
        )  # fmt: skip
        made.state = state.value
        closing = Closing(CODE, CLOSES, SUCCESSOR)
        campaign = begin(records, city, Texts.load(city), closing, bot.clock(), by="staff:1")
        campaign.stage = Stage.RUNNING.value
        how = {"state": "visit"} if road == "visit" else {"road": road}
        got(records, campaign, str(account), at=bot.clock(), number=made.number, **how)
        made_id = made.id
    ParkedMarks(redis).mark(account)
    return made_id


def card(bot: Bot, application_id: str) -> Application:
    with bot.database.reading() as records:
        found = records.get_one(Application, application_id)
        records.expunge_all()
    return found


def test_one_digit_moves_a_card_that_is_not_ordered_yet(
    bot: Bot, city: City, redis: redis_py.Redis
) -> None:
    application_id = told(bot, city, State.APPROVED, redis, "wechat:chat")
    said = bot.say("1")
    assert said.startswith("改好了，您的卡改到农业银行城西支行领，城西区桥头街40号。")
    assert card(bot, application_id).branch == SUCCESSOR
    with bot.database.reading() as records:
        said_so = records.query(PushAnswer).one()
        assert said_so.option == "1"


def test_told_at_a_visit_it_is_answered_by_its_words_and_another_branch_is_chosen(
    bot: Bot, city: City, redis: redis_py.Redis
) -> None:
    other = bot.as_user("oClosing2")
    application_id = told(other, city, State.IN_PRODUCTION, redis, "visit")
    said = other.say("你好")
    assert "要去领的农业银行和平路支行，12月31日起不办了" in said
    assert "“改到农业银行城西支行”" in said and "“选别的网点”" in said
    asked = other.say("选别的网点")
    assert "农业银行城西支行" in asked and "农业银行和平路支行" not in asked
    assert f"记下了：{THIRD}" in other.say(THIRD)
    with bot.database.reading() as records:
        move = open_move(records, application_id)
        assert move is not None and move.to_branch == "ABC-03"
    assert "您的卡从农业银行和平路支行转到农业银行城西支行" in other.say("改到农业银行城西支行")


def test_whoever_says_nothing_is_moved_by_the_worker_on_the_day(
    bot: Bot, city: City, redis: redis_py.Redis
) -> None:
    silent = bot.as_user("oClosing3")
    application_id = told(silent, city, State.APPROVED, redis, "wechat:template")
    life = Lifecycle(bot.keys, city, Texts.load(city), new_id)
    chore = next(c for c in collection_chores(bot.database, life) if c.name == "closed branches")
    after = bot.clock() + timedelta(days=40)
    assert card(bot, application_id).branch == CODE
    chore.do(after)
    assert card(bot, application_id).branch == SUCCESSOR
    assert chore.do(after) == 0
