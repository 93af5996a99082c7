"""群发 from end to end: a campaign, the worker's lanes, the platform over HTTP, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import update

from models.people import Account, find_account
from models.push.campaigns import Campaign
from models.push.choices import want_announcements
from models.push.counts import counts_of
from models.push.deliveries import MASS_ROAD
from models.push.masses import Mass, masses_of
from tests.rig import APP_ID, Bot, running, wait_for

WORDS = {"zh_CN": "城西网点明日停机。", "en": "The west branch is closed tomorrow."}
PEOPLE = ("oMass1", "oMass2", "oMass3", "oMass4")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder: Path = tmp_path_factory.mktemp("mass")
    with running(folder, redis_url, linger=0.0) as bot:
        yield bot


def followers(bot: Bot) -> None:
    """They want to hear announcements; nobody's chat is open any more."""
    for user in PEOPLE:
        bot.as_user(user).post(type="event", event="subscribe")
    with bot.database.writing() as records:
        for user in PEOPLE:
            want_announcements(records, f"wechat:{APP_ID}:{user}", bot.clock())
        records.execute(update(Account).values(last_inbound_at=None))
        last = find_account(records, f"wechat:{APP_ID}:{PEOPLE[-1]}")
        assert last
        last.locale = "en"


def campaign(bot: Bot) -> int:
    with bot.database.writing() as records:
        made = Campaign(
            name="停机公告",
            kind="message",
            purpose="announcement",
            stage="approved",
            message={"chat": WORDS, "mass": True},
            audience={},
            expires_at=bot.clock() + timedelta(days=7),
            from_hour=0,
            until_hour=0,
            written_by="staff:1",
            written_at=bot.clock(),
        )
        records.add(made)
        records.flush()
        return made.id


def told(bot: Bot, user: str) -> list[str]:
    return [said["text"] for said in bot.as_user(user).history() if said["via"] == "mass"]


def batches(bot: Bot, number: int, *states: str) -> list[Mass] | None:
    """The batches of a campaign, once they are all in one of these states."""
    with bot.database.reading() as records:
        found = masses_of(records, number)
    return found if found and all(mass.state in states for mass in found) else None


def in_doubt(bot: Bot, number: int) -> list[Mass] | None:
    """Both batches of a campaign, the Chinese one first, once the answer of one's call is known to
    be lost and the other is dropped."""
    found = batches(bot, number, "calling", "dropped") or []
    ends = sorted((mass.state, mass.reason == "unknown") for mass in found)
    is_known = ends == [("calling", True), ("dropped", False)]
    return sorted(found, key=lambda mass: mass.locale != "zh_CN") if is_known else None


def stage(bot: Bot, number: int) -> str:
    with bot.database.reading() as records:
        return records.get_one(Campaign, number).stage


def test_whom_nothing_else_reaches_gets_the_same_in_one_call(service: Bot) -> None:
    followers(service)
    api = f"{service.simulator.url}/simulator/api/wechat"
    # The first answer is lost: the batch is called again under its key, and is taken once.
    lost = {"calls": ["message/mass/send"], "error": "lost", "times": 1}
    service.faults(wechat=[lost, {"receipts": {"before": 1.0}}])
    number = campaign(service)
    chinese, english = wait_for(lambda: in_doubt(service, number), 30)
    assert (english.state, english.count) == ("dropped", 1)  # one alone is never told by it
    assert (chinese.state, chinese.reason) == ("calling", "unknown")
    service.clock.shift(timedelta(seconds=62))
    # Its result came with the lost answer, and was kept until the batch had its id.
    found = wait_for(lambda: batches(service, number, "done", "dropped"), 30)
    (done,) = [mass for mass in found if mass.state == "done"]
    assert (done.reason, done.count, done.filter_count, done.sent_count) == ("", 3, 3, 3)
    assert [told(service, user) for user in PEOPLE] == [[WORDS["zh_CN"]]] * 3 + [[]]
    sends: dict[str, Any] = requests.get(f"{api}/sends", timeout=5).json()
    assert (sends["duplicates"], sends["per_person"]) == ({chinese.key: 1}, {"1": 3})
    assert wait_for(lambda: stage(service, number) == "done" or None, 30)
    with service.database.reading() as records:
        counts = counts_of(records, number)
    assert counts["sent", MASS_ROAD, ""] == counts["receipt", MASS_ROAD, "delivered"] == 3


def test_the_result_tells_whom_the_platform_left_out(service: Bot) -> None:
    service.faults()
    service.clock.shift(timedelta(days=1))
    for user in PEOPLE[:1]:
        url = f"{service.simulator.url}/simulator/api/wechat/users/{user}/refusal"
        assert requests.put(url, json={"errcode": 48002}, timeout=5).ok
    number = campaign(service)
    found = wait_for(lambda: batches(service, number, "done", "dropped"), 30)
    (done,) = [mass for mass in found if mass.state == "done"]
    assert (done.count, done.filter_count, done.sent_count, done.error_count) == (3, 2, 2, 0)
    with service.database.reading() as records:
        counts = counts_of(records, number)
    assert counts["receipt", MASS_ROAD, "delivered"] == 2
    assert counts["receipt", MASS_ROAD, "limited"] == 1
