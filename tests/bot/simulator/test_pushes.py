"""What people send reaches the webhook as the platform would push it, and answers come back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask, Response
from werkzeug.serving import make_server

from bot.simulator.platform import FAULT_TEXT
from bot.simulator.server import QuietHandler, RunningSimulator
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import Webhook, listen, say

Run = Callable[..., RunningSimulator]


def test_a_text_is_pushed_and_its_reply_is_shown_in_every_mode(run: Run, any_mode: Webhook) -> None:
    any_mode.answer = say("您好：\n1 办卡\n2 查进度\n0 返回 · 9 人工")
    outcome = Phone(run(any_mode)).say("你好 ]> & 𠮷")
    pushed = any_mode.pushes[-1]
    assert (pushed.type, pushed.content) == ("text", "你好 ]> & 𠮷")
    assert outcome["update_id"] == str(pushed.id)
    assert outcome["attempts"] == 1
    (message,) = outcome["messages"]
    assert (message["from"], message["via"]) == ("bot", "passive")
    assert message["options"] == [{"key": "1", "label": "办卡"}, {"key": "2", "label": "查进度"}]


def test_safe_mode_shows_nothing_readable_on_the_wire(run: Run, webhook: Webhook) -> None:
    Phone(run(webhook)).say("hello-in-the-clear")
    assert b"hello-in-the-clear" not in webhook.bodies[-1]
    assert b"FromUserName" not in webhook.bodies[-1]


def test_compatible_mode_sends_both_halves(run: Run) -> None:
    webhook = Webhook(mode="compatible")
    stop = listen(webhook)
    Phone(run(webhook)).say("hello-in-the-clear")
    stop()
    assert b"hello-in-the-clear" in webhook.bodies[-1]
    assert b"<Encrypt>" in webhook.bodies[-1]


def test_who_is_new_follows_first(phone: Phone, webhook: Webhook) -> None:
    webhook.answer = say("欢迎")
    outcome = phone.say("你好")
    assert [p.type for p in webhook.pushes] == ["event", "text"]
    assert webhook.pushes[0].event == "subscribe"
    assert len(outcome["messages"]) == 1
    assert [m["kind"] for m in phone.read()] == ["event", "text", "text", "text"]


def test_every_kind_arrives_with_its_fields(phone: Phone, webhook: Webhook) -> None:
    phone.send(type="location", lat=25.0, lng=102.5, label="城东区和平路18号")
    phone.send(type="voice", recognition="我要办卡")
    phone.send(type="voice", recognition=None)
    phone.send(type="sticker")
    phone.send(type="event", event="CLICK", key="apply")
    phone.send(type="event", event="subscribe", key="7")
    phone.send(type="link", title="题", url="https://example.invalid/")
    phone.send(type="video")
    place, heard, unheard, sticker, click, scene, link, video = webhook.pushes[1:]
    assert (float(place.location_x), place.label) == (25.0, "城东区和平路18号")
    assert (heard.recognition, unheard.recognition) == ("我要办卡", None)
    assert sticker.type == "unknown"
    assert (click.event, click.key) == ("click", "apply")
    assert scene.scene_id == "7"
    assert (link.title, video.type) == ("题", "video")


def test_a_picture_can_be_fetched_by_its_media_id_only_with_a_token(
    phone: Phone, webhook: Webhook
) -> None:
    picture = b"\xff\xd8\xff\xe0 a picture"
    answer = requests.post(
        phone.url, files={"file": ("身份证.jpg", picture)}, data={"label": "人像面"}, timeout=5
    )
    assert answer.status_code == 200
    pushed = webhook.pushes[-1]
    url = f"{phone.simulator.url}/cgi-bin/media/get?media_id={pushed.media_id}"
    assert requests.get(url, timeout=5).json()["errcode"] == 41001
    assert requests.get(pushed.image, timeout=5).content == picture
    assert phone.read()[-1]["text"] == "人像面"


def test_three_deliveries_of_one_message_have_its_id_and_a_nonce_each(
    run: Run, webhook: Webhook
) -> None:
    phone = Phone(run(webhook, delivery_seconds=0.5))

    def slow(message: Any) -> str:
        if message.type == "text":
            time.sleep(0.8)
        return "success"

    webhook.answer = slow
    outcome = phone.say("你好")
    texts = webhook.pushes[1:]
    assert outcome["attempts"] == 3
    assert len({push.id for push in texts}) == 1
    assert len(texts) == 3
    assert len({query["nonce"] for query in webhook.queries[1:]}) == 3
    assert [(m["kind"], m["text"]) for m in outcome["messages"]] == [("fault", FAULT_TEXT)]


def test_an_answer_to_the_second_delivery_is_shown(phone: Phone, webhook: Webhook) -> None:
    phone.say("你好")
    seen: list[int] = []

    def second(message: Any) -> Any:
        seen.append(message.id)
        return Response(status=500) if len(seen) == 1 else say("好")(message)

    webhook.answer = second
    outcome = phone.say("办卡")
    assert outcome["attempts"] == 2
    assert [m["text"] for m in outcome["messages"]] == ["好"]


def test_an_answer_that_drips_is_cut_at_the_limit(run: Run) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    over = threading.Event()

    def drip() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    while not over.wait(0.05):
                        connection.sendall(b"<")
                except OSError:
                    continue

    thread = threading.Thread(target=drip)
    thread.start()
    hook = Webhook(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    started = time.monotonic()
    outcome = Phone(run(hook, delivery_seconds=0.2)).say("你好")
    over.set()
    listener.close()
    thread.join()
    assert time.monotonic() - started < 4
    assert outcome["messages"][0]["kind"] == "fault"


def test_where_nobody_listens_deliveries_wait_for_their_turn(run: Run) -> None:
    phone = Phone(run(delivery_seconds=0.2))
    started = time.monotonic()
    assert phone.send(type="event", event="subscribe")["attempts"] == 3
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("count", [1, 2])
def test_success_shows_nothing(phone: Phone, webhook: Webhook, count: int) -> None:
    webhook.answer = lambda message: "success" if count == 1 else ""
    assert phone.say("你好")["messages"] == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": ""},
        {"type": "text", "text": 5},
        {"type": "text", "text": "\ud800"},
        {"type": "location", "lat": "north", "lng": 1},
        {"type": "location", "lat": 91, "lng": 1},
        {"type": "event", "event": "a b"},
        {"type": "<xml>"},
    ],
)
def test_what_no_phone_can_send_is_refused(phone: Phone, message: dict[str, Any]) -> None:
    assert requests.post(phone.url, json=message, timeout=5).status_code == 400


def test_a_hundred_messages_at_once_are_each_answered_with_their_own_reply(
    phone: Phone, webhook: Webhook
) -> None:
    webhook.answer = lambda message: (
        say(f"echo {message.content}")(message) if message.type == "text" else "success"
    )
    phone.say("first")
    echoed: dict[int, list[str]] = {}

    def one(number: int) -> None:
        echoed[number] = [m["text"] for m in phone.say(str(number))["messages"]]

    threads = [threading.Thread(target=one, args=[n]) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert echoed == {n: [f"echo {n}"] for n in range(100)}


@pytest.mark.parametrize("answer", [b"", b"success", b"5 and more", Response(status=500)])
def test_the_console_takes_no_address_that_does_not_echo(run: Run, answer: Any) -> None:
    app = Flask("no echo")
    app.add_url_rule("/wechat", view_func=lambda: answer)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    hook = Webhook(url=f"http://127.0.0.1:{server.server_port}")
    assert requests.post(f"{Phone(run(hook)).api}/echo", timeout=5).json() == {"ok": False}
    server.shutdown()
    thread.join()
    server.server_close()


def test_nor_one_where_nobody_listens(run: Run) -> None:
    assert requests.post(f"{Phone(run()).api}/echo", timeout=5).json() == {"ok": False}


def test_what_is_still_to_be_told_does_not_hold_up_the_end(run: Run) -> None:
    phone = Phone(run(delivery_seconds=5.0))
    for number in range(20):
        phone.simulator._running.platforms[0].tell(
            f"o{number}", {"MsgType": "event", "Event": "kf_create_session"}
        )
    started = time.monotonic()
    phone.simulator.stop()
    assert time.monotonic() - started < 2
    phone.simulator._running.platforms[0].tell("o1", {"MsgType": "event", "Event": "late"})
