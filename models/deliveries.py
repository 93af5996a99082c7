"""What the platform says became of a message, after it had taken it.

Reports come by the ten thousand after a bulk send, several times, and sometimes before the row
names the platform's id: see `models.receipts`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session as Records

from models.ladders import undelivered
from models.notices import Notice

DELIVERED = "delivered"


def record_delivery(
    records: Records, account: str, sent_as: str, result: str, now: datetime
) -> bool:
    """Note what became of the message known as `sent_as`: the platform's first word counts. What
    did not arrive goes on with its next road, if it has one.

    False when nothing was sent to this account under that id, or it was told before.
    """
    told = (
        update(Notice)
        .where(Notice.sent_as == sent_as, Notice.account_key == account, Notice.delivery == "")
        .values(delivery=result[:32])
        .returning(Notice)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    notice = records.scalar(told)
    if notice is None:
        return False
    if result != DELIVERED and undelivered(records, notice, result, now):
        # The next road will have an end of its own; this one's stands in the steps.
        records.execute(update(Notice).where(Notice.id == notice.id).values(delivery=""))
    return True
