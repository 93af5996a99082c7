"""A campaign against a platform under load: latency, errors by their shares, lost answers, results
in bursts, out of order, twice and before the answer. Everybody once, counted at the other end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import insert, select, update

from bot.demo.profile import write_profile
from models.people import Account
from models.push.campaigns import Campaign
from models.push.counts import counts_of
from models.push.deliveries import Delivery
from models.push.stages import Stage
from tests.models.making import new_id
from tests.rig import APP_ID, Bot, running, wait_for

SEND = "message/template/send"
PEOPLE = 40  # fewer than are told before somebody looks
WORDS = {"zh_CN": "您好", "en": "Hello"}
MESSAGE = {"chat": WORDS, "status": WORDS, "note": WORDS, "wording": "reminder"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    """A city that sends fast, and bears errors."""
    folder: Path = tmp_path_factory.mktemp("load")
    shipped = write_profile(None, folder).read_text("utf-8")
    city = folder / "city.toml"
    text = shipped.replace("sends_per_second = 20 ", "sends_per_second = 400 ", 1)
    text = text.replace("failed_share = 0.05", "failed_share = 0.9", 1)
    assert text.count("sends_per_second = 400") == text.count("failed_share = 0.9") == 1
    city.write_text(text, "utf-8")
    with running(folder, redis_url, profile=city, linger=0.0) as bot:
        yield bot


def followers(bot: Bot) -> list[str]:
    """They follow, want to hear, and have said nothing for long."""
    users = [f"oLoad{number:03}" for number in range(PEOPLE)]
    url = f"{bot.simulator.url}/simulator/api/wechat/followers"
    assert requests.post(url, json={"openids": users}, timeout=5).status_code == 204
    rows = [
        {
            "id": new_id(),
            "channel": "wechat",
            "app": APP_ID,
            "user": user,
            "user_kind": "openid",
            "locale": "zh_CN",
            "followed": True,
            "subscription_credits": {},
            "created_at": bot.clock(),
            "announcements_since": bot.clock(),
        }
        for user in users
    ]
    with bot.database.writing() as records:
        records.execute(insert(Account), rows)
        records.execute(update(Account).values(last_inbound_at=None))
    return users


def approved(bot: Bot) -> int:
    with bot.database.writing() as records:
        made = Campaign(
            name="试",
            kind="message",
            purpose="announcement",
            stage="approved",
            message=MESSAGE,
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


def over(bot: Bot, number: int) -> bool | None:
    with bot.database.reading() as records:
        return records.get_one(Campaign, number).at is Stage.DONE or None


def test_everybody_is_told_once_or_accounted_for_and_every_result_is_kept(service: Bot) -> None:
    users = followers(service)
    requests.delete(f"{service.simulator.url}/simulator/api/wechat/sends", timeout=5)
    mix = {"-1": 0.1, "http_500": 0.05, "lost": 0.1, "43004": 0.05}
    results = {"batch": 15, "late_ms": 300, "shuffle": True, "twice": 0.3, "before": 0.2}
    service.faults(
        wechat=[
            {"calls": [SEND], "delay_ms": 20, "mix": mix, "seed": 11},
            {"receipts": {**results, "seed": 12}},
        ]
    )
    number = approved(service)
    wait_for(lambda: over(service, number), 60)
    url = f"{service.simulator.url}/simulator/api/wechat/sends"
    told: dict[str, Any] = requests.get(url, params={"people": "1"}, timeout=5).json()
    with service.database.reading() as records:
        states = Counter(
            records.scalars(select(Delivery.state).where(Delivery.campaign_id == number))
        )
    assert sum(states.values()) == PEOPLE
    assert set(states) <= {"sent", "visit", "unknown"}
    assert set(told["per_person"]) == {"1"}, "nobody twice"
    assert states["sent"] <= told["people"] <= states["sent"] + states["unknown"]
    assert set(told["by_person"]) <= set(users)
    assert sum(told["duplicates"].values()) > 0, "answers were lost, and asked for by their keys"

    def receipts() -> int | None:
        with service.database.reading() as records:
            counts = counts_of(records, number)
        heard = sum(n for (what, _, _), n in counts.items() if what == "receipt")
        assert heard <= states["sent"], "a result that came twice counts once"
        return heard if heard == states["sent"] else None

    wait_for(receipts, 30)
