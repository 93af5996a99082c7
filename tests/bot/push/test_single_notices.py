"""A single notice is not behind a bulk: its lane is its own, and its part of the pace is kept."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from bot.push.bucket import RateBucket
from bot.rate import Rate, key_of
from bot.work import Worker
from bot.work.pace import Pace
from models.notices import Notice
from models.push.campaigns import go, locked
from models.push.stages import Stage
from tests.bot.push.push_rig import (
    APPROVED,
    NOON,
    campaign,
    changed,
    lane,
    people,
    push_rig,
    road,
    states,
)
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import SmsDesk, tools, work_and_tell
from tests.bot.work.ladder_rig import notice, put
from tests.rig import wait_for

PER_SECOND, SHARE = 20.0, 0.8
PEOPLE = 2000  # minutes of places


def test_a_notice_takes_the_next_place_though_a_bulk_has_minutes_of_them_to_go(rig: Rig) -> None:
    rig = push_rig(rig, changed(APPROVED, first_share=1.0))
    rig.client.set(key_of("wechat:wx1"), "1")  # nothing was lost: no pause at the start
    its, begun = campaign(rig, people(rig, PEOPLE)), threading.Event()
    rate = Rate(rig.client, 2)
    pushing = lane(
        rig,
        {"wechat": road(rig, on_send=lambda call: begun.set())},
        bucket=RateBucket(rate, lambda credential: PER_SECOND, SHARE),
        slice_seconds=2.0,
    )
    desk = replace(
        tools(rig, SmsDesk(rig.folder / "sms.log")), pace=Pace(rate, lambda account: PER_SECOND)
    )
    worker = Worker(
        desk,
        (),
        rig.turns(handle=work_and_tell),
        rig.drains,
        more={"push": pushing.claim},
        last={"push": pushing.close},
    )
    worker.start()
    try:
        assert begun.wait(60)
        put(rig)
        asked = time.monotonic()
        worker.ring("notices")
        assert wait_for(lambda: notice(rig).state == "sent" or None, 60)
        waited = time.monotonic() - asked
        told = states(rig, its)["sent", "wechat:template"]
        with rig.database.writing() as records:
            go(records, locked(records, its), Stage.STOPPED, "staff", NOON, by="staff:2")
    finally:
        worker.stop()
    # It did not wait for what was before it: that takes longer than any test does.
    assert told < PEOPLE / 2
    assert waited < PEOPLE / PER_SECOND / 2
    assert [row.state for row in rig.rows(Notice)] == ["sent"]
    left = states(rig, its)
    assert sum(n for (state, _), n in left.items() if state == "calling") == 0  # all came to an end
