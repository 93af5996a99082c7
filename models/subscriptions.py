"""Whether an account may be written to: that it follows us, and how many messages of each template
its person allowed (WeChat's and Alipay's subscriptions).

A message that was allowed is used before it is sent, by whoever holds the account's row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.people import Account, account_of


def follow(records: Records, account: str, now: datetime) -> None:
    """The account follows us: again, or for the first time."""
    row = account_of(records, account, now)
    row.followed, row.left_at = True, None
    records.flush()


def leave(records: Records, account: str, now: datetime) -> None:
    """The account follows us no more: nothing is sent, and its subscriptions are void."""
    row = account_of(records, account, now)
    if row.followed:
        row.left_at = now
    row.followed, row.subscription_credits = False, {}
    records.flush()


def add_credits(records: Records, account: str, accepted: Mapping[str, int], now: datetime) -> None:
    """The person allowed so many messages of each template (by its id at the platform)."""
    account_of(records, account, now)
    row = _locked(records, account)
    assert row is not None  # noqa: S101 - made or found just now
    held = dict(row.subscription_credits)
    for template, count in accepted.items():
        held[template] = held.get(template, 0) + count
    row.subscription_credits = held
    records.flush()


def drop_credits(records: Records, account: str, templates: Iterable[str]) -> None:
    """The person allows no more messages of these templates."""
    row = _locked(records, account)
    if row is not None:
        gone = set(templates)
        row.subscription_credits = {
            template: left
            for template, left in row.subscription_credits.items()
            if template not in gone
        }
        records.flush()


def take_credit(records: Records, account: str, template: str) -> bool:
    """Use up one of the messages the person allowed. False when none is left."""
    row = _locked(records, account)
    taken = row is not None and use_credit(row, template)
    records.flush()
    return taken


def hold_credits(records: Records, accounts: Collection[str]) -> dict[str, Account]:
    """The accounts of these keys as they stand now, their credits ours alone until the end of the
    transaction: locked in one order, by one statement, however many they are."""
    if not accounts:
        return {}
    theirs = select(Account).where(Account.key.in_(accounts)).order_by(Account.key)
    locked = theirs.with_for_update().execution_options(populate_existing=True)
    return {row.key: row for row in records.scalars(locked)}


def use_credit(held: Account, template: str) -> bool:
    """The same as `take_credit` of an account that is held. Written with the transaction."""
    left = held.subscription_credits.get(template, 0)
    if left < 1:
        return False
    held.subscription_credits = {**held.subscription_credits, template: left - 1}
    return True


def _locked(records: Records, account: str) -> Account | None:
    """The account as it stands now, its credits ours alone until the end of the transaction."""
    locked = select(Account).where(Account.key == account).with_for_update()
    return records.scalar(locked.execution_options(populate_existing=True))
