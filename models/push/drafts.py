"""Campaigns that are being written: a new one, one like another, and the list of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import City
from models.push.campaigns import Campaign
from models.push.stages import Stage

REMINDER = "reminder"
"""The kind of those that the clock makes, see `models.push.reminders`."""
LIVES = timedelta(days=7)
"""How long after it was begun a new campaign ends, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a draft begins with."""

    name: str
    purpose: str
    message: Mapping[str, Any]
    audience: Mapping[str, Any]
    kind: str = "message"
    priority: int = 0


def new_draft(records: Records, city: City, begun: Begun, now: datetime, *, by: str) -> Campaign:
    """A draft that may send outside the city's quiet hours, for a week, and costs nothing."""
    draft = Campaign(
        name=begun.name[:100],
        kind=begun.kind,
        purpose=begun.purpose,
        stage=Stage.DRAFT.value,
        message=dict(begun.message),
        audience=dict(begun.audience),
        priority=begun.priority,
        expires_at=now + LIVES,
        from_hour=city.quiet.until_hour,
        until_hour=city.quiet.from_hour,
        written_by=by,
        written_at=now,
    )
    records.add(draft)
    records.flush()
    return draft


def latest_campaigns(
    records: Records,
    limit: int,
    *,
    stages: Collection[Stage] = tuple(Stage),
    before: int = 0,
    reminders: bool | None = None,
) -> list[Campaign]:
    """Those in one of these stages, the latest first, older than `before` where it is given;
    `reminders`: those that the clock makes alone, or all others."""
    found = select(Campaign).where(Campaign.stage.in_([stage.value for stage in stages]))
    if reminders is not None:
        kind = Campaign.kind == REMINDER
        found = found.where(kind if reminders else ~kind)
    if before:
        found = found.where(Campaign.id < before)
    return list(records.scalars(found.order_by(Campaign.id.desc()).limit(limit)))
