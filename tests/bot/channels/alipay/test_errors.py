"""Every row of Alipay's table of codes, by name, and what a sender is told of each."""

from __future__ import annotations

import pytest

from bot.channels.alipay.circuit import Circuit
from bot.channels.alipay.errors import SUB_CODES, GatewayError, Kind, kind_of
from bot.channels.alipay.remedies import remedy

# code, sub_code, kind, what a sender is told, whether an operator is called
ROWS: list[tuple[str, str, Kind, str, bool]] = [
    ("20000", "isp.unknow-error", Kind.AWAY, "unknown", False),
    ("20000", "aop.unknow-error", Kind.AWAY, "unknown", False),
    ("20000", "", Kind.AWAY, "unknown", False),
    ("40004", "ACQ.SYSTEM_ERROR", Kind.AWAY, "unknown", False),
    ("20001", "aop.invalid-auth-token", Kind.USER_TOKEN, "bug", False),
    ("20001", "aop.auth-token-time-out", Kind.USER_TOKEN, "bug", False),
    ("20001", "aop.invalid-app-auth-token", Kind.APP_TOKEN, "account", True),
    ("20001", "aop.invalid-app-auth-token-no-api", Kind.APP_TOKEN, "account", True),
    ("20001", "aop.app-auth-token-time-out", Kind.APP_TOKEN, "account", True),
    ("20001", "aop.no-product-reg-by-partner", Kind.APP_TOKEN, "account", True),
    ("40001", "isv.missing-method", Kind.BUG, "bug", True),
    ("40001", "isv.missing-signature", Kind.BUG, "bug", True),
    ("40001", "isv.missing-signature-type", Kind.BUG, "bug", True),
    ("40001", "isv.missing-timestamp", Kind.BUG, "bug", True),
    ("40001", "isv.missing-version", Kind.BUG, "bug", True),
    ("40001", "isv.missing-something-new", Kind.BUG, "bug", True),
    ("40001", "isv.missing-signature-key", Kind.CONFIGURATION, "account", True),
    ("40001", "isv.missing-app-id", Kind.CONFIGURATION, "account", True),
    ("40001", "isv.missing-encrypt-key", Kind.CONFIGURATION, "account", True),
    ("40001", "isv.missing-default-signature-type", Kind.CONFIGURATION, "account", True),
    ("40001", "isv.missing-app-cert-sn", Kind.CONFIGURATION, "account", True),
    ("40001", "isv.missing-alipay-root-cert-sn", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.invalid-signature", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.invalid-app-id", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.app-cert-expired", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.app-cert-not-exist", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.not-online-app", Kind.CONFIGURATION, "account", True),
    ("40002", "isv.invalid-timestamp", Kind.CLOCK, "account", True),
    ("40002", "isv.invalid-charset", Kind.BUG, "bug", False),
    ("40002", "isv.invalid-parameter", Kind.BUG, "bug", False),
    ("40002", "isv.illegal-json", Kind.BUG, "bug", False),
    ("40002", "isv.suspected-attack", Kind.BUG, "bug", False),
    ("40002", "isv.forbidden-api", Kind.RIGHTS, "account", True),
    ("40002", "isv.code-invalid", Kind.LOGIN, "bug", False),
    ("40002", "isv.refresh-token-invalid", Kind.LOGIN, "bug", False),
    ("40002", "isv.refresh-token-time-out", Kind.LOGIN, "bug", False),
    ("40002", "isv.refreshed-token-invalid", Kind.LOGIN, "bug", False),
    ("40002", "isv.unmatched-app-id", Kind.LOGIN, "bug", False),
    ("40002", "isv.grant-type-invalid", Kind.BUG, "bug", False),
    ("40003", "isv.invalid-app-state", Kind.CONFIGURATION, "account", True),
    ("40003", "isv.invalid-auth-relations", Kind.CONFIGURATION, "account", True),
    ("40003", "isv.missing-signature-config", Kind.CONFIGURATION, "account", True),
    ("40004", "PUB.MSG_BATCH_SD_OVER", Kind.QUOTA, "quota", False),
    ("40004", "MSG_SD_OVER_TIME", Kind.WINDOW, "window", False),
    ("40004", "MSG_TEMPLATE_NOT_EXIST", Kind.BUG, "bug", False),
    ("40004", "3002", Kind.BUG, "bug", False),
    ("40004", "11011", Kind.PERSON, "permanent", False),
    ("40004", "FORM_ID_OVER_TIME", Kind.PERSON, "permanent", False),
    ("40004", "FORM_ID_NOT_MATCH_APPID", Kind.PERSON, "permanent", False),
    ("40004", "TRADE_NO_NOT_MATCH_USERID", Kind.PERSON, "permanent", False),
    ("40004", "USER_TEMPLATE_ILLEGAL", Kind.BUG, "bug", False),
    ("40004", "USER_TEMPLATE_LACK_KEYWORD", Kind.BUG, "bug", False),
    ("40004", "USER_KEYWORD_LENGTH_ERROR", Kind.BUG, "bug", False),
    ("40004", "CERTIFY_ID_EXPIRED", Kind.EXPIRED, "bug", False),
    ("40004", "PUB.SOMETHING_ELSE", Kind.REFUSED, "permanent", False),
    ("40005", "isv.app-call-limited", Kind.RATE, "transient", False),
    ("40005", "isv.method-call-limited", Kind.RATE, "transient", False),
    ("40005", "", Kind.RATE, "transient", False),
    ("40006", "isv.insufficient-isv-permissions", Kind.RIGHTS, "account", True),
    ("40006", "isv.insufficient-user-permissions", Kind.RIGHTS, "account", True),
    ("40006", "isv.self-invoke-forbidden", Kind.RIGHTS, "account", True),
    ("48888", "isv.whatever", Kind.REFUSED, "permanent", False),
    ("30000", "whatever", Kind.UNLISTED, "unknown", False),
    ("", "", Kind.UNLISTED, "unknown", False),
]


def error(code: str, sub_code: str) -> GatewayError:
    return GatewayError.of_answer({"code": code, "sub_code": sub_code})


@pytest.mark.parametrize(("code", "sub_code", "kind", "reason", "alarm"), ROWS)
def test_a_code_is_of_its_kind(
    code: str, sub_code: str, kind: Kind, reason: str, alarm: bool
) -> None:
    fault = error(code, sub_code)
    assert fault.kind is kind
    assert fault.as_send_error().reason == reason
    assert Circuit().judge(fault).alarms is alarm
    if alarm:
        assert remedy(fault)


def test_every_listed_sub_code_is_tried() -> None:
    tried = {sub_code.split(".")[-1].lower().replace("_", "-") for _, sub_code, *_ in ROWS}
    listed = {sub_code for listed in SUB_CODES.values() for sub_code in listed}
    left = listed - tried - {"system-error", "service-unavailable", "invalid-alipay-root-cert-sn"}
    assert left == set()


@pytest.mark.parametrize(
    "spelt",
    [
        "isv.invalid-signature",
        "invalid-signature",
        "INVALID_SIGNATURE",
        "isv.invalid_signature",
        "isv.invalid-signatrue",
        " isv.invalid-signature ",
    ],
)
def test_a_sub_code_is_known_with_or_without_its_prefix_and_misspelt(spelt: str) -> None:
    assert kind_of("40002", spelt) is Kind.CONFIGURATION


def test_likeness_does_not_make_one_of_two_codes() -> None:
    assert kind_of("20001", "invalid-auth-token") is Kind.USER_TOKEN
    assert kind_of("20001", "invalid-app-auth-token") is Kind.APP_TOKEN
    assert kind_of("40004", "3003") is Kind.REFUSED
    assert kind_of("40002", "isv.invalid-order") is Kind.BUG


def test_a_city_knows_better() -> None:
    known = {"PUB.NOT_FOLLOW": Kind.PERSON, "isv.unknow-error": Kind.WINDOW}
    assert kind_of("40004", "not-follow", known) is Kind.PERSON
    assert kind_of("20000", "aop.unknow-error", known) is Kind.WINDOW
    assert kind_of("40004", "not-follow") is Kind.REFUSED


def test_a_full_minute_is_waited_for_a_full_quota_of_calls() -> None:
    assert error("40005", "isv.app-call-limited").as_send_error().wait == 60.0


def test_nothing_but_its_codes_is_kept_of_an_answer() -> None:
    told = {"code": "40004", "sub_code": "PUB.X 陈国强", "sub_msg": "13900000001", "msg": "m"}
    fault = GatewayError.of_answer(told)
    assert fault.detail == "40004 PUB.X"
    assert "陈" not in f"{fault!r} {fault} {fault.sub_code}"


@pytest.mark.parametrize("code", [None, 40004, [], {"a": 1}, "4" * 500])
def test_codes_of_any_shape_are_read(code: object) -> None:
    fault = GatewayError.of_answer({"code": code, "sub_code": code})
    assert len(fault.code) <= 64
    assert isinstance(fault.kind, Kind)
