"""Consents: what a person agreed to, when, and in which words. Each kind is given apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, String, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record

Kind = Literal["general", "sensitive", "handing_over", "guardian"]


class Consent(Record):
    """One consent. `detail` says what it is bound to (a bank's code), nothing personal."""

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    draft_id: Mapped[str] = mapped_column(String(ID_LENGTH), index=True)
    application_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    text_version: Mapped[str] = mapped_column(String(32))
    text_sha256: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


def give_consent(
    records: Records,
    *,
    consent_id: str,
    account: str,
    draft_id: str,
    kind: Kind,
    text_version: str,
    text: str,
    locale: str,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> Consent:
    """Store a consent to `text`, as it was shown.

    A later one of the same kind in the same draft takes the place of the earlier: handing over
    to another bank withdraws the first bank's.
    """
    withdraw_consents(records, draft_id, now, kind=kind)
    consent = Consent(
        id=consent_id,
        account_key=account,
        draft_id=draft_id,
        kind=kind,
        text_version=text_version,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        locale=locale,
        detail=dict(detail or {}),
        given_at=now,
    )
    records.add(consent)
    records.flush()
    return consent


def withdraw_consents(
    records: Records, draft_id: str, now: datetime, *, kind: Kind | None = None
) -> int:
    """Withdraw what a draft's person agreed to, all of it or one kind. Returns how many."""
    held = [Consent.draft_id == draft_id, Consent.withdrawn_at.is_(None)]
    if kind is not None:
        held.append(Consent.kind == kind)
    gone = update(Consent).where(*held).values(withdrawn_at=now).returning(Consent.id)
    return len(records.scalars(gone).all())


def consents_of(records: Records, draft_id: str) -> list[Consent]:
    """The consents in force of a draft, the earliest first."""
    held = select(Consent).where(Consent.draft_id == draft_id, Consent.withdrawn_at.is_(None))
    return list(records.scalars(held.order_by(Consent.given_at, Consent.kind)).all())


def keep_consents(records: Records, draft_id: str, application_id: str) -> None:
    """At submit: a draft's consents, the withdrawn ones too, become the application's."""
    mine = update(Consent).where(Consent.draft_id == draft_id)
    records.execute(mine.values(application_id=application_id))
