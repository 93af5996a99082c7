"""The webhook over HTTP, called by wechatpy's cipher."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from bot.channels.wechat.codec import Mode
from bot.channels.wechat.views import wechat_views
from bot.dialogue.messages import AccountKey, Link, Option, Reply, Update
from tests.bot.channels.wechat.pushes import (
    NONCE,
    OPENID,
    SERVICE,
    codec,
    fields,
    plain_args,
    seal,
    text_push,
    unseal,
    xml,
)

_APOLOGY = "系统忙，请稍后再发一次。"


class _Remembered:
    """`Nonces` in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def admits(self, stamp: str, digest: str, seconds: int) -> bool:
        assert seconds > 1200, "at least twice the freshness window"
        return self.held.setdefault(stamp, digest) == digest


class _Webhook:
    """A web application with nothing but the webhook, and what it took and counted."""

    def __init__(
        self,
        mode: Mode = "safe",
        take: Callable[[Update], Reply | None] | None = None,
        late: bool = False,
    ) -> None:
        self.taken: list[Update] = []
        self.counted: list[str] = []
        self.unread: list[str] = []
        self.sent: list[tuple[str, Reply]] = []
        self._take = take or (lambda update: Reply(f"收到：{update.text}"))
        app = Flask(__name__)
        app.register_blueprint(
            wechat_views(
                codec(mode),
                self._remember,
                nonces=_Remembered(),
                apology=_APOLOGY,
                site="https://card.example",
                count=self.counted.append,
                count_unread=self.unread.append,
                late=self._send if late else None,
            )
        )
        self.web: FlaskClient = app.test_client()

    def _remember(self, update: Update) -> Reply | None:
        self.taken.append(update)
        return self._take(update)

    def _send(self, account: AccountKey, reply: Reply) -> None:
        self.sent.append((account.user, reply))

    def push(self, body: bytes, args: dict[str, str], path: str = "/wechat") -> tuple[int, bytes]:
        answer = self.web.post(path, data=body, query_string=args, content_type="text/xml")
        return answer.status_code, answer.data


def test_a_sealed_text_gets_a_sealed_reply() -> None:
    webhook = _Webhook()
    status, answer = webhook.push(*seal(text_push("你好")))
    assert status == 200
    said = unseal(answer)
    assert f"<ToUserName><![CDATA[{OPENID}]]></ToUserName>" in said
    assert f"<FromUserName><![CDATA[{SERVICE}]]></FromUserName>" in said
    assert "<Content><![CDATA[收到：你好]]></Content>" in said


@pytest.mark.parametrize("path", ["/wechat", "/wechat/"])
def test_no_form_of_the_address_is_redirected(path: str) -> None:
    webhook = _Webhook("plain")
    assert webhook.push(text_push(), plain_args(), path)[0] == 200
    answer = webhook.web.get(path, query_string={**plain_args(), "echostr": "77"})
    assert (answer.status_code, answer.data) == (200, b"77")


def test_the_echo_is_never_a_page() -> None:
    args = {**plain_args(), "echostr": "<script>"}
    answer = _Webhook().web.get("/wechat", query_string=args)
    assert answer.data == b"<script>"
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unsigned_check_is_refused() -> None:
    webhook = _Webhook()
    assert webhook.web.get("/wechat", query_string={"echostr": "1"}).status_code == 403
    assert webhook.web.get("/wechat").data == b""


def test_a_wrong_signature_is_refused_without_a_reason() -> None:
    webhook = _Webhook()
    body, args = seal(text_push())
    assert webhook.push(body, {**args, "msg_signature": "0" * 40}) == (403, b"")
    assert webhook.taken == []


def test_a_plain_push_is_refused_where_safe_mode_is_set() -> None:
    webhook = _Webhook("safe")
    assert webhook.push(text_push(), plain_args())[0] == 403
    assert webhook.taken == []


def test_an_oversized_body_is_refused() -> None:
    webhook = _Webhook()
    assert webhook.push(b"<" + b"x" * 300_000, plain_args())[0] == 413
    assert webhook.counted == ["size"]


@pytest.mark.parametrize("body", [b"", b"hello", b"<xml>", b"<!DOCTYPE xml><xml/>", b"{", b"\xff<"])
def test_what_cannot_be_read_after_a_good_signature_is_acknowledged(body: bytes) -> None:
    webhook = _Webhook("plain")
    assert webhook.push(body, plain_args()) == (200, b"success")
    assert len(webhook.counted) == 1


def test_an_event_nobody_answers_is_acknowledged() -> None:
    webhook = _Webhook()
    event = xml(fields("event", Event="VIEW", EventKey="https://card.example/progress"))
    assert webhook.push(*seal(event)) == (200, b"success")
    assert webhook.taken == []


def test_a_sender_that_no_platform_names_is_acknowledged() -> None:
    webhook = _Webhook()
    assert webhook.push(*seal(text_push(FromUserName="a:b"))) == (200, b"success")
    assert (webhook.taken, webhook.counted) == ([], ["account"])


def test_nothing_to_say_is_acknowledged() -> None:
    webhook = _Webhook(take=lambda update: None)
    assert webhook.push(*seal(text_push())) == (200, b"success")
    assert len(webhook.taken) == 1


def test_a_failing_turn_is_answered_with_an_apology_and_logged_without_its_words() -> None:
    def fail(update: Update) -> Reply:
        raise RuntimeError(f"cannot read {update.text}")

    webhook = _Webhook(take=fail)
    with capture_logs() as logged:
        status, answer = webhook.push(*seal(text_push("我叫陈国强")))
    assert status == 200
    assert _APOLOGY in unseal(answer)
    assert webhook.counted == ["failed"]
    (entry,) = logged
    assert entry["fault"] == "RuntimeError"
    assert "test_views.py" in entry["at"], "where it failed"
    assert "陈国强" not in str(entry)


def test_choices_and_links_are_shown_as_text() -> None:
    reply = Reply(
        "要办什么？",
        (Option("1", "办卡"), Option("2", "查进度")),
        links=(Link("/privacy", "告知"),),
        footer="0 返回 · 9 人工",
    )
    webhook = _Webhook("plain", take=lambda update: reply)
    _, answer = webhook.push(text_push(), plain_args())
    assert (
        "要办什么？\n1 办卡\n2 查进度\n"
        '<a href="https://card.example/privacy">告知</a>\n0 返回 · 9 人工'
    ) in answer.decode()


def test_a_captured_signature_cannot_carry_another_body() -> None:
    webhook = _Webhook("plain")
    webhook.push(text_push("确认"), plain_args())
    forged = webhook.push(text_push("取消", MsgId="2"), plain_args())
    assert forged == (200, b"success")
    assert [update.text for update in webhook.taken] == ["确认"]
    assert webhook.counted == ["replay"]


def test_the_platforms_own_repeat_reaches_the_turn() -> None:
    webhook = _Webhook("plain")
    again = [webhook.push(text_push("确认"), plain_args()) for _ in range(2)]
    again.append(webhook.push(text_push("确认"), plain_args(nonce=NONCE + "1")))
    assert len(set(again)) == 1, "the same answer"
    assert len({update.id for update in webhook.taken}) == 1, "under one key"


def test_a_stale_push_changes_nothing() -> None:
    webhook = _Webhook()
    old = int(codec()._clock().timestamp()) - 601
    assert webhook.push(*seal(text_push(), seconds=old)) == (200, b"success")
    assert webhook.taken == []
    assert webhook.counted == ["stale"]


# --- the desk, and platforms that want no passive answer ----------------------------------------


@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_a_reply_for_the_desk_hands_the_chat_over(mode: Mode) -> None:
    webhook = _Webhook(mode, take=lambda update: Reply("请打 12333。", desk=True))
    body, args = (text_push(), plain_args()) if mode == "plain" else seal(text_push())
    _, answer = webhook.push(body, args)
    said = answer.decode() if mode == "plain" else unseal(answer)
    assert "<MsgType><![CDATA[transfer_customer_service]]></MsgType>" in said
    assert "12333" not in said


@pytest.mark.parametrize("answer", [Reply("您好"), Reply("9", desk=True), None])
def test_where_no_passive_answer_is_wanted_what_is_still_said_goes_late(
    answer: Reply | None,
) -> None:
    webhook = _Webhook(take=lambda update: answer, late=True)
    assert webhook.push(*seal(text_push())) == (200, b"success")
    assert webhook.sent == ([(OPENID, answer)] if answer else [])


def test_where_no_passive_answer_is_wanted_a_failure_is_apologised_for_late() -> None:
    def fail(update: Update) -> Reply:
        raise RuntimeError

    webhook = _Webhook(take=fail, late=True)
    assert webhook.push(*seal(text_push())) == (200, b"success")
    assert webhook.sent == [(OPENID, Reply(_APOLOGY))]
    assert webhook.counted == ["failed"]


def test_what_nobody_reads_is_counted_by_name() -> None:
    webhook = _Webhook()
    for name in ("VIEW", "LOCATION", "an_event_of_the_future"):
        webhook.push(*seal(xml(fields("event", Event=name))))
    webhook.push(*seal(xml(fields("miniprogrampage", Title="x"))))
    assert webhook.unread == ["view", "location", "other", "miniprogrampage"]
    assert webhook.counted == ["acknowledged"] * 3
