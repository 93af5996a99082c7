"""Handing over again what did not arrive: by staff, who have seen to the cause."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, ForbiddenMove
from models.handover.batches import Batch, BatchLine, BatchState, Block, close_lines
from models.handover.cutting import Cutting
from models.lifecycle import Lifecycle

_WAITS = {
    "province": (
        State.SENT_TO_PROVINCE.value,
        State.IN_PRODUCTION.value,
        State.PRODUCTION_FAILED.value,
    ),
    "bank": (State.BANK_OPENING.value,),
}
"""Where an application stands whose line has not been answered."""


class NotFailed(Exception):
    """The batch is on its way, or was taken: it is not handed over a second time."""


def applications_in(records: Records, batch: Batch) -> list[Application]:
    """Those of a batch, in the order of its lines."""
    mine = (
        select(Application)
        .join(BatchLine, BatchLine.application_id == Application.id)
        .where(BatchLine.batch_id == batch.id)
        .order_by(BatchLine.line)
    )
    return list(records.scalars(mine).all())


def hand_over_again(
    records: Records, cutting: Cutting, batch_id: str, now: datetime
) -> Batch | None:
    """A new batch of those lines of a failed one that still wait. None when none of them does.

    Only what the destination has not got as it was sent: a conflicting batch's name is there with
    another content, of which staff have asked. Raises NotFailed for every other batch, KeyError
    for an unknown one.
    """
    batch = records.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise KeyError(batch_id)
    if batch.state not in (BatchState.REFUSED, BatchState.CONFLICT):
        raise NotFailed(batch.state)
    waiting = (
        select(Application)
        .join(BatchLine, BatchLine.application_id == Application.id)
        .where(
            BatchLine.batch_id == batch.id,
            BatchLine.open,
            Application.state.in_(_WAITS[batch.destination]),
        )
        .order_by(BatchLine.line)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    fit = cutting.fit(records, records.scalars(waiting).all(), now)
    if not fit:
        return None
    close_lines(records, [application.id for application, *_ in fit], cutting.destination)
    return cutting.make(records, fit, "REP", batch.bank, now)


def review_again(
    records: Records, life: Lifecycle, application: Application, by: str, now: datetime
) -> None:
    """What is wrong with the application itself is for an officer. Raises ForbiddenMove where it
    does not stand blocked before the province."""
    block = records.get(Block, (application.id, "province"), with_for_update=True)
    if block is None:
        raise ForbiddenMove("not blocked")
    code = block.code
    life.advance(records, application, State.UNDER_REVIEW, Actor.OFFICER, now, by=by, reason=code)
    try_again(records, [application.id])


def try_again(records: Records, application_ids: Collection[str]) -> None:
    """What could not be handed over is tried once more at the next cut-off."""
    records.execute(delete(Block).where(Block.application_id.in_(application_ids)))
