"""Consents are kept with their text; a later one of the same kind withdraws the earlier."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.consents import Consent, Kind, consents_of, give_consent, withdraw_consents
from models.database import Database
from tests.models.making import ACCOUNT, MINUTE, NOW, new_id

DRAFT = "d" * 32


def _give(records: Records, kind: Kind, minute: int = 0, **detail: str) -> Consent:
    return give_consent(
        records,
        consent_id=new_id(),
        account=ACCOUNT,
        draft_id=DRAFT,
        kind=kind,
        text_version="2026-11",
        text=f"告知 {kind}",
        locale="zh_CN",
        detail=detail,
        now=NOW + minute * MINUTE,
    )


def test_a_consent_names_its_text_by_version_and_digest(database: Database) -> None:
    with database.writing() as records:
        _give(records, "general")
    with database.reading() as records:
        (consent,) = consents_of(records, DRAFT)
    assert consent.text_version == "2026-11"
    assert consent.text_sha256 == hashlib.sha256("告知 general".encode()).hexdigest()
    assert (consent.given_at, consent.withdrawn_at) == (NOW, None)


def test_each_kind_is_given_apart(database: Database) -> None:
    with database.writing() as records:
        _give(records, "general")
        _give(records, "sensitive", 1)
        _give(records, "handing_over", 2, bank="CCB")
    with database.reading() as records:
        kinds = [consent.kind for consent in consents_of(records, DRAFT)]
    assert kinds == ["general", "sensitive", "handing_over"]


def test_handing_over_to_another_bank_withdraws_the_first(database: Database) -> None:
    with database.writing() as records:
        _give(records, "general")
        first = _give(records, "handing_over", 1, bank="CCB")
        _give(records, "handing_over", 2, bank="ABC")
    with database.reading() as records:
        assert [c.detail for c in consents_of(records, DRAFT)] == [{}, {"bank": "ABC"}]
        earlier = records.scalars(select(Consent).where(Consent.id == first.id)).one()
    assert earlier.withdrawn_at == NOW + 2 * MINUTE


def test_all_can_be_withdrawn_at_once_and_stay_on_record(database: Database) -> None:
    with database.writing() as records:
        _give(records, "general")
        _give(records, "sensitive")
        assert withdraw_consents(records, DRAFT, NOW + MINUTE) == 2
        assert withdraw_consents(records, DRAFT, NOW + MINUTE) == 0
    with database.reading() as records:
        assert consents_of(records, DRAFT) == []
        assert len(records.scalars(select(Consent)).all()) == 2
