"""A soak of the hand-over of a few seconds' length; its judge notices what it is there for."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from benchmarks.soak.handover.audit import audit
from benchmarks.soak.handover.replies import run
from benchmarks.soak.handover.stage import STYLE, Stage
from benchmarks.soak.handover.trials import Trial
from bot.handover.destinations import destinations_of
from bot.handover.outgoing import make_file
from models.database import Database
from models.handover.batches import Batch, lines_of
from tests.models.making import KEYS


def test_some_deaths_cost_nothing_and_a_second_batch_would_be_noticed() -> None:
    with ExitStack() as stack:
        stage = Stage(stack)
        trial = Trial(stage, seed=4, most=3)
        assert trial.run(2) == []
        assert trial.deaths.total() in (2, 3)  # one that is meant to die may be through before
        _make_twice(stage)
        found = audit(stage.database, trial.ids, trial.there())
        assert {finding["kind"] for finding in found} == {"doubled", "batch"}


def _make_twice(stage: Stage) -> None:
    """The first batch once more, under another name."""
    reached = destinations_of(stage.settings, STYLE)["province"]
    with stage.database.reading() as records:
        mine = select(Batch).where(Batch.destination == "province").order_by(Batch.id)
        batch = records.scalars(mine).first()
        assert batch is not None
        items = [line.items(KEYS) for line in lines_of(records, batch.id)]
        records.expunge_all()
    batch.id = batch.id.replace("_0", "_9")
    made = make_file(batch, items, {}, reached.keys, stage.life.city.region, stage.life.city.tz)
    reached.road.send(batch.id, made.sealed, made.digest)


def test_reply_files_end_the_same_whatever_is_done_to_them(
    upgraded_sqlite: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:

        def make(name: str) -> Database:
            shutil.copyfile(upgraded_sqlite, tmp_path / f"{name}.db")
            database = Database(f"sqlite:///{tmp_path / name}.db")
            stack.callback(database.dispose)
            return database

        told = run(make, tmp_path, 300)
    assert told["findings"] == []
    assert told["lines"] >= 300
