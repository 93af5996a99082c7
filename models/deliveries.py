"""What the platform says became of a message, after it had taken it.

Reports come by the ten thousand after a bulk send, several times, and sometimes before the row
names the platform's id: `is_sending` tells those apart from reports of what others sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
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


def is_known(records: Records, account: str, sent_as: str) -> bool:
    """Whether something was sent to this account under that id of the platform."""
    mine = select(Notice.seq).where(Notice.sent_as == sent_as, Notice.account_key == account)
    return records.scalar(mine.limit(1)) is not None


def is_sending(records: Records, account: str) -> bool:
    """Whether a notice for this account is on its way: its id may not be written down yet."""
    on_its_way = (Notice.kind == "ladder") & Notice.state.in_(("claimed", "sending"))
    mine = select(Notice.seq).where(Notice.account_key == account, on_its_way)
    return records.scalar(mine.limit(1)) is not None
