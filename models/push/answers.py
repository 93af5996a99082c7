"""What people said to a campaign."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.push.counts import Key, add_counts
from models.records import Record, Sealed, place
from models.sealing import Keyring

STOP = "stop"


class PushAnswer(Record):
    """One answer: the number of an option ("" for words of their own, "stop" for 退订), and the
    words, sealed."""

    __tablename__ = "push_answers"
    __table_args__ = (Index("ix_push_answers_campaign_id", "campaign_id", "recipient"),)
    __sealed_by__ = ("id",)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    campaign_id: Mapped[int] = mapped_column(BigInteger)
    recipient: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    option: Mapped[str] = mapped_column(String(16), default="")
    text: Mapped[bytes | None] = mapped_column(Sealed)

    def open_text(self, keys: Keyring) -> str:
        """The words in the clear, "" where there are none."""
        return keys.open(self.text, _place(self.id)).decode() if self.text is not None else ""


def add_answer(
    records: Records,
    keys: Keyring,
    *,
    campaign_id: int,
    recipient: int,
    option: str,
    text: str,
    now: datetime,
) -> PushAnswer:
    """List what somebody said to a campaign."""
    row = PushAnswer(campaign_id=campaign_id, recipient=recipient, at=now, option=option)
    records.add(row)
    records.flush()
    if text:
        row.text = keys.seal(text.encode(), _place(row.id))
        records.flush()
    return row


def take_answer(
    records: Records,
    keys: Keyring,
    *,
    campaign_id: int,
    recipient: int,
    option: str,
    text: str,
    now: datetime,
) -> PushAnswer:
    """List an answer and count it. Of one person the latest option counts: who changes their mind
    has answered once. That they said something in words, and that they want no more, is counted
    beside it: whoever chose and then remarks on it has chosen all the same."""
    counted: Counter[Key] = Counter()
    before = None if option == STOP else _last(records, campaign_id, recipient, words=not option)
    if before is None or before.option != option:
        counted["answer", "", option] += 1
        if before is not None:
            counted["answer", "", before.option] -= 1
    row = add_answer(
        records,
        keys,
        campaign_id=campaign_id,
        recipient=recipient,
        option=option,
        text=text,
        now=now,
    )
    add_counts(records, campaign_id, counted)
    return row


def _last(records: Records, campaign_id: int, recipient: int, *, words: bool) -> PushAnswer | None:
    """The latest in words of their own, or the latest option."""
    theirs = (
        PushAnswer.campaign_id == campaign_id,
        PushAnswer.recipient == recipient,
        PushAnswer.option == "" if words else PushAnswer.option.not_in(("", STOP)),
    )
    latest = select(PushAnswer).where(*theirs).order_by(PushAnswer.id.desc()).limit(1)
    return records.scalar(latest)


def answers_to(records: Records, campaign_id: int, limit: int = 500) -> list[PushAnswer]:
    """What was said to it, the latest first."""
    its = select(PushAnswer).where(PushAnswer.campaign_id == campaign_id)
    return list(records.scalars(its.order_by(PushAnswer.id.desc()).limit(limit)))


def forget_words(records: Records, before: datetime, limit: int = 1000) -> int:
    """Delete the words of answers that were given before a moment; which option it was, and that
    there was one, stays. Returns of how many: `limit` at most."""
    old = select(PushAnswer.id).where(PushAnswer.text.is_not(None), PushAnswer.at < before)
    ids = list(records.scalars(old.order_by(PushAnswer.id).limit(limit)))
    its = update(PushAnswer).where(PushAnswer.id.in_(ids)).values(text=None)
    records.execute(its.execution_options(synchronize_session=False))
    return len(ids)


def _place(answer_id: int) -> str:
    return place("push_answers", "text", str(answer_id))
