"""`python -m benchmarks.expansion.sending DATABASE REDIS MOST`: a sender in a process of its own,
over a road that takes everything at once; prints how many it sent and how much memory it had at
most, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.expansion.filling import campaign
from bot.ports import Rung
from bot.push.ports import Outgoing, Result
from models.push.campaigns import Campaign, locked, resume
from models.push.counts import progress
from models.push.stages import Stage
from tests.bot.push.push_rig import APPROVED, NOON, lane, push_rig
from tests.bot.turn.rig import Rig


class Taking:
    """A road at whose end everything is taken."""

    name = "wechat"

    async def send(self, call: Outgoing) -> Result:
        return Result(sent_as=f"at-{call.key}")

    def keyed(self, rung: Rung) -> bool:
        return True


def main() -> None:
    database_url, redis_url, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="sending-") as name:
        rig = push_rig(Rig(redis_url, database_url, Path(name)), APPROVED)
        number, began = campaign(rig.database, Stage.APPROVED), time.perf_counter()
        sent = _send(rig, number, most)
        seconds = time.perf_counter() - began
        rig.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"sent": sent, "seconds": seconds, "peak_mb": peak / 1024}))


def _send(rig: Rig, number: int, most: int) -> int:
    """Until all have it, or `most` have; somebody looks after the first."""
    sender, sent = lane(rig, {"wechat": Taking()}, slice_seconds=1.0), 0
    try:
        while sent < most:
            claimed = sender.claim()
            if claimed is not None:
                claimed()
            with rig.database.writing() as records:
                its = locked(records, number)
                sent = progress(records, its)["sent"]
                if its.at is Stage.LOOK:
                    resume(records, its, NOON, by="staff:2")
                elif claimed is None:
                    break
    finally:
        sender.close()
    with rig.database.reading() as records:
        return progress(records, records.get_one(Campaign, number))["sent"]


if __name__ == "__main__":
    main()
