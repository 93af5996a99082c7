"""Sent back for one field: told once in WeChat, corrected in Alipay, the same stage in both."""

from __future__ import annotations

from pathlib import Path

import redis

from bot.demo.profile import write_profile
from config.city import load_city
from config.locales import Texts
from models.application_states import State
from models.applications import Application, open_answers
from models.notices import UNDELIVERED, Notice
from models.returns import open_return
from tests.end_to_end.every_channel import InAlipay, InWeChat, Player, Shown
from tests.handlers.chat import NAME, NUMBER, PHONE
from tests.handlers.returning import came_back
from tests.rig import APP_ID, Bot, running, wait_for


def text_of(told: list[Shown]) -> str:
    return "\n".join("\n".join((*shown.lines, *shown.options)) for shown in told)


def measured(told: list[Shown], player: Player) -> str:
    """The photo's verdict; on a crowded machine it comes after a word of patience."""
    text = text_of(told)
    return text if "请稍候" not in text else text + text_of(player.say("好了吗"))


def came_back_in_wechat(bot: Bot, profile: Path) -> Application:
    city = load_city(profile)
    account = f"wechat:{APP_ID}:{bot.user}"
    now = bot.clock().astimezone(city.tz)
    return came_back(bot.database, city, Texts.load(city), account, now, keys=bot.keys)


def test_told_in_wechat_corrected_in_alipay_and_the_same_everywhere(
    redis: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    profile = write_profile(None, tmp_path / "profile")
    with running(tmp_path, redis_url, alipay=True, profile=profile, linger=0.05) as bot:
        wechat = InWeChat(bot)
        application = came_back_in_wechat(bot, profile)
        notices = wait_for(lambda: _about_it(bot) or None, 20)
        assert len(notices) == 1
        assert text_of(wechat.say("补正")).endswith("不办了，撤回")
        assert "请发新照片" in text_of(wechat.say("1"))

        alipay = InAlipay(bot.as_user("2088000000001234", "alipay"))
        alipay.say("进度")
        alipay.say(f"{NAME} {NUMBER}")
        told = text_of(alipay.say(bot.code(PHONE)))
        assert "进度2/6，审核" in told
        assert "差一样东西：照片要重拍。" in told
        met = text_of(alipay.say("1"))
        assert met.startswith("记住了。")
        assert "您好，**强。" in met
        assert "现在重拍" in met
        alipay.say("1")
        assert "用它重新提交吗？" in measured(alipay.photo("portrait_good"), alipay)
        assert "已重新提交，受理号不变：YZ2611200731。" in text_of(alipay.say("提交"))

        for player in (wechat, alipay):
            assert "进度1/6，已提交" in text_of(player.say("进度"))
        assert len(_about_it(bot)) == 1
    with bot.database.reading() as records:
        row = records.get_one(Application, application.id)
        assert (row.state, row.round) == (State.RESUBMITTED, 2)
        assert open_answers(row, bot.keys)["portrait"]["source"] == "own"
        assert open_return(records, row.id) is None
        mine = records.query(Notice).filter(Notice.matter == f"application:{row.id}")
        assert [n.state for n in mine if n.state in UNDELIVERED] == []


def _about_it(bot: Bot) -> list[str]:
    """The messages about what is lacking that came by themselves."""
    told = [str(m["text"]) for m in bot.history() if m["from"] == "bot" and m["kind"] == "text"]
    return [text for text in told if "回复“补正”接着办" in text]
