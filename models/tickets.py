"""Tickets: what a person asked a human for, and which member of staff must answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring


class Ticket(Record):
    """A request for a call back, or a matter for staff to look at."""

    __tablename__ = "tickets"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    kind: Mapped[str] = mapped_column(String(32))  # call_back | …
    payload: Mapped[bytes] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(String(16), index=True)  # open | closed
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    def open_payload(self, keys: Keyring) -> dict[str, Any]:
        """What the person left."""
        opened: dict[str, Any] = json.loads(keys.open(self.payload, _place(self.id)))
        return opened


def add_ticket(
    records: Records,
    keys: Keyring,
    *,
    ticket_id: str,
    account: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> Ticket:
    """Keep what a person left for staff."""
    ticket = Ticket(
        id=ticket_id,
        account_key=account,
        kind=kind,
        payload=keys.seal(json_bytes(payload), _place(ticket_id)),
        state="open",
        created_at=now,
    )
    records.add(ticket)
    records.flush()
    return ticket


def open_tickets(records: Records, *, account: str | None = None) -> list[Ticket]:
    """Tickets that wait for staff, of one account or of all, the oldest first."""
    waiting = select(Ticket).where(Ticket.state == "open").order_by(Ticket.created_at)
    if account is not None:
        waiting = waiting.where(Ticket.account_key == account)
    return list(records.scalars(waiting).all())


def close_ticket(records: Records, ticket_id: str, now: datetime) -> bool:
    """Mark it answered. False when it was not open."""
    mine = update(Ticket).where(Ticket.id == ticket_id, Ticket.state == "open")
    closed = mine.values(state="closed", closed_at=now).returning(Ticket.id)
    return records.scalar(closed) is not None


def _place(ticket_id: str) -> str:
    return place("tickets", "payload", ticket_id)
