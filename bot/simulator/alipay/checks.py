"""The platform's check that somebody is who they say: begun by the app, done on a page, asked for.

Source: opendocs.alipay.com, alipay.user.certify.open.initialize, …certify, …query. How long a
check is good is not published; a day is ours.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, render_template

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.asked import Asked
from bot.simulator.alipay.fields import Biz, part, text
from bot.simulator.alipay.refusals import business, invalid
from bot.simulator.alipay.sends import DONE

CERTIFY = "alipay.user.certify.open.certify"
BIZ_CODES = ("FACE", "SMART_FACE", "CERT_PHOTO", "CERT_PHOTO_FACE")
LIFE_SECONDS = 24 * 3600.0
PICTURE_BYTES = 1024 * 1024
FAILED = "人脸比对未通过"
_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)


def begin(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`…initialize`. Raises `Refusal`."""
    biz = asked.biz
    order = text(biz, "outer_order_no", 32)
    if text(biz, "biz_code") not in BIZ_CODES:
        raise invalid(detail="biz_code参数无效")
    who, config = part(biz, "identity_param"), part(biz, "merchant_config")
    _check_who(who)
    _check_picture(biz)
    if config.get("face_reserve_strategy", "reserve") not in ("reserve", "never"):
        raise invalid(detail="face_reserve_strategy参数无效")
    address = text(config, "return_url")
    with account.store.lock():
        if account.store.row("SELECT 1 FROM alipay_checks WHERE order_no = ?", order):
            raise invalid(detail="outer_order_no重复")
        id = secrets.token_hex(16)
        account.store.write(
            "INSERT INTO alipay_checks VALUES(?, ?, ?, ?, ?, '')",
            id,
            order,
            json.dumps({"name": who["cert_name"], "number": who["cert_no"]}, ensure_ascii=False),
            address,
            account.clock.seconds(),
        )
    return {**DONE, "certify_id": id}


def _check_who(who: Biz) -> None:
    if text(who, "identity_type") != "CERT_INFO" or text(who, "cert_type") != "IDENTITY_CARD":
        raise invalid(detail="identity_param参数无效")
    text(who, "cert_name", 32)
    if not _NUMBER.fullmatch(text(who, "cert_no")):
        raise invalid(detail="cert_no参数无效")


def _check_picture(biz: Biz) -> None:
    picture = biz.get("face_contrast_picture", "")
    try:
        raw = base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid(detail="face_contrast_picture参数无效") from error
    if len(raw) > PICTURE_BYTES:
        raise invalid(detail="face_contrast_picture参数无效")


def page_of(account: AlipayAccount, asked: Asked) -> Response:
    """`…certify`, which the person's browser calls: the way to the page. Raises `Refusal`."""
    id = text(asked.biz, "certify_id")
    _found(account, id)
    return Response(status=302, headers={"Location": f"/alipay/certify/{id}"})


def is_known(account: AlipayAccount, id: str) -> bool:
    """Whether this app began the check."""
    return account.store.row("SELECT 1 FROM alipay_checks WHERE id = ?", id) is not None


def page(account: AlipayAccount, id: str) -> str:
    """The page on which the person passes the check, or fails it. Raises `Refusal`."""
    row = _found(account, id)
    return render_template(
        "certify.html", id=id, passed=row["passed"], back=row["return_url"], title="身份验证"
    )


def decide(account: AlipayAccount, id: str, passed: str) -> None:
    """What came of it, once. Raises `Refusal`."""
    _found(account, id)
    if passed not in ("T", "F"):
        raise invalid()
    account.store.write(
        "UPDATE alipay_checks SET passed = ? WHERE id = ? AND passed = ''", passed, id
    )


def outcome(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`…query`: passed is F until the person passed. Raises `Refusal`."""
    row = _found(account, text(asked.biz, "certify_id"))
    passed = row["passed"] or "F"
    reason = {"fail_reason": FAILED} if row["passed"] == "F" else {}
    who = json.loads(row["asked"])
    told = json.dumps({"cert_name": who["name"], "cert_no": who["number"]}, ensure_ascii=False)
    identity = {"identity_info": told} if passed == "T" else {}
    return {**DONE, "passed": passed, **reason, **identity}


def _found(account: AlipayAccount, id: str) -> Any:
    row = account.store.row("SELECT * FROM alipay_checks WHERE id = ?", id)
    if row is None:
        raise invalid(detail="certify_id参数无效")
    if row["at"] + LIFE_SECONDS < account.clock.seconds():
        raise business("CERTIFY_ID_EXPIRED")
    return row
