"""Subscribers by the hundred thousand, made by the database itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from models.database import Database
from models.push.audience import Purpose
from models.push.campaigns import Campaign
from models.push.counts import PushCount
from models.push.stages import Stage
from tests.bot.push.push_rig import LONG, MESSAGE, NOON

_SUBSCRIBERS = """
INSERT INTO accounts (id, channel, app, "user", user_kind, locale, last_inbound_at, followed,
  subscription_credits, created_at, key, recipient, announcements_since)
WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < :count)
SELECT 'a' || CAST(n AS TEXT), 'wechat', 'wx1', 'o' || CAST(n AS TEXT), 'openid', 'zh_CN',
  '2026-11-01 01:00:00.000000', true, '{}', '2026-01-05 01:00:00.000000',
  'wechat:wx1:o' || CAST(n AS TEXT), CAST(n AS BIGINT) * 4194301, '2026-01-05 01:00:00.000000'
FROM each
"""
_HOLDER = """
INSERT INTO people (id, name, id_number, id_index, id_kind, phone_proven, created_at)
VALUES ('p1', :sealed, :sealed, 'p1', 'resident_id', 0, '2026-01-05 01:00:00.000000')
"""
_APPLICATIONS = """
INSERT INTO applications (id, number, draft_id, form, form_version, account_key, applicant_id,
  holder_id, relation, holder_proven, contested, state, card_status, bank_status, round, answers,
  district, bank, branch, delivery, submitted_at, state_since, promise_review_by, promise_card_by,
  updated_at)
WITH RECURSIVE each(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < :count)
SELECT 'a' || CAST(n AS TEXT), 'YZ' || CAST(10000000 + n AS TEXT), 'd' || CAST(n AS TEXT), 'card',
  1, 'wechat:wx1:o' || CAST(1 + (CAST(n AS BIGINT) * 7919) % :count AS TEXT), 'p1', 'p1', 'self',
  false, false, 'READY_FOR_PICKUP', '', '', 1, :sealed, '119901', 'CCB', 'CCB-01', 'branch',
  '2026-11-01 01:00:00.000000', '2026-11-20 01:00:00.000000', '2026-11-08', '2026-11-30',
  '2026-11-20 01:00:00.000000'
FROM each
"""
_SETTLE = ("VACUUM ANALYZE", "CHECKPOINT")
_SEALED = bytes(500)  # as long as a form's answers are, sealed
_OUTCOMES = tuple((what, f"wechat:{road}") for what in ("sent", "failed", "unknown", "skipped")
                  for road in ("chat", "template", "subscription"))  # fmt: skip


def fill(database: Database, count: int) -> None:
    """So many accounts that want announcements, in order of their recipients."""
    _fill(database, {_SUBSCRIBERS: {"count": count}})


def hand_in(database: Database, count: int) -> None:
    """An application from each of these accounts, in another order."""
    given = {"count": count, "sealed": _SEALED}
    _fill(database, {_HOLDER: {"sealed": _SEALED}, _APPLICATIONS: given})


def _fill(database: Database, statements: Mapping[str, Mapping[str, Any]]) -> None:
    """And let the database put its own things in order, so that this is not measured."""
    patient = Database(database.url.render_as_string(hide_password=False), patient=True)
    patient.upgrade()
    with patient.writing() as records:
        for statement, values in statements.items():
            records.execute(text(statement), values)
    settle = ("PRAGMA wal_checkpoint(TRUNCATE)",) if patient.is_sqlite else _SETTLE
    with patient.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for each in settle:
            connection.exec_driver_sql(each)
    patient.dispose()


def campaign(
    database: Database, stage: Stage = Stage.DRAFT, purpose: Purpose = "announcement"
) -> int:
    """One for all of them; where it is approved, by a second person, workers send it."""
    row = Campaign(
        name="all", kind="message", purpose=purpose, stage=stage.value,
        message=MESSAGE, audience={}, expires_at=NOON + LONG, from_hour=0, until_hour=0,
        written_by="staff:1", written_at=NOON, approved_by="staff:2",
    )  # fmt: skip
    with database.writing() as records:
        records.add(row)
        records.flush()
        return row.id


def counted(database: Database, campaign_id: int) -> None:
    """Counters as a campaign has that is half done."""
    with database.writing() as records:
        records.add_all(
            PushCount(campaign_id=campaign_id, what=what, road=road, reason="", n=1000)
            for what, road in _OUTCOMES
        )
