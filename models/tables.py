"""Every table at once: importing this module makes `Record.metadata` complete."""

from __future__ import annotations

from models import (
    applications,
    audit,
    consents,
    documents,
    drafts,
    jobs,
    notices,
    one_time_codes,
    people,
    tickets,
    turns,
)
from models.records import Record

MODULES = (
    applications,
    audit,
    consents,
    documents,
    drafts,
    jobs,
    notices,
    one_time_codes,
    people,
    tickets,
    turns,
)
METADATA = Record.metadata
