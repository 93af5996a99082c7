"""The end of a draft that becomes no application: its row ends, its photos go, at once."""

from __future__ import annotations

from typing import Any

from bot.dialogue.state import Draft
from models.documents import release_documents
from models.drafts import end_draft, matter_of_draft
from models.notices import fold


def drop(turn: Any, draft: Draft) -> None:
    """In the records; the session's draft is the caller's."""
    drop_by_id(turn, draft.id)


def drop_by_id(turn: Any, draft_id: str) -> None:
    """The same for a draft of which only the records know."""
    end_draft(turn.records, draft_id, "cancelled", turn.now)
    release_documents(turn.records, draft_id, turn.now)
    fold(turn.records, str(turn.account), matter_of_draft(draft_id))


def give_up(turn: Any, draft: Draft) -> None:
    """There is nothing to apply for: 继续 must not lead past the reason again."""
    drop(turn, draft)
    turn.session.drafts.pop(draft.form, None)
    turn.session.talk = ""
