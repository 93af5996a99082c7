"""Codes and grants of people: whose code it is, and what a grant lets the app see of them.

Source: opendocs.alipay.com, alipay.system.oauth.token and alipay.user.info.share.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from sqlite3 import Row
from typing import Any

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.asked import Asked
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.refusals import Refusal, invalid
from bot.simulator.alipay.sends import DONE

CODE_SECONDS = 24 * 3600.0
TOKEN_SECONDS, REFRESH_SECONDS = 3600, 30 * 24 * 3600
SCOPES = ("auth_base", "auth_user")


def code(account: AlipayAccount, person: Person, scope: str = "auth_base") -> str:
    """What `my.getAuthCode` gives the mini program."""
    drawn = secrets.token_hex(16)
    account.store.write(
        "INSERT INTO codes VALUES(?, 'auth', ?, ?, ?, 0)",
        drawn,
        person.name,
        scope,
        account.clock.seconds(),
    )
    return drawn


def form_id(account: AlipayAccount, person: Person) -> str:
    """What the mini program gets when a form is sent in."""
    drawn = secrets.token_hex(16)
    account.store.write(
        "INSERT INTO codes VALUES(?, 'form', ?, '', ?, 0)",
        drawn,
        person.name,
        account.clock.seconds(),
    )
    return drawn


def token(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`alipay.system.oauth.token`: for a code, or to renew. Raises `Refusal`."""
    grant = asked.params.get("grant_type", "")
    if grant == "authorization_code":
        row = _used(account, asked.params.get("code", ""))
        return _granted(account, row["openid"], row["phone"])
    if grant == "refresh_token":
        old = _renewed(account, asked.params.get("refresh_token", ""))
        return _granted(account, old["name"], old["scope"])
    raise Refusal("40002", "isv.grant-type-invalid")


def _used(account: AlipayAccount, given: str) -> Row:
    with account.store.lock():
        row = account.store.row("SELECT * FROM codes WHERE code = ? AND sort = 'auth'", given)
        fresh = row and row["at"] + CODE_SECONDS >= account.clock.seconds()
        if row is None or not fresh or row["used"]:
            raise Refusal("40002", "isv.code-invalid")
        account.store.write("UPDATE codes SET used = 1 WHERE code = ?", given)
    return row


def _renewed(account: AlipayAccount, given: str) -> Row:
    with account.store.lock():
        row = account.store.row("SELECT * FROM alipay_grants WHERE refresh = ?", given)
        if row is None:
            raise Refusal("40002", "isv.refresh-token-invalid")
        if row["at"] + REFRESH_SECONDS < account.clock.seconds():
            raise Refusal("40002", "isv.refresh-token-time-out")
        account.store.write("DELETE FROM alipay_grants WHERE refresh = ?", given)
    return row


def _granted(account: AlipayAccount, name: str, scope: str) -> Mapping[str, Any]:
    """The success has no `code` of its own."""
    access, refresh = f"auth{secrets.token_hex(18)}", f"auth{secrets.token_hex(18)}"
    now = account.clock.seconds()
    account.store.write(
        "INSERT INTO alipay_grants VALUES(?, ?, ?, ?, ?)", access, refresh, name, scope, now
    )
    begun = account.clock().strftime("%Y-%m-%d %H:%M:%S")
    return {
        "access_token": access,
        "auth_start": begun,
        "expires_in": TOKEN_SECONDS,
        "re_expires_in": REFRESH_SECONDS,
        "refresh_token": refresh,
        **ids_of(account, account.people.meet(name)),
    }


def ids_of(account: AlipayAccount, person: Person) -> dict[str, str]:
    """An app that has gone over to open ids is told no user id any more."""
    both = {"user_id": person.user_id, "open_id": person.open_id}
    return both if account.habits.ids == "both" else {account.habits.ids: both[account.habits.ids]}


def shared(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`alipay.user.info.share`: the person behind an access token. Raises `Refusal`."""
    given = asked.params.get("auth_token", "")
    row = account.store.row("SELECT * FROM alipay_grants WHERE token = ?", given)
    if row is None:
        raise Refusal("20001", "aop.invalid-auth-token")
    if row["at"] + TOKEN_SECONDS < account.clock.seconds():
        raise Refusal("20001", "aop.auth-token-time-out")
    if row["scope"] != "auth_user":
        raise Refusal("40006", "isv.insufficient-user-permissions")
    person = account.people.meet(row["name"])
    told = {**ids_of(account, person), **_identity(account, person)}
    return {**DONE, **told, "nick_name": "支付宝用户"}


def _identity(account: AlipayAccount, person: Person) -> dict[str, str]:
    """Name and number, for who was approved for them and where the person has some."""
    row = account.store.row("SELECT value FROM facts WHERE name = ?", f"identity {person.name}")
    if row is None or not account.rights.tells_identity:
        return {}
    name, _, number = row["value"].partition(" ")
    return {"user_name": name, "cert_type": "0", "cert_no": number}


def keep_identity(account: AlipayAccount, person: Person, name: str, number: str) -> None:
    """Who the person is by the platform's own check of their papers."""
    if not name or not number or " " in name:
        raise invalid()
    account.store.write(
        "INSERT OR REPLACE INTO facts VALUES(?, ?)", f"identity {person.name}", f"{name} {number}"
    )
