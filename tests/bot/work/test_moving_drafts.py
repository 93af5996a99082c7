"""A worker dies at each point of a draft's way from one account to another: it arrives, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.work import Worker
from handlers.elsewhere.moving import JOBS
from models.drafts import DraftRow
from models.jobs import Job
from models.people import bind
from tests.bot.turn.processes import disaster, forked
from tests.bot.turn.rig import NOON, Rig, account
from tests.bot.work.desk_rig import at, worker
from tests.handlers.chat import the_router
from tests.models.making import make_person

KEEPER, ASKER = account("keeper"), account("asker")
JOB_POINTS = ("job claimed", "job ran", "job told")
TURN_POINTS = ("after begin", "before sql commit", "after sql commit", "before commit",
               "after commit")  # fmt: skip


def says(rig: Rig, who: AccountKey, update_id: str, text: str) -> Reply | None:
    """A message, whose answer is not waited for longer than it takes to ask for work."""
    update = Update(update_id, who, Kind.TEXT, NOON, text=text)
    return rig.turns(deadline_s=0.5).take(update)


@pytest.fixture
def moving(rig: Rig) -> Rig:
    """One person's two accounts: a form begun in the one was asked for by the other."""
    rig.handle, rig.lease_ms = the_router(), 150
    with rig.database.writing() as records:
        person = make_person(records)
        for who in (KEEPER, ASKER):
            bind(records, str(who), person.id, NOON)
    for n, text in enumerate(("办卡", "同意", "手输"), 1):
        says(rig, KEEPER, f"k{n}", text)
    assert "elsewhere.offer" in getattr(says(rig, ASKER, "a1", "办卡"), "text", "")
    says(rig, ASKER, "a2", "1")
    return rig


def at_work(rig: Rig, hook: Any = lambda point: None) -> Worker:
    return worker(rig, JOBS, turns=rig.turns(hook=hook), hook=hook)


def drafts(rig: Rig, who: AccountKey) -> dict[str, Any]:
    found: dict[str, Any] = rig.session(who.user).get("drafts", {})
    return found


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        *((point, 1) for point in JOB_POINTS + TURN_POINTS),  # letting go
        *((point, 2) for point in JOB_POINTS + TURN_POINTS if "sql" not in point),  # taking
    ],
)
def test_killed_anywhere_the_draft_arrives_once(moving: Rig, point: str, nth: int) -> None:
    rig = moving
    before = drafts(rig, KEEPER)["card"]

    def die() -> str:
        at_work(rig.again(), disaster(point, nth=nth)).settle()
        return "alive"

    assert forked(die).answer() is None
    for minute in range(1, 5):  # each lease of the dead runs out
        at(rig, timedelta(minutes=minute).total_seconds())
        at_work(rig).settle()
    assert drafts(rig, KEEPER) == {}
    assert drafts(rig, ASKER)["card"] == before
    assert [row.account_key for row in rig.rows(DraftRow)] == [str(ASKER)]
    assert [job.state for job in rig.rows(Job)] == ["done", "done"]
    sent = rig.channels["wechat"].sent
    assert [text.count("form.resumed") for text in sent(user="asker")] == [1]
    assert sent(user="keeper") == rig.mail("asker") == rig.mail("keeper") == []
