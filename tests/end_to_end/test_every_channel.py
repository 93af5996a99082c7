"""One golden dialogue of the card form through WeChat, Alipay, the site and the API.

That WeChat answers to the letter is `test_transcripts`; here each other channel is held against
the same file: the same questions, as many, and what differs is what is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
from sqlalchemy import update

from config.city import load_city
from config.locales import Texts
from models.application_states import State
from models.applications import Application
from models.masking import Item, masks_of
from models.people import Account
from tests.end_to_end.every_channel import (
    InAlipay,
    InWeChat,
    OnTheSite,
    Player,
    Shown,
    ThroughTheApi,
    shown,
    without_waiting,
)
from tests.end_to_end.program import Front
from tests.end_to_end.transcript import load, picture_of, place_of
from tests.end_to_end.walks import picture_read_before
from tests.rig import Bot, Clock, running

GOLDEN = load(Path(__file__).parents[1] / "transcripts" / "card.txt")
CITY = load_city()
TEXTS = Texts.load(CITY)
MASKED: Mapping[Item, str] = {"id_number": "119999199003070019", "phone": "13900001234"}
_DRAWN = re.compile(r"(?<=YZ261123)\d{4}")  # chance draws the end of an acceptance number
_DISTANCE = re.compile(r"，[\d.]+(?:米|公里)$")


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    """One service for all channels, in a city where forms are filled in in Alipay, too."""
    folder = tmp_path_factory.mktemp("every")
    shipped = resources.files("config").joinpath("city.toml").read_text("utf-8")
    assert "apply_in_chat = false" in shipped
    profile = folder / "city.toml"
    profile.write_text(shipped.replace("apply_in_chat = false", "apply_in_chat = true"), "utf-8")
    picture_read_before(*(f"{GOLDEN.person}_{side}" for side in GOLDEN.sides()))
    with running(
        folder,
        redis_url,
        clock=Clock(GOLDEN.clock),
        codes=lambda: "482915",
        mini=True,
        alipay=True,
        profile=profile,
        linger=0.05,
    ) as service:
        yield service


@pytest.fixture(autouse=True)
def it_is_nobodys_second_card(bot: Bot) -> Iterator[None]:
    """The same person applies in each channel: what the last one brought is out of the way."""
    yield
    with bot.database.writing() as records:
        records.execute(update(Application).values(state=State.CANCELLED))
        records.execute(update(Account).values(person_id=None, bound_at=None))
    bot.clock.shift(timedelta(minutes=5))


def played(player: Player, since: int = 0, until: int | None = None) -> list[list[Shown]]:
    """The answers to everything that the golden dialogue says, from one exchange to another."""
    waiting, answers = TEXTS.say("zh_CN", "please_wait"), []
    for said, _ in GOLDEN.exchanges()[since:until]:
        if name := picture_of(said, GOLDEN.person):
            answers.append(player.photo(name))
        elif place := place_of(said):
            answers.append(player.place(*place))
        else:
            answers.append(player.say(said))
    return [without_waiting(told, waiting) for told in answers]


# --- what differs: all of it -------------------------------------------------------------------


def expected(channel: str, texts: str, *, places: bool, pictures: bool) -> list[list[Shown]]:
    """The golden dialogue as it reads in a channel: its own texts, its masks; where no place can
    be sent, branches of the district without distances; where no picture, a link."""
    found = [_own_words(channel, texts, told) for _, told in GOLDEN.exchanges()]
    read = [[shown(text) for text in told] for told in found]
    if not places:
        read = [[_without_distances(message) for message in told] for told in read]
    return read if pictures else [_as_link(told) for told in read]


def _own_words(channel: str, texts: str, told: list[str]) -> list[str]:
    masks, wechat = masks_of(channel), masks_of("wechat")
    pairs = [(wechat[item](value), masks[item](value)) for item, value in MASKED.items()]
    for key in TEXTS.own_keys(texts):
        if not TEXTS.placeholders("zh_CN", key):
            said = TEXTS.say("zh_CN", key), TEXTS.say_in(texts, "zh_CN", key)
            pairs.append(said)
    for there, here in pairs:
        told = [text.replace(there, here) for text in told]
    return told


def _without_distances(message: Shown) -> Shown:
    near, district = (TEXTS.say("zh_CN", f"card.branch.{k}") for k in ("ask", "ask_district"))
    lines = tuple(line.replace(near, district) for line in message.lines)
    options = tuple(_DISTANCE.sub("", option) for option in message.options)
    return replace(message, lines=lines, options=options)


def _as_link(told: list[Shown]) -> list[Shown]:
    """The picture's caption leads to it."""
    if not told[0].picture:
        return told
    caption = TEXTS.say("zh_CN", "card.portrait.caption")
    _, question = told
    linked = tuple(line.replace(caption, f"{caption}（链接）") for line in question.lines)
    return [replace(question, lines=linked)]


def same(told: list[list[Shown]], golden: list[list[Shown]]) -> None:
    for n, (here, there) in enumerate(zip(told, golden, strict=True)):
        assert [undrawn(m) for m in here] == [undrawn(m) for m in there], n


def undrawn(message: Shown) -> Shown:
    return replace(message, lines=tuple(_DRAWN.sub("…", line) for line in message.lines))


def a_front(bot: Bot, openid: str) -> ThroughTheApi:
    """Somebody's mini program, logged in."""
    where = f"{bot.simulator.url}/simulator/api/wechat_mini/users/{openid}/codes"
    code = bot.http.post(where, json={"sort": "login", "phone": ""}, timeout=10).json()["code"]
    front = Front(bot.site)
    front.log_in(code)
    return ThroughTheApi(front)


def test_through_the_api(bot: Bot) -> None:
    front = a_front(bot, "oGolden000000000000000001")
    same(played(front), expected("mini_wechat", "mini", places=True, pictures=True))


def test_on_the_site(bot: Bot) -> None:
    """Who opens the page wants to apply: the first question stands there at once."""
    player = OnTheSite(bot.site)
    golden = expected("web", "web", places=False, pictures=True)
    same([player.first(), *played(player, since=2)], golden[1:])


def test_in_alipay(bot: Bot) -> None:
    player = InAlipay(bot.as_user("2088000000004321", "alipay"))
    same(played(player), expected("alipay", "alipay", places=False, pictures=False))


# --- begun in one, finished in another ---------------------------------------------------------

SAID = [said for said, _ in GOLDEN.exchanges()]
AT_WORK = SAID.index("办卡要钱吗")  # the question about work is open
AFTER_CODE = SAID.index("482915") + 1


def begun_in_wechat(bot: Bot, user: str) -> InWeChat:
    """Filled in up to the question about work; two minutes later another code may be sent."""
    wechat = InWeChat(bot.as_user(user))
    played(wechat, until=AT_WORK)
    bot.clock.shift(timedelta(minutes=2))
    return wechat


def finished_in(bot: Bot, player: Player, wechat: InWeChat, channel: str) -> None:
    """Once the code from the phone on file came back, the other form is offered and goes on."""
    (offer,) = played(player, since=2, until=AFTER_CODE)[-1]
    assert offer.lines[-1] == "您在微信里填到第4步（11月23日开始），接着填吗？"
    (question,) = player.say("接着填")
    assert question.lines[:2] == ("接着办，前面填的都在。", "第4步/共6步 住址和工作")
    assert question.options[1:3] == ("自己干：个体、零工、务农", "没有工作")
    assert "已提交" in played(player, since=AT_WORK)[-1][0].lines[0]
    assert f"那份申请已转到{channel}继续填写。" in wechat.say("继续")[0].lines


def test_what_was_begun_in_wechat_is_finished_in_a_mini_program(bot: Bot) -> None:
    wechat = begun_in_wechat(bot, "oMoving00000000000000000001")
    front = a_front(bot, "oMoving000000000000000002")
    front.say("办卡")
    finished_in(bot, front, wechat, "微信小程序")


def test_what_was_begun_in_wechat_is_finished_on_the_site(bot: Bot) -> None:
    wechat = begun_in_wechat(bot, "oMoving00000000000000000003")
    finished_in(bot, OnTheSite(bot.site), wechat, "网站")


def test_what_was_begun_in_wechat_is_finished_in_alipay(bot: Bot) -> None:
    wechat = begun_in_wechat(bot, "oMoving00000000000000000004")
    alipay = InAlipay(bot.as_user("2088000000004322", "alipay"))
    alipay.say("办卡")
    finished_in(bot, alipay, wechat, "支付宝")
