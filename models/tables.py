"""Every table at once: importing this module makes `Record.metadata` complete."""

from __future__ import annotations

from models import (
    access_tokens,
    applications,
    audit,
    audit_chain,
    card_moves,
    consents,
    content,
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
from models.handover import batches, replies
from models.push import answers, campaigns, counts, days, deliveries, systems, templates
from models.records import Record
from models.review import decisions, items, places, rounds, together

MODULES = (
    access_tokens,
    answers,
    applications,
    audit,
    audit_chain,
    batches,
    campaigns,
    card_moves,
    consents,
    content,
    counts,
    days,
    decisions,
    deliveries,
    documents,
    drafts,
    items,
    jobs,
    notices,
    one_time_codes,
    passes,
    people,
    places,
    platform_ids,
    replies,
    returns,
    rounds,
    second_factors,
    sign_in_tries,
    staff,
    systems,
    templates,
    tickets,
    together,
    turns,
)
METADATA = Record.metadata
