"""What people said to a campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import Record, Sealed, place
from models.sealing import Keyring


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


def answers_to(records: Records, campaign_id: int, limit: int = 500) -> list[PushAnswer]:
    """What was said to it, the latest first."""
    its = select(PushAnswer).where(PushAnswer.campaign_id == campaign_id)
    return list(records.scalars(its.order_by(PushAnswer.id.desc()).limit(limit)))


def _place(answer_id: int) -> str:
    return place("push_answers", "text", str(answer_id))
