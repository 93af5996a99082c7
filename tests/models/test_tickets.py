"""Tickets: what a person left for staff, sealed, until somebody has answered."""

from __future__ import annotations

from sqlalchemy.orm import Session as Records

from models.database import Database
from models.tickets import Ticket, add_ticket, close_ticket, open_tickets
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, PHONE, new_id


def _add(records: Records, account: str = ACCOUNT) -> Ticket:
    return add_ticket(
        records,
        KEYS,
        ticket_id=new_id(),
        account=account,
        kind="call_back",
        payload={"phone": PHONE, "said": "想问补卡"},
        now=NOW,
    )


def test_a_ticket_waits_sealed_until_it_is_answered(database: Database) -> None:
    with database.writing() as records:
        ticket = _add(records)
        other = _add(records, "wechat:wx1:other")
    with database.writing() as records:
        assert [t.id for t in open_tickets(records, account=ACCOUNT)] == [ticket.id]
        assert {t.id for t in open_tickets(records)} == {ticket.id, other.id}
        assert close_ticket(records, ticket.id, NOW + DAY)
        assert not close_ticket(records, ticket.id, NOW + DAY)
        assert [t.id for t in open_tickets(records)] == [other.id]
        kept = records.get_one(Ticket, ticket.id)
    assert kept.open_payload(KEYS) == {"phone": PHONE, "said": "想问补卡"}
    assert PHONE.encode() not in kept.payload
    assert kept.closed_at == NOW + DAY
