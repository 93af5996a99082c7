"""Every kind of message, bent as platforms bend them: taken or acknowledged, never a fault.

And bodies whose bytes were changed on their way: refused, never a fault either.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import pytest

from benchmarks.fuzz.mutating import Mutator
from bot.channels.alipay.ant import WITHDRAWN
from bot.turn.counts import FAULTS
from bot.website.operations import ALIPAY_REFUSED
from tests.bot.channels.alipay.gateway import Gateway
from tests.bot.channels.alipay.sender import APP_ID, USER, Sender, body_of, cdata, signed

Leaves = dict[str, str]
MUTANTS = 300


def _event(name: str, **more: str) -> Leaves:
    return {"MsgType": "event", "EventType": name, "ActionParam": "", **more}


ROWS: Mapping[str, Leaves] = {
    "follow": _event("follow"),
    "follow by a code": _event("follow", ActionParam='{"scene":{"sceneId":"1"}}'),
    "unfollow": _event("unfollow", AgreementId="", AccountNo=""),
    "enter": _event("enter", UserInfo='{"logon_id":"139***","user_name":"*某"}'),
    "click": _event("click", ActionParam="progress"),
    "unbind": _event("click", ActionParam="delete", AgreementId="7", AccountNo="8"),
    "text": {"MsgType": "text", "Content": "进度，镕", "MsgId": "1"},
    "image": {"MsgType": "image", "MediaId": "m1", "Format": "jpg", "MsgId": "1"},
    "voice": {"MsgType": "voice", "MediaId": "m1", "MsgId": "1"},
    "new event": _event("paid"),
    "activation": _event("verifygw", AgreementId=""),
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Gateway]:
    folder: Path = tmp_path_factory.mktemp("mutated")
    made = Gateway(folder, redis_url)
    yield made
    made.close()


def _all(sender: Sender, row: Leaves) -> Leaves:
    told = {
        "AppId": APP_ID,
        "FromUserId": "2088003708000000000000000016403",
        "FromAlipayUserId": sender.user,
        "CreateTime": str(sender.now()),
        **row,
    }
    return {**told, "MsgId": str(sender.number())} if "MsgId" in row else told


def _written(told: Leaves) -> Iterator[tuple[str, str]]:
    plain = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
    yield "plain", f"<XML>{plain}</XML>"
    lines = "".join(f"\r\n  {cdata(**{name: value})}" for name, value in told.items())
    yield "lines", f"\r\n<XML>{lines}\r\n</XML>\r\n"
    yield "declared", f'<?xml version="1.0" encoding="gbk"?>\n<xml>{cdata(**told)}</xml>'
    yield "deep", f"<XML><a><b>{cdata(**told)}</b></a></XML>"
    yield "more", f"<XML><New>x</New>{cdata(**told)}<Item><a>1</a></Item><Item/></XML>"
    for name in told:
        nested = cdata(**told).replace(f"</{name}>", f"<a/></{name}>")
        yield f"nested {name}", f"<XML>{nested}</XML>"
        for odd in ("", "镕[{]"):
            yield f"{name} is {odd}", f"<XML>{cdata(**{**told, name: odd})}</XML>"
        yield f"no {name}", f"<XML>{cdata(**{n: v for n, v in told.items() if n != name})}</XML>"


def _told(body: bytes) -> set[tuple[str, str]]:
    """What a body says, in whatever order; an empty field says nothing."""
    pairs = parse_qsl(body.decode("latin-1"), encoding="latin-1")
    return {(name, value) for name, value in pairs if name != "sign"}


def _faults() -> float:
    turns = sum(s.value for m in FAULTS.collect() for s in m.samples if "_total" in s.name)
    return turns + float(ALIPAY_REFUSED.labels("failed")._value.get())


@pytest.mark.parametrize("title", ROWS)
def test_no_bent_message_is_answered_by_a_fault(gateway: Gateway, title: str) -> None:
    sender = Sender(gateway.clock, f"2088{list(ROWS).index(title):012d}")
    before = _faults()
    for what, xml in _written(_all(sender, ROWS[title])):
        sender.charset = random.choice(["GBK", "UTF-8"])
        answer = gateway.post(sender.life(xml))
        assert answer.status_code == 200, what
        assert answer.data == b"success" or answer.data.startswith(b"<?xml"), what
    assert _faults() == before


def test_no_body_changed_on_its_way_is_let_in_or_answered_by_a_fault(gateway: Gateway) -> None:
    sender = gateway.sender
    bodies = [
        sender.life(sender.text("进度")),
        body_of(signed(sender.ant_fields(WITHDRAWN, f'{{"user_id":"{USER}"}}'), with_type=False)),
    ]
    before, seed = _faults(), random.randrange(10**6)
    mutator = Mutator(random.Random(seed), (b"sign=", b"&", b"%", b"+", b"=", b"biz_content"))
    for number in range(MUTANTS):
        body = mutator.mutate(bodies[number % 2])
        answer = gateway.post(body)
        assert answer.status_code in (200, 403, 413), (seed, number, body)
        if answer.status_code == 200:
            assert _told(body) == _told(bodies[number % 2]), (seed, number, body)
    assert _faults() == before
