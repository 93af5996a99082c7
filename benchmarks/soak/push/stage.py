"""Where a campaign plays: people in the records, the worker as a process that may be killed, and
the audit of what each person got beside what the records say."""

from __future__ import annotations

import base64
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NoReturn

import redis
from sqlalchemy import func, insert, select, update

from bot.app import create_worker
from bot.demo.profile import write_profile
from bot.work.running import work_until_told
from config.settings import load_settings
from models.database import Database
from models.people import Account
from models.push.campaigns import Campaign, locked, resume
from models.push.counts import FINAL, counts_of
from models.push.deliveries import Delivery
from models.push.stages import Stage as At
from tests.bot.turn.processes import Child, forked
from tests.rig import AES_KEY, APP_ID, MINI, OFFICE_KEY, SECRET, TOKEN

GROUP = 20
TEMPLATE, MINI_ONLY, BOTH, WEB = range(11), range(11, 17), (17,), (18,)
STOPS = 19
"""People by the remainder of their number: most have an account that follows us, some a mini
program's alone, some both, some none that anything is sent by; the last say no in the middle."""

MESSAGE = {
    "chat": {"zh_CN": "城西网点明日停机。", "en": "The west branch is closed tomorrow."},
    "status": {"zh_CN": "网点停机", "en": "Branch closed"},
    "note": {"zh_CN": "请改日再来", "en": "Please come later"},
    "wording": "reminder",
}
MINI_WORDING = "SIM_mini_subscription_reminder"
_START = 1000  # recipients begin above it


@dataclass(frozen=True)
class Plan:
    """How many people, and what happens meanwhile. `rate`: calls a second of each account.
    `alone`: on a machine that does nothing else, where transactions are quick, no more may stay
    unknown than the platform had not answered at the kills; on any machine no more than was marked.
    """

    people: int
    rate: int
    kills: int
    flushes: int
    seconds: float  # after which it should have ended
    alone: bool = False


@dataclass
class Killed:
    """One kill: what was marked as being called, and what the platform had not answered yet."""

    calling: int
    held: int


@dataclass
class PushStage:
    """One run. `held` asks the platform how many calls it has not answered."""

    plan: Plan
    folder: Path
    database_url: str
    redis_url: str
    platform: str
    held: Callable[[], int]
    settings: Mapping[str, str] = field(default_factory=dict)
    kills: list[Killed] = field(default_factory=list)
    said_no: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.database = Database(self.database_url)
        self.redis: Any = redis.Redis.from_url(self.redis_url)
        self.city = _city(self.folder, self.plan.rate)
        self.campaign = 0
        self._worker: Child | None = None

    # --- before -------------------------------------------------------------------------

    def fill(self) -> None:
        """Everybody, and the campaign that is for all who said yes."""
        now = datetime.now(UTC)
        with self.database.writing() as records:
            for start in range(0, self.plan.people, 5000):
                some = range(start, min(start + 5000, self.plan.people))
                rows = [row for number in some for row in _accounts(number, now)]
                records.execute(insert(Account), rows)
            row = Campaign(
                name="停机公告",
                kind="message",
                purpose="announcement",
                stage=At.APPROVED.value,
                message=MESSAGE,
                audience={},
                expires_at=now + timedelta(days=1),
                from_hour=0,
                until_hour=0,
                written_by="staff:1",
                written_at=now,
            )
            records.add(row)
            records.flush()
            self.campaign = row.id

    # --- the run ------------------------------------------------------------------------

    def play(self) -> None:
        """Until the campaign is done: kills and losses spread evenly over its people."""
        plan = self.plan
        kills = [(n + 1) / (plan.kills + 1) for n in range(plan.kills)]
        flushes = [(n + 0.5) / plan.flushes for n in range(plan.flushes)]
        self.start()
        until = time.monotonic() + plan.seconds
        while (at := self.at()) != At.DONE.value:
            if time.monotonic() > until or at == At.PAUSED.value:
                return
            done = self.done() / plan.people
            if at == At.LOOK.value:
                self.look()
            elif kills and done >= kills[0]:
                del kills[0]
                self.kill()
                self.start()
            elif flushes and done >= flushes[0]:
                del flushes[0]
                self.redis.flushall()
            time.sleep(0.05)

    def look(self) -> None:
        """Somebody looks at the first; some of the others say no before it goes on."""
        with self.database.writing() as records:
            open_ones = select(Delivery.recipient).where(
                Delivery.campaign_id == self.campaign, Delivery.state == "new"
            )
            self.said_no = {
                who for who in records.scalars(open_ones) if (who - _START) % GROUP == STOPS
            }
            theirs = update(Account).where(
                Account.recipient % GROUP == (_START + STOPS) % GROUP,
                Account.recipient.in_(open_ones),
            )
            now = datetime.now(UTC)
            records.execute(
                theirs.values(stopped_at=now).execution_options(synchronize_session=False)
            )
            resume(records, locked(records, self.campaign), now, by="staff:2")

    def start(self) -> None:
        """Production's worker, in a process of its own."""
        self._worker = forked(self._work)

    def _work(self) -> None:
        os.environ.update(self._environment())
        log = os.open(self.folder / "worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        for output in (1, 2):
            os.dup2(log, output)
        work_until_told(lambda: create_worker(load_settings(), reader=NoReader()))

    def kill(self) -> None:
        """As a power cut does."""
        assert self._worker is not None
        held = self.held()
        self._worker.bury()
        with self.database.reading() as records:
            its = (Delivery.campaign_id == self.campaign, Delivery.state == "calling")
            calling = records.scalar(select(func.count()).select_from(Delivery).where(*its)) or 0
        self.kills.append(Killed(calling, held))

    def close(self) -> None:
        """Nothing is left of it."""
        if self._worker is not None:
            self._worker.bury()
        self.database.dispose()
        self.redis.close()

    def at(self) -> str:
        with self.database.reading() as records:
            return records.get_one(Campaign, self.campaign).stage

    def done(self) -> int:
        """How many came to an end, as the counters have it."""
        with self.database.reading() as records:
            counts = counts_of(records, self.campaign)
        return sum(n for (what, _, _), n in counts.items() if what in FINAL)

    def _environment(self) -> dict[str, str]:
        settings = {
            "data_dir": str(self.folder),
            "redis_url": self.redis_url,
            "database_url": self.database_url,
            "secret_key": "soak" * 8,
            "data_keys": f"1:{base64.b64encode(b'd' * 32).decode()}",
            "index_key": base64.b64encode(b"i" * 32).decode(),
            "city": str(self.city),
            "wechat_app_id": APP_ID,
            "wechat_app_secret": SECRET,
            "wechat_token": TOKEN,
            "wechat_aes_key": AES_KEY,
            "wechat_api_base": self.platform,
            **{f"wechat_mini_{name}": value for name, value in MINI.items()},
            "wechat_mini_api_base": self.platform,
            "office_key": OFFICE_KEY,
            "public_url": "http://127.0.0.1",
            **self.settings,
        }
        ours = {f"SHEBAOKA_{name.upper()}": value for name, value in settings.items()}
        return ours

    # --- the audit ----------------------------------------------------------------------

    def audit(
        self, got: Mapping[str, int], lost: int, fullest: Mapping[str, int]
    ) -> dict[str, Any]:
        """What each person got beside what the records say. `lost`: answers that were lost, of
        calls that the platform does not know by a key; `fullest`: by path."""
        with self.database.reading() as records:
            its = Delivery.campaign_id == self.campaign
            columns = (Delivery.recipient, Delivery.state, Delivery.road, Delivery.reason)
            rows = records.execute(select(*columns).where(its)).all()
            counts = +counts_of(records, self.campaign)
        findings = [
            {"kind": kind, "what": f"{state} {road} {reason}"}
            for who, state, road, reason in rows
            if (kind := self._judged(who, state, got.get(openid(who - _START), 0)))
        ]
        told: Counter[tuple[str, str, str]] = Counter(
            (state, road, reason) for _, state, road, reason in rows if state in FINAL
        )
        if told != Counter({k: n for k, n in counts.items() if k[0] in FINAL}):
            findings.append({"kind": "counters", "what": "differ from the rows"})
        unknown = sum(n for (state, _, _), n in told.items() if state == "unknown")
        died = sum(n for (state, _, why), n in told.items() if (state, why) == ("unknown", "lost"))
        marked = sum(kill.calling for kill in self.kills)
        held = sum(kill.held for kill in self.kills)
        if unknown > marked + lost:
            findings.append({"kind": "unknown", "what": f"{unknown} of {marked} and {lost}"})
        if self.plan.alone and died > held:
            findings.append({"kind": "unknown", "what": f"{died} of {held} in flight"})
        findings += [
            {"kind": "too fast", "what": f"{path} {n}"}
            for path, n in fullest.items()
            if n > self.plan.rate
        ]
        if len(rows) != self.plan.people or self.at() != At.DONE.value:
            findings.append({"kind": "not done", "what": f"{self.at()} {len(rows)}"})
        return {
            "people": len(rows),
            "ends": {" ".join(key).strip(): n for key, n in sorted(told.items())},
            "unknown": unknown,
            "unknown because their worker died": died,
            "marked at the kills": [kill.calling for kill in self.kills],
            "in flight at the kills, by the platform": [kill.held for kill in self.kills],
            "lost answers": lost,
            "fullest second": dict(fullest),
            "rate": self.plan.rate,
            "findings": findings,
        }

    def _judged(self, who: int, state: str, got: int) -> str:
        if got > 1:
            return "doubled"
        if state not in FINAL:
            return "not accounted for"
        if state == "sent" and got != 1:
            return "lost"
        if state in ("visit", "skipped", "failed") and got:
            return "told all the same"
        return "told after a no" if who in self.said_no and got else ""


class NoReader:
    """Nobody sends a photo here."""

    def side(self, image: bytes) -> Literal["unknown"]:
        return "unknown"

    def read(self, image: bytes) -> NoReturn:
        raise NotImplementedError


def openid(number: int) -> str:
    """Of a person, on every account."""
    return f"oPush{number:023d}"


def _accounts(number: int, now: datetime) -> list[dict[str, Any]]:
    group = number % GROUP
    made: dict[str, Any] = {
        "user": openid(number),
        "user_kind": "openid",
        "locale": "zh_CN" if number % 3 else "en",
        "followed": True,
        "subscription_credits": {},
        "created_at": now,
        "recipient": number + _START,
        "announcements_since": now,
    }
    wechat = {**made, "id": f"{number:031x}a", "channel": "wechat", "app": APP_ID}
    mini = {
        **made,
        "id": f"{number:031x}b",
        "channel": "mini_wechat",
        "app": MINI["app_id"],
        "subscription_credits": {MINI_WORDING: 1},
    }
    if group in MINI_ONLY:
        return [mini]
    if group in WEB:
        return [{**made, "id": f"{number:031x}c", "channel": "web", "app": "site"}]
    return [wechat, mini] if group in BOTH else [wechat]


def _city(folder: Path, rate: int) -> Path:
    """A city whose accounts have the wordings, send so fast, and keep no quiet hours."""
    place = write_profile(None, folder)
    text = re.sub(r"(?m)^sends_per_second = \d+", f"sends_per_second = {rate}", place.read_text())
    text = re.sub(r"(?ms)^\[quiet\].*?(?=^\[)", "", text)
    place.write_text(f"{text}\n[quiet]\nfrom_hour = 0\nuntil_hour = 0\n", "utf-8")
    return place
