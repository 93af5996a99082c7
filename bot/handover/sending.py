"""Sending one batch: what may have arrived is asked for first, and never made a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.handover.destinations import Reached
from bot.handover.outgoing import Made, make_file
from bot.handover.roads import OTHER_CONTENT, Refused
from bot.ports import OfficeError
from models.database import Database
from models.documents import ObjectStore, open_document
from models.handover.batches import Batch, BatchState, lines_of
from models.handover.sending import end_sending, keep_digest, postpone_sending
from models.lifecycle import Lifecycle
from models.sealing import SealError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends what a worker has claimed."""

    database: Database
    life: Lifecycle
    objects: ObjectStore
    clock: Callable[[], datetime]
    owner: str
    hook: Callable[[str], None]

    def send(self, reached: Reached, batch: Batch, *, doubtful: bool) -> None:
        """Until it is known to be there, refused, or to be tried again later."""
        try:
            if not (doubtful and self._is_there(reached, batch)):
                self._hand_over(reached, batch)
            self._end(batch, BatchState.TAKEN)
        except Refused as refused:
            conflict = refused.code == OTHER_CONTENT
            state = BatchState.CONFLICT if conflict else BatchState.REFUSED
            self._end(batch, state, refused.code)
        except OfficeError as error:
            self._postpone(batch, error.reason, sent=doubtful or error.unknown)
        except (KeyError, SealError):
            self._end(batch, BatchState.REFUSED, "content")  # a photo is gone, or does not open

    def _is_there(self, reached: Reached, batch: Batch) -> bool:
        """What was sent, as it was then: made now it may be other bytes, or not be made at all."""
        there = reached.road.find(batch.id)
        if there is not None and there != batch.digest:
            raise Refused(OTHER_CONTENT)
        return there is not None

    def _hand_over(self, reached: Reached, batch: Batch) -> None:
        made = self._make(reached, batch)
        with self.database.writing() as records:
            keep_digest(records, batch.id, made.digest)
        self.hook("batch asked for")
        reached.road.send(batch.id, made.sealed, made.digest)
        self.hook("batch sent")

    def _make(self, reached: Reached, batch: Batch) -> Made:
        city, keys = self.life.city, self.life.keys
        with self.database.reading() as records:
            lines = lines_of(records, batch.id)
            photos = {
                line.application_id: open_document(records, keys, self.objects, line.photo)
                for line in lines
                if line.photo and batch.photos
            }
        items = [line.items(keys) for line in lines]
        return make_file(batch, items, photos, reached.keys, city.region, city.tz)

    def _end(self, batch: Batch, state: BatchState, fault: str = "") -> None:
        with self.database.writing() as records:
            held = end_sending(records, batch.id, self.owner, state, self.clock(), fault)
        self.hook("batch ended")
        level = log.info if state is BatchState.TAKEN else log.error
        level("batch ended", batch=batch.id, state=state.value, fault=fault, held=held)

    def _postpone(self, batch: Batch, reason: str, *, sent: bool) -> None:
        with self.database.writing() as records:
            postpone_sending(records, batch, self.owner, self.clock(), reason, sent=sent)
        log.warning("batch put off", batch=batch.id, reason=reason, doubtful=sent)
