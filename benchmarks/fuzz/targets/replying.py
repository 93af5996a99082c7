"""Replies: whatever they hold, one message of at most 2,048 bytes, well-formed and in its place."""

from __future__ import annotations

from benchmarks.fuzz.choosing import Chooser
from benchmarks.fuzz.target import Target
from benchmarks.fuzz.targets.webhook import CODECS, NOW, OPENID, SERVICE, _elements, _lines
from bot.channels.characters import legal
from bot.channels.wechat.codec import Inbound
from bot.channels.wechat.replies import LIMIT, cut, fit, shown
from bot.dialogue.messages import Link, Option, Reply

SITE = "https://card.example"
_INBOUND = [
    Inbound({"FromUserName": OPENID, "ToUserName": SERVICE}, as_json, "77")
    for as_json in (False, True)
]


def _replies(data: bytes) -> None:
    choose = Chooser(data)
    own = _reply(choose) if choose.number(4) else None
    mail = [_reply(choose) for _ in range(choose.number(4))]
    joined, taken = fit(own, mail, SITE)
    assert 0 <= taken <= len(mail)
    assert (joined is None) == (own is None and not mail)
    if joined is None:
        return
    assert taken or own, "something is said"
    assert Reply.from_json(joined.to_json()) == joined
    _fits(joined, own or mail[taken - 1])
    _written(shown(joined, SITE))


def _fits(joined: Reply, last: Reply) -> None:
    """Unless choices, links and footer alone are too long, nothing but the text is cut."""
    text = shown(joined, SITE)
    fixed = shown(Reply("", last.options, last.after, last.footer, None, last.links), SITE)
    if len(fixed.encode()) + len("…\n".encode()) <= LIMIT:
        assert len(text.encode()) <= LIMIT, "one message holds it"
        assert text.endswith(legal(last.footer)), "the footer is never cut"


def _written(text: str) -> None:
    for inbound in _INBOUND:
        told = _elements(CODECS["plain"].render(inbound, text), inbound.as_json)
        assert (told["ToUserName"], told["FromUserName"]) == (OPENID, SERVICE)
        assert told["CreateTime"] == str(int(NOW.timestamp()))
        assert len(told["Content"].encode()) <= LIMIT
        assert _lines(told["Content"]) == _lines(cut(legal(text)))
    for limit in (0, 1, 10, LIMIT):
        assert len(cut(text, limit).encode()) <= max(limit, len("…".encode()))


def _reply(choose: Chooser) -> Reply:
    options = tuple(Option(str(n + 1), choose.text(64)) for n in range(choose.number(6)))
    links = tuple(Link(f"/{choose.text(32)}", choose.text(24)) for _ in range(choose.number(3)))
    after, footer = choose.text(80), choose.text(80)
    long = choose.one_of((1, 1, 40, 400))
    return Reply(choose.text(2000) * long, options, after, footer, links=links)


def _seeds() -> list[bytes]:
    plain = bytes((1, 0, 1, 9)) + b"one thing" + bytes((0, 5)) + b"after" + bytes((6,)) + b"footer"
    long = bytes((1, 2, 0, 1, 2)) + b"/p" + bytes((4,)) + b"here" + bytes((0, 2)) + b"0 "
    return [plain + b"\0\0\5hello", long + b"\2\0\x80" + b"read it here, " * 9, b""]


REPLIES = Target("replies", _replies, _seeds, (b"<a href=", b"</a>", b"]]>", "…".encode()))
