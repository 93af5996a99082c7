"""The lane of pushes as the worker runs it, over one campaign: records, pace and road."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import insert, select

from bot.app import make_worker
from bot.assembly import Assembly, real_sources
from bot.ports import Offices, Sources
from bot.rate import key_of
from bot.work.running import settle
from config.settings import Settings
from models.database import Database
from models.people import Account
from models.push.campaigns import Campaign
from models.push.counts import counts_of
from models.push.deliveries import Delivery
from models.push.stages import Stage

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""In Beijing: whatever the hour of the run, it is none of the quiet ones."""
_CITY = Path(__file__).parents[2] / "config" / "city.toml"
UNREACHED = 100_000
"""Sends in a second that nobody reaches here."""
_LOOK_SECONDS = 0.1
_FILLED_AT_ONCE = 5000
MESSAGE = {
    "chat": {"zh_CN": "您的社保卡正在制作。", "en": "Your card is being made."},
    "status": {"zh_CN": "您的社保卡正在制作", "en": "Being made"},
    "note": {"zh_CN": "请留意后续通知", "en": "We will tell you"},
    "wording": "reminder",
    "link": "/progress",
}


class Engine:
    """A worker's lane `push` with so many people to tell."""

    def __init__(
        self, folder: Path, redis_url: str, api: str, app: str, people: list[str], template: str
    ) -> None:
        settings = settings_of(folder, redis_url, api, app, city_of(folder, template))
        parts = Assembly(settings, sources_since(time.monotonic()))
        parts.database.upgrade()
        self._database, self._campaign = parts.database, fill(parts.database, app, people)
        parts.redis.set(key_of(f"wechat:{app}"), "1")  # nothing was lost
        worker = make_worker(parts, cast(Offices, _NoOffices()), bell=False)
        # Its other lanes are not started: nothing else happens here.
        self._lane, self._parts = worker.lanes["push"], parts
        settle()  # as a worker's process does before it begins

    def run(self) -> None:
        """Until the campaign is done."""
        self._lane.start()
        self._lane.ring()
        while self._stage() != Stage.DONE:
            time.sleep(_LOOK_SECONDS)

    def close(self) -> dict[str, int]:
        """Let go of all; what became of its people, by state."""
        with self._database.reading() as records:
            counts = counts_of(records, self._campaign)
        self._lane.stop()
        self._parts.close()
        return {state: n for (state, _, _), n in counts.items()}

    def _stage(self) -> str:
        with self._database.reading() as records:
            stage = select(Campaign.stage).where(Campaign.id == self._campaign)
            return str(records.scalar(stage))


class _NoOffices:
    """Nothing here goes by SMS."""

    sms: Any = None


def sources_since(began: float) -> Sources:
    """Whose clock stood at noon when this machine's monotonic one stood at `began`."""

    def clock() -> datetime:
        return NOON + timedelta(seconds=time.monotonic() - began)

    return replace(real_sources(), clock=clock)


def settings_of(folder: Path, redis_url: str, api: str, app: str, city: Path) -> Settings:
    """Of a service on SQLite in this folder, that knows the bench's platform alone."""
    return Settings(
        data_dir=folder,
        redis_url=redis_url,
        database_url=f"sqlite:///{folder / 'records.db'}",
        secret_key=os.urandom(32).hex(),
        data_keys=((1, os.urandom(32)),),
        index_key=os.urandom(32),
        wechat_app_id=app,
        wechat_app_secret="a-secret-of-the-bench",  # noqa: S106 - of no account
        wechat_token=os.urandom(8).hex(),
        wechat_mode="plain",
        wechat_api_base=api,
        public_url="https://card.example",
        city=city,
    )


def city_of(folder: Path, template: str, per_second: int = UNREACHED) -> Path:
    """The invented city, whose account has the wordings, and may send so many in a second."""
    text = _CITY.read_text("utf-8")
    rate, heading = "sends_per_second = 20   # API", "[wechat.templates]\n"
    assert rate in text and heading in text
    text = text.replace(rate, f"sends_per_second = {per_second}   # API", 1)
    wordings = f'reminder = "{template}"\nprogress = "{template}"\n'
    text = text.replace(heading, heading + wordings, 1)
    path = folder / "city.toml"
    path.write_text(text, "utf-8")
    return path


def fill(database: Database, app: str, people: list[str]) -> int:
    """An approved campaign for these people; its number."""
    row = Campaign(
        name="bench",
        kind="message",
        purpose="announcement",
        stage=Stage.RUNNING.value,
        message=MESSAGE,
        audience={"list": len(people)},
        expires_at=NOON + timedelta(days=1),
        from_hour=8,
        until_hour=21,
        written_by="staff:1",
        written_at=NOON,
        total=len(people),
    )
    with database.writing() as records:
        records.add(row)
        records.flush()
        for first in range(0, len(people), _FILLED_AT_ONCE):
            some = list(enumerate(people, 1))[first : first + _FILLED_AT_ONCE]
            records.execute(insert(Account), [_account(app, *each) for each in some])
            new = [{"campaign_id": row.id, "recipient": n, "state": "new"} for n, _ in some]
            records.execute(insert(Delivery), new)
        return row.id


def _account(app: str, number: int, user: str) -> dict[str, Any]:
    return {
        "id": f"{number:032}",
        "channel": "wechat",
        "app": app,
        "user": user,
        "user_kind": "openid",
        "locale": "zh_CN",
        "followed": True,
        "subscription_credits": {},
        "created_at": NOON,
        "recipient": number,
        "announcements_since": NOON,
    }
