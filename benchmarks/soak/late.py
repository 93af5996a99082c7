"""Postponed answers: every office is silent for half a minute while a thousand people write.

Each goes as far as the first question that an office must be asked about. Nobody may wait longer
than four seconds for a reply; the postponed answer must arrive once: by API message, or, for those
to whom the platform lets nothing be sent, with the reply to their next message. Once in peace, and
once while processes of the service are killed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import requests

from benchmarks.soak.people import DELIVERIES, PAUSE_SECONDS, JournalApi, Person
from benchmarks.soak.servers import WebWorker
from benchmarks.soak.service import Plan, Stage
from tests.end_to_end.player import SECONDS

SILENCE_MS = 30_000
OFFICES = ("identity", "portraits", "card_making")
OPENING = ("办卡", "同意", "手输")
POSTPONED = "陈国强 119999199003070019"
ANSWER = "身份核对的系统现在忙"
"""How the postponed answer begins; nothing else the bot says holds it."""
APOLOGY = "抱歉，我这边出了点问题"
AT_ONCE = 128
LATEST_SECONDS = 4.0
PATIENCE_SECONDS = 180.0
ASKS_AGAIN_SECONDS = 5.0
CALLS_AT_ONCE = 8  # of one worker: four threads empty mailboxes, four send notices


class RefusingApi(JournalApi):
    """Nothing may be sent to those whose window is said to be used up."""

    def _send(self, message: dict[str, Any]) -> tuple[str, bytes]:
        if message["touser"].startswith("oShut"):
            refused = {"errcode": 45047, "errmsg": "out of response count limit rid: late"}
            return "application/json", json.dumps(refused).encode()
        return super()._send(message)


class Patient(Person):
    """Remembers how long each reply took, and by which road the postponed answer came."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.shut = self.openid.startswith("oShut")
        self.times: list[float] = []
        self.passive: list[str] = []

    def walk(self) -> None:
        for said in (*OPENING, POSTPONED):
            while APOLOGY in self.hear(said):
                time.sleep(PAUSE_SECONDS)
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.told() and time.monotonic() < until:
            if self.shut:
                time.sleep(ASKS_AGAIN_SECONDS)
                self.hear("好了吗")
            else:
                self.api.wait_for_message(self.openid, len(self.by_api()), 1.0)

    def hear(self, said: str) -> str:
        """One message, as the platform delivers it, and its passive reply."""
        answer = self._until_answered(0, self.message("text", Content=said)) or ""
        self.passive.append(answer)
        return answer

    def by_api(self) -> list[str]:
        sent = self.api.sent.get(self.openid, [])
        return [m["text"]["content"] for m in sent if m["msgtype"] == "text"]

    def told(self) -> Counter[str]:
        """How often the postponed answer came, by road."""
        roads = {"passive": self.passive, "api": self.by_api()}
        return +Counter({road: sum(t.count(ANSWER) for t in said) for road, said in roads.items()})

    def _deliver(
        self, number: int, message: dict[str, str], seconds: float = SECONDS
    ) -> str | None:
        began = time.monotonic()
        answer = super()._deliver(number, message, seconds)
        if answer is not None:
            self.times.append(time.monotonic() - began)
        return answer


class LateStage(Stage):
    """The service with silent offices."""

    def __init__(self, plan: Plan, stack: ExitStack, *, fire: bool) -> None:
        super().__init__(plan, stack)
        self.fire = fire
        silence = {name: {"delay_ms": SILENCE_MS} for name in OFFICES}
        address = f"{self.offices.url}/simulator/api/faults"
        requests.put(address, json=silence, timeout=5).raise_for_status()
        self.people = [self._patient(number) for number in range(plan.people)]

    def make_api(self) -> JournalApi:
        return RefusingApi(self.journal)

    def _patient(self, number: int) -> Patient:
        name = f"o{'Shut' if number % 2 else 'Open'}{number:023d}"
        return Patient(self.webhook(), self.api, name, number, self.journal)

    def play(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            walking = [pool.submit(person.walk) for person in self.people]
            if self.fire:
                self._burn(walking)
            self.tend(walking)
            self.ready()
            self.wait_for_quiet()
            # Whatever was told once must not come again with a later reply.
            self.tend([pool.submit(person.hear, "继续") for person in self.people])

    def _burn(self, walking: Sequence[Future[None]]) -> None:
        """Only processes of ours: what they had in hand, and nothing else, may be in doubt."""
        victims = (self.worker, WebWorker(self.web))
        while not all(each.done() for each in walking):
            for victim in victims:
                time.sleep(self.random.uniform(*self.plan.pause))
                self.strike(victim)

    def in_doubt(self) -> int:
        """Messages of which the service says that nobody knows whether they arrived."""
        path = self.database.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as records:
            query = "SELECT count(*) FROM notices WHERE state IN ('unknown', 'sending')"
            return int(records.execute(query).fetchone()[0])


def run(people: int, seed: int, *, fire: bool) -> dict[str, Any]:
    """One run on SQLite and its judgement."""
    plan = Plan("sqlite", people=people, applicants=0, death=0.0, seed=seed, pause=(8.0, 16.0))
    began = time.monotonic()
    with ExitStack() as stack:
        stage = LateStage(plan, stack, fire=fire)
        stage.play()
        doubtful = stage.in_doubt()
        findings = judge(stage.people, doubtful, dict(plan.kills))
    if findings:
        print(f"journal and logs of what was found: {stage.folder}")
    else:
        shutil.rmtree(stage.folder)
    times = sorted(t for person in stage.people for t in person.times)
    summary = {
        "fire": fire,
        "seconds": round(time.monotonic() - began, 1),
        "people": people,
        "replies": len(times),
        "seconds of a reply": {
            "median": round(statistics.median(times), 3),
            "p99": round(times[len(times) * 99 // 100], 3),
            "longest": round(times[-1], 3),
        },
        "answers by road": dict(sum((person.told() for person in stage.people), Counter())),
        "kills": dict(plan.kills),
        "in doubt": doubtful,
    }
    print(json.dumps(summary, ensure_ascii=False), flush=True)
    return {**summary, "findings": findings}


def judge(people: Sequence[Patient], doubtful: int, kills: dict[str, int]) -> list[dict[str, Any]]:
    """What must not be, a line each."""
    findings: list[dict[str, Any]] = []
    lost = 0
    for person in people:
        told, longest = person.told(), max(person.times, default=SECONDS * DELIVERIES)
        if longest > LATEST_SECONDS and not kills:
            findings.append({"kind": "late", "person": person.openid, "seconds": longest})
        if told.total() > 1:
            findings.append({"kind": "doubled", "person": person.openid, "told": dict(told)})
        if told["passive" if not person.shut else "api"] and not kills:
            findings.append({"kind": "wrong road", "person": person.openid, "told": dict(told)})
        lost += not told
    if lost > doubtful:
        findings.append({"kind": "lost", "people": lost, "in doubt": doubtful})
    if doubtful > CALLS_AT_ONCE * kills.get("worker", 0):
        findings.append({"kind": "in doubt", "messages": doubtful, "kills": kills})
    return findings
