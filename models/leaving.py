"""What is forgotten of an account that was closed, or that has left for long.

Applications, consents and the audit trail stay, as the law wants it; so do the account's own key
and the tickets that staff work on.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session as Records

from models.application_states import CLOSED
from models.applications import Application
from models.documents import release_documents
from models.drafts import DraftRow, end_draft, open_drafts
from models.notices import UNDELIVERED, Notice
from models.people import Account, Holder
from models.push.answers import PushAnswer


def hold_sends(records: Records, account: str) -> int:
    """What was about to be sent into a chat that is gone waits for a visit. Returns how many."""
    mine = (Notice.account_key == account, Notice.kind == "chat", Notice.state == "queued")
    held = update(Notice).where(*mine).values(state="parked", reason="left")
    return len(records.scalars(held.returning(Notice.id)).all())


def forget_account(records: Records, account: Account, now: datetime) -> None:
    """Whose the account is, for whom it acts, what it half filled, what waited for it, and what it
    said to campaigns: nothing of those goes to it any more."""
    _forget_words(records, account)
    account.let_go()
    account.subscription_credits = {}
    account.announcements_since, account.stopped_at = None, now
    records.execute(delete(Holder).where(Holder.account_id == account.id))
    for draft in open_drafts(records, account.key, now):
        end_draft(records, draft.id, "cancelled", now)
        release_documents(records, draft.id, now)
    # An SMS goes to a phone, which is nobody's account.
    waiting = (Notice.account_key == account.key, Notice.state.in_(UNDELIVERED))
    records.execute(delete(Notice).where(*waiting, Notice.kind != "sms"))
    records.flush()


def _forget_words(records: Records, account: Account) -> None:
    """What was said to campaigns in words of one's own; not while another account of the same
    person is there: it is theirs as well."""
    others = select(Account.id).where(
        Account.recipient == account.recipient, Account.id != account.id
    )
    theirs = update(PushAnswer).where(PushAnswer.recipient == account.recipient, ~others.exists())
    records.execute(theirs.values(text=None).execution_options(synchronize_session=False))


def forget_left(records: Records, before: datetime, now: datetime, limit: int = 100) -> int:
    """Forget accounts that left before `before` and wait for no card. Returns how many.

    Once only: `left_at` is empty afterwards, until they come back and leave again. Of several that
    do this at once each takes others.
    """
    gone = (
        select(Account)
        .where(Account.followed.is_(False), Account.left_at <= before, ~_waits_for_a_card())
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    accounts = list(records.scalars(gone).all())
    for account in accounts:
        forget_account(records, account, now)
        records.execute(delete(DraftRow).where(DraftRow.account_key == account.key))
        account.left_at = None
    records.flush()
    return len(accounts)


def _waits_for_a_card() -> ColumnElement[bool]:
    """An application is open that the account handed in, or that is of whom it is bound to."""
    of_theirs = or_(
        Application.account_key == Account.key, Application.holder_id == Account.person_id
    )
    return exists().where(of_theirs, Application.state.not_in([s.value for s in CLOSED]))
