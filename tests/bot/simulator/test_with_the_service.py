"""The service's own codec and API client against the simulator: two ends of one wire."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import redis as redis_py
import requests
from flask import Flask
from werkzeug.serving import make_server

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.codec import WeChatCodec
from bot.channels.wechat.nonces import RedisNonces
from bot.channels.wechat.tokens import AccessTokens
from bot.channels.wechat.views import wechat_views
from bot.dialogue.messages import Kind, Option, Reply, Update
from bot.ports import SendError
from bot.simulator.server import QuietHandler, RunningSimulator
from bot.simulator.settings import HERE, Mode
from models.sealing import Keyring
from tests.bot.simulator.account import SECRET
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import AES_KEY, APP_ID, TOKEN

Run = Callable[..., RunningSimulator]
PICTURE = (HERE / "pictures" / "landscape.jpg").read_bytes()
JSON_OR_XML = ["xml", "json"]


class Service:
    """The service's webhook, answering each update with its kind and what it held."""

    def __init__(self, mode: Mode, redis: redis_py.Redis) -> None:
        self.updates: list[Update] = []
        self.mode = mode
        app = Flask("service")
        clock = lambda: datetime.now(UTC)  # noqa: E731
        codec = WeChatCodec(TOKEN, APP_ID, clock=clock, mode=mode, aes_key=AES_KEY)
        app.register_blueprint(
            wechat_views(
                codec, self.take, nonces=RedisNonces(redis, APP_ID), apology="sorry", site=""
            )
        )
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
        self._thread.start()

    def take(self, update: Update) -> Reply | None:
        """Say what arrived."""
        self.updates.append(update)
        place = update.place.label if update.place else ""
        return Reply(f"{update.kind}：{update.text}{place}{update.key}", (Option("1", "办卡"),))

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(params=["safe", "compatible", "plain"])
def service(request: pytest.FixtureRequest, redis: redis_py.Redis) -> Iterator[Service]:
    service = Service(request.param, redis)
    yield service
    service.stop()


@pytest.fixture(params=JSON_OR_XML)
def phone(request: pytest.FixtureRequest, run: Run, service: Service) -> Phone:
    """A phone whose account is served by the service's own codec."""
    settings = {"webhook": service.url, "mode": service.mode, "push_format": request.param}
    return Phone(run(**settings))


def test_the_codec_reads_what_is_pushed_and_is_understood(phone: Phone, service: Service) -> None:
    def answer(**message: object) -> str:
        (said,) = phone.send(**message)["messages"]
        assert said["kind"] == "text", said
        return str(said["text"]).split("\n")[0]

    assert answer(type="text", text="你好 ]> & \x02𠮷") == "text：你好 ]> & 𠮷"
    assert answer(type="voice", recognition="办卡") == "voice：办卡"
    assert answer(type="voice", recognition=None) == "voice："
    assert answer(type="location", lat=32.05, lng=123.12, label="和平路") == "location：和平路"
    assert answer(type="event", event="CLICK", key="apply") == "click：apply"
    assert answer(type="sticker") == "other："
    assert answer(type="link", title="a").startswith("link")
    assert answer(type="video").startswith("video")
    assert [u.kind for u in service.updates[:2]] == [Kind.SUBSCRIBE, Kind.TEXT]
    assert len({update.id for update in service.updates}) == len(service.updates)


def test_the_console_takes_the_services_address(phone: Phone, service: Service) -> None:
    assert requests.post(f"{phone.api}/echo", timeout=5).json() == {"ok": True}


def test_a_chat_user_cannot_speak_for_another(phone: Phone, service: Service) -> None:
    phone.say("x]]></Content><FromUserName>evil</FromUserName><Content>y<![CDATA[")
    assert {update.account.user for update in service.updates} == {phone.openid}


def test_the_api_client_sends_fetches_and_meets_the_limits(
    phone: Phone, service: Service, redis: redis_py.Redis
) -> None:
    tokens = AccessTokens(redis, APP_ID, Keyring([(1, b"1" * 32)], b"2" * 32))
    client = PlatformClient(APP_ID, SECRET, tokens, api_base=phone.simulator.url)
    channel = WeChatChannel(client, "")
    requests.post(phone.url, files={"file": ("a.jpg", PICTURE)}, timeout=5)
    update = service.updates[-1]
    assert update.media
    assert channel.fetch(update.media, 10**6, 2.0) == PICTURE
    channel.send(update.account, Reply("您好，𠮷"), "k", 2.0)
    requests.delete(f"{phone.simulator.url}/simulator/api/wechat/tokens", timeout=5)
    channel.send_picture(update.account, PICTURE, "k", 2.0)
    assert [m["kind"] for m in phone.read()[-2:]] == ["text", "image"]
    for _ in range(3):
        channel.send(update.account, Reply("又"), "k", 2.0)
    with pytest.raises(SendError) as fault:
        channel.send(update.account, Reply("又"), "k", 2.0)
    assert fault.value.reason == "window"
