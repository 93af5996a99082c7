"""Every kind of push, bent in the ways the platform bends them: understood or acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.turn.counts import FAULTS
from bot.website.operations import REFUSED
from tests.bot.channels.wechat.caller import MINI, Answer, Caller
from tests.bot.channels.wechat.every_push import ROWS
from tests.bot.channels.wechat.push_rows import Row, elements, json_body, numbers, xml
from tests.bot.site import Site

Elements = dict[str, Any]


@pytest.fixture(scope="module")
def plain_site(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("plain")
    site = Site(folder, redis_url, wechat_mode="plain", wechat_mini_mode="plain", **MINI)
    yield site
    site.close()


@pytest.fixture(scope="module")
def safe_site(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("safe")
    site = Site(folder, redis_url, **MINI)
    yield site
    site.close()


def crlf_xml(told: Elements) -> bytes:
    return f"\r\n<xml>\r\n{elements(told, chr(13) + chr(10))}\r\n</xml>\r\n".encode()


def crlf_json(told: Elements) -> bytes:
    written = json.dumps(numbers(told), ensure_ascii=False, indent=2)
    return written.replace("\n", "\r\n").encode()


def json_of_texts(told: Elements) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


WRITERS: list[Callable[[Elements], bytes]] = [xml, json_body, crlf_xml, crlf_json, json_of_texts]


def _unknown(told: Elements) -> Elements:
    return {"New": "x", **told, "Newer": {"Inner": "1", "List": [{"a": "1"}, {"a": "2"}]}}


def _turned(told: Elements) -> Elements:
    return dict(reversed(told.items()))


def _in_capitals(told: Elements) -> Elements:
    cased = {"MsgType": str(told["MsgType"]).capitalize()}
    if "Event" in told:
        cased["Event"] = str(told["Event"]).swapcase()
    return {**told, **cased}


def _lists_turned(value: Any) -> Any:
    """One element for an array of one, an array for one element."""
    if not isinstance(value, dict):
        return value
    turned = {}
    for name, inner in value.items():
        if name != "List":
            turned[name] = _lists_turned(inner)
        elif isinstance(inner, list):
            turned[name] = inner[0] if inner else {}
        else:
            turned[name] = [inner, inner]
    return turned


def _bent(told: Elements) -> Iterator[tuple[str, bytes]]:
    """What was done to it, and the body."""
    whole = {
        "as it is": told,
        "unknown elements": _unknown(told),
        "other order": _turned(told),
        "other case": _in_capitals(told),
        "lists": _lists_turned(told),
    }
    for title, bent in whole.items():
        yield from ((f"{title}, {writes.__name__}", writes(bent)) for writes in WRITERS)
    for name in told:
        yield f"without {name}", xml({k: v for k, v in told.items() if k != name})
        yield f"empty {name}", json_body({**told, name: ""})


def _faults() -> float:
    return sum(s.value for metric in FAULTS.collect() for s in metric.samples if "_total" in s.name)


def _failed() -> float:
    return float(REFUSED.labels("failed")._value.get())


def _sound(answer: Answer, site: Site) -> bool:
    apologies = {site.parts.texts.say(locale, "apology") for locale in ("zh_CN", "en")}
    return answer.status == 200 and answer.said not in apologies


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_no_bent_push_is_answered_by_a_fault(row: Row, plain_site: Site) -> None:
    caller = Caller(plain_site)
    faults, failed = _faults(), _failed()
    told = row.elements()
    for title, body in _bent(told):
        # Another number each time: what is known already would only be answered from the store.
        fresh = body.replace(b"25189203450123456", caller.number().encode())
        answer = caller.plain(fresh)
        assert _sound(answer, plain_site), (title, answer)
    assert (_faults(), _failed()) == (faults, failed)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_no_sealed_push_is_answered_by_a_fault(row: Row, as_json: bool, safe_site: Site) -> None:
    caller = Caller(safe_site)
    writes = json_body if as_json else xml
    told = row.elements(CreateTime=caller.number())
    answer = caller.sealed(writes(told), as_json=as_json)
    assert _sound(answer, safe_site)
    assert answer.body == b"success" or answer.body.startswith(b"{") == as_json


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_a_mini_program_is_never_answered_but_by_success(row: Row, safe_site: Site) -> None:
    """Its docs want answers by customer-service message: another passive one is a fault there."""
    caller = Caller.of_mini(safe_site)
    failed = _failed()
    for as_json in (False, True):
        told = row.elements(CreateTime=caller.number(), FromUserName=row.sender)
        body = (json_body if as_json else xml)(told)
        assert caller.sealed(body, as_json=as_json).is_success
    assert _failed() == failed
