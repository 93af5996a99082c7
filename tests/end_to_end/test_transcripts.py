"""Every dialogue in tests/transcripts is what the bot says today, to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import exists, select

from bot.redis_client import connect_redis
from bot.sessions import Spoken
from config.city import load_city
from config.locales import Texts
from models.notices import Notice
from models.people import account_of
from models.push.audience import add_listed
from models.push.deliveries import Delivery
from models.push.messages import Message, Option
from tests.end_to_end.transcript import Transcript, load, play, readable, written
from tests.end_to_end.walks import picture_read_before
from tests.handlers.returning import came_back
from tests.models.push.person import make_campaign
from tests.rig import APP_ID, Bot, Clock, running, wait_for

FOLDER = Path(__file__).parents[1] / "transcripts"
GOLDEN = FOLDER / "card.txt"
WITH_A_READABLE_CARD = 12  # messages of the person, from the one after 办卡
TYPED = 17
ON_THEIR_WAY = ("queued", "claimed", "sending")  # notices


def played(transcript: Transcript, folder: Path, redis_url: str) -> list[list[str]]:
    """What the bot answers today, under the header's conditions."""
    picture_read_before(*(f"{transcript.person}_{side}" for side in transcript.sides()))
    with running(
        folder,
        redis_url,
        clock=Clock(transcript.clock),
        codes=transcript.codes(),
        serials=transcript.serials(),
        user=transcript.header["user"],
        linger=0.05,
    ) as bot:
        if transcript.header.get("before") == "returned":
            returned_three_weeks_ago(bot, transcript)
        return play(transcript, bot, sent_before)


def returned_three_weeks_ago(bot: Bot, transcript: Transcript) -> None:
    """What the dialogue is about: this account's own application, and the notice nobody saw."""
    account = f"wechat:{APP_ID}:{bot.user}"
    city = load_city()
    came_back(bot.database, city, Texts.load(city), account, transcript.clock, keys=bot.keys)
    wait_for(lambda: True if _has_ended(bot) else None, 20.0)


CAMPAIGNS = {
    "asks": Message(
        chat={
            "zh_CN": "{city}社保卡和平路支行月底停止服务。您的卡改到哪里领？",
            "en": "The branch at Heping Road closes this month. Where would you like to collect?",
        },
        options=(
            Option({"zh_CN": "人民路支行", "en": "Renmin Road branch"}),
            Option({"zh_CN": "我再想想", "en": "I am not sure yet"}),
        ),
    ),
    "tells": Message(
        chat={
            "zh_CN": "本周六社保卡服务大厅照常开门。",
            "en": "The card service hall is open this Saturday.",
        },
    ),
}


def sent_before(bot: Bot, name: str) -> None:
    """Sent by the worker, from its approval on: what asks goes into the open chat, what tells finds
    no road and waits for the next visit."""
    account, now, asks = f"wechat:{APP_ID}:{bot.user}", bot.clock(), name == "asks"
    with connected(bot) as client:  # what was said so far opens no chat
        spoken = Spoken(client)
        spoken.done(spoken.take(1000))
    with bot.database.writing() as records:
        row = account_of(records, account, now)
        row.locale = "en" if bot.user.endswith("En") else "zh_CN"
        row.last_inbound_at = now if asks else None
        campaign = make_campaign(
            records, CAMPAIGNS[name], stage="approved", audience={"list": 1},
            expires_at=now + timedelta(days=30), written_at=now,
        )  # fmt: skip
        add_listed(records, campaign, {row.recipient: None})

    def ended() -> bool | None:
        with bot.database.reading() as records:
            its = select(Delivery.state).where(Delivery.campaign_id == campaign.id)
            return True if records.scalar(its) == ("sent" if asks else "visit") else None

    wait_for(ended, 30.0)
    mark = f"{{{account}}}"
    with connected(bot) as client:
        wait_for(lambda: client.hexists(mark, "parked") or None, 10.0)


@contextmanager
def connected(bot: Bot) -> Iterator[Any]:
    """The service's own Redis."""
    client = connect_redis(str(bot.settings.redis_url))
    try:
        yield client
    finally:
        client.close()


def _has_ended(bot: Bot) -> bool:
    """Whether every notice took its road, before its person comes back and opens another."""
    with bot.database.reading() as records:
        return not records.scalar(select(exists().where(Notice.state.in_(ON_THEIR_WAY))))


def in_wechat() -> list[Path]:
    """The dialogues with the service account; those of other channels say which in their header."""
    return [p for p in sorted(FOLDER.glob("*.txt")) if "channel" not in load(p).header]


@pytest.mark.parametrize("path", in_wechat(), ids=lambda path: path.stem)
def test_the_dialogue_goes_as_written(
    path: Path, redis: redis.Redis, redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    transcript = load(path)
    answers = played(transcript, tmp_path, redis_url)
    if request.config.getoption("--refresh-transcripts"):
        path.write_text(written(transcript, answers), "utf-8")
        return
    for (said, expected), answered in zip(transcript.exchanges(), answers, strict=True):
        assert (said, answered) == (said, expected)


def test_a_readable_card_needs_no_more_messages_than_promised() -> None:
    golden = load(GOLDEN)
    assert golden.counted() == 11 <= WITH_A_READABLE_CARD
    said = [said for said, _ in golden.exchanges()]
    begun = said.index("我想办张社保卡")
    extra = ["1390000123", "办卡要钱吗", "上一步", "2"]  # a slip, a question, a change of mind
    assert len(said[begun + 1 : said.index("确认") + 1]) - len(extra) == golden.counted()


def test_typing_everything_needs_no_more_messages_than_promised() -> None:
    assert load(FOLDER / "card_typed.txt").counted() == 14 <= TYPED


def test_correcting_a_photo_needs_three_messages() -> None:
    returned = load(FOLDER / "returned.txt")
    assert returned.counted() == 3
    assert len(returned.exchanges()) == 3 + 3  # the greeting, one bad photo, one question


def test_refreshing_what_has_not_changed_changes_nothing() -> None:
    golden = load(GOLDEN)
    answers = [answers for _, answers in golden.exchanges()]
    assert written(golden, answers) == GOLDEN.read_text("utf-8")


def test_a_link_is_shown_by_its_label() -> None:
    assert readable('见<a href="http://127.0.0.1/privacy">《告知》</a>。') == "见《告知》（链接）。"


def a_chat(bot: Bot) -> None:
    """A bit of everything that a phone can send, up to an acceptance number."""
    bot.say("你好")
    bot.post(type="event", event="CLICK", key="progress")
    bot.say("我想办张社保卡")
    bot.post(type="sticker")
    bot.say("同意")
    bot.photo("landscape")
    for name in ("zhao_xiaoyun_front", "zhao_xiaoyun_back"):
        bot.photo(name)
    bot.say("1")
    bot.say("13900002201")
    bot.say(bot.code("13900002201"))
    bot.place("", 32.05, 123.12)
    bot.place("云州市城东区人民路1号", 32.06, 123.13)
    bot.post(type="voice", recognition="没有工作")
    for text in ("1", "1", "确认"):
        bot.say(text)


def test_a_chat_saved_on_the_phone_page_can_be_played_again(
    redis: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    picture_read_before("zhao_xiaoyun_front", "zhao_xiaoyun_back", "landscape")
    with running(first, redis_url, user="oSaved", linger=0.05) as bot:
        bot.post(type="event", event="subscribe")
        a_chat(bot)
        address = f"{bot.simulator.url}/simulator/api/wechat/users/oSaved/transcript"
        saved = bot.http.get(address, timeout=10).text
    (tmp_path / "saved.txt").write_text(saved, "utf-8")
    transcript = load(tmp_path / "saved.txt")
    assert transcript.header["person"] == "zhao_xiaoyun"
    assert {"clock", "sms_code", "serial", "user"} <= transcript.header.keys()
    assert "受理号" in transcript.exchanges()[-1][1][-1]
    redis.flushall()
    answers = played(transcript, second, redis_url)
    assert answers == [expected for _, expected in transcript.exchanges()]
    assert written(transcript, answers) == saved
