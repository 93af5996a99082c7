"""Every table at once: importing this module makes `Record.metadata` complete."""

from __future__ import annotations

from models import (
    access_tokens,
    applications,
    audit,
    card_moves,
    consents,
    documents,
    drafts,
    jobs,
    notices,
    one_time_codes,
    passes,
    people,
    platform_ids,
    returns,
    second_factors,
    sign_in_tries,
    staff,
    tickets,
    turns,
)
from models.records import Record

MODULES = (
    access_tokens,
    applications,
    audit,
    card_moves,
    consents,
    documents,
    drafts,
    jobs,
    notices,
    one_time_codes,
    passes,
    people,
    platform_ids,
    returns,
    second_factors,
    sign_in_tries,
    staff,
    tickets,
    turns,
)
METADATA = Record.metadata
