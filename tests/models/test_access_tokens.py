"""Tokens: unknown, of another use, over, revoked; only their hash is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from models.access_tokens import (
    AccessToken,
    account_of_token,
    claim_token,
    forget_tokens,
    issue_token,
    new_token,
    renew_token,
    revoke_token,
    revoke_tokens_of,
)
from models.database import Database

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ME = "web:site:me"


def issued(database: Database, account: str = ME) -> str:
    with database.writing() as records:
        return issue_token(records, account=account, use="api", now=NOW, life=DAY)


def speaks_for(database: Database, token: str, at: datetime = NOW) -> str | None:
    with database.reading() as records:
        return account_of_token(records, token, "api", at)


def test_a_token_speaks_for_its_account_until_its_day_is_over(database: Database) -> None:
    token = issued(database)
    assert speaks_for(database, token, NOW + DAY - timedelta(seconds=1)) == ME
    assert speaks_for(database, token, NOW + DAY) is None


def test_a_token_of_another_use_or_an_unknown_one_speaks_for_nobody(database: Database) -> None:
    token = issued(database)
    with database.reading() as records:
        assert account_of_token(records, token, "web", NOW) is None
    for other in ("", "x" * 43, token[:-1], f"{token}x", "字" * 43):
        assert speaks_for(database, other) is None


def test_a_revoked_token_speaks_for_nobody_and_others_still_do(database: Database) -> None:
    first, second = issued(database), issued(database)
    with database.writing() as records:
        assert revoke_token(records, first, NOW)
        assert not revoke_token(records, first, NOW)
    assert speaks_for(database, first) is None
    assert speaks_for(database, second) == ME


def test_all_tokens_of_an_account_are_revoked_at_once_and_no_others(database: Database) -> None:
    mine, theirs = [issued(database), issued(database)], issued(database, "web:site:you")
    with database.writing() as records:
        assert revoke_tokens_of(records, ME, NOW) == 2
    assert [speaks_for(database, token) for token in (*mine, theirs)] == [
        None,
        None,
        "web:site:you",
    ]


def test_the_token_itself_is_not_kept(database: Database) -> None:
    token = issued(database)
    with database.reading() as records:
        row = records.scalars(select(AccessToken)).one()
        assert token not in (row.hash, row.account_key, row.use)


def test_what_is_over_is_deleted(database: Database) -> None:
    issued(database)
    with database.writing() as records:
        assert forget_tokens(records, NOW + DAY) == 0
        assert forget_tokens(records, NOW + 2 * DAY) == 1


# --- tokens that a browser had before anybody was behind them -----------------------------------


def claimed(database: Database, token: str, account: str, at: datetime = NOW) -> str | None:
    with database.writing() as records:
        return claim_token(records, token, account=account, use="web", now=at, life=DAY)


def test_a_token_is_claimed_once_and_speaks_for_who_was_first(database: Database) -> None:
    token = new_token()
    assert claimed(database, token, ME) == ME
    assert claimed(database, token, "web:site:other") == ME
    with database.reading() as records:
        assert account_of_token(records, token, "web", NOW) == ME


def test_a_token_that_was_revoked_or_is_over_cannot_be_claimed_again(database: Database) -> None:
    revoked, over = new_token(), new_token()
    for token in (revoked, over):
        claimed(database, token, ME)
    with database.writing() as records:
        revoke_token(records, revoked, NOW)
    assert claimed(database, revoked, ME) is None
    assert claimed(database, over, ME, NOW + DAY) is None


def test_claimed_at_the_same_moment_it_speaks_for_one(database: Database) -> None:
    token = new_token()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: claimed(database, token, f"web:site:{n}"), range(4)))
    assert len(set(found)) == 1


def test_who_comes_back_in_time_is_known_for_longer(database: Database) -> None:
    token = issued(database)
    with database.writing() as records:
        renew_token(records, token, NOW, NOW + 2 * DAY)
        renew_token(records, token, NOW + 3 * DAY, NOW + 9 * DAY)  # it is over by then
    assert speaks_for(database, token, NOW + DAY) == ME
    assert speaks_for(database, token, NOW + 3 * DAY) is None
