"""Updates, replies and sessions survive their trip through JSON, and keys are checked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.messages import (
    AccountKey,
    Kind,
    Link,
    Media,
    Option,
    Picture,
    Place,
    Position,
    Reply,
    Update,
)
from bot.dialogue.state import Draft, Session

ACCOUNT = AccountKey("wechat", "wx1", "oTiny_-9")
AT = datetime(2026, 11, 23, 2, 4, 5, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(-180, 180, allow_nan=False)


@given(
    update=st.builds(
        Update,
        id=texts,
        account=st.just(ACCOUNT),
        kind=st.sampled_from(Kind),
        at=st.just(AT),
        text=texts,
        media=st.none() | st.builds(Media, texts, texts, texts),
        place=st.none() | st.builds(Place, numbers, numbers, texts),
        key=texts,
        data=st.dictionaries(texts, texts | st.booleans() | st.none()),
        answers=texts,
    )
)
def test_an_update_is_the_same_after_json(update: Update) -> None:
    assert Update.from_json(update.to_json()) == update


@given(
    reply=st.builds(
        Reply,
        text=texts,
        options=st.lists(st.builds(Option, texts, texts)).map(tuple),
        after=texts,
        footer=texts,
        picture=st.none() | st.builds(Picture, texts, texts, texts),
        links=st.lists(st.builds(Link, texts, texts)).map(tuple),
    )
)
def test_a_reply_is_the_same_after_json(reply: Reply) -> None:
    assert Reply.from_json(reply.to_json()) == reply


def test_where_a_form_is_and_what_it_waits_for_are_kept_with_a_reply() -> None:
    reply = Reply("手机号？", position=Position("phone", "手机", 3, 6), asks="phone")
    kept = Reply.from_json(reply.to_json())
    assert (kept.position, kept.asks) == (Position("phone", "手机", 3, 6), "phone")


@pytest.mark.parametrize("user", ["", "a b", "a:b", "a}b", "张三", "x" * 129, "a\n", "a/b"])
def test_an_account_key_holds_nothing_that_a_redis_key_may_not(user: str) -> None:
    with pytest.raises(ValueError, match="account key") as refused:
        AccountKey("wechat", "wx1", user)
    assert not user or user not in str(refused.value)


def test_an_account_key_is_read_back_from_its_text() -> None:
    assert AccountKey.parse(str(ACCOUNT)) == ACCOUNT


def test_a_reply_in_plain_lines_leaves_out_what_is_empty() -> None:
    reply = Reply("选：", (Option("1", "办卡"),), "之后", "0 返回")
    assert reply.plain() == "选：\n1 办卡\n之后\n0 返回"
    assert Reply("好").plain() == "好"


def test_a_sentence_goes_before_a_reply_and_nothing_before_nothing() -> None:
    assert Reply("问？").preceded_by("好。").text == "好。\n问？"
    assert Reply("").preceded_by("好。").text == "好。"
    assert Reply("问？").preceded_by("").text == "问？"


def draft(**more: Any) -> Draft:
    return Draft("d1", "pet", 1, AT.isoformat(), {"name": "赵"}, ["who"], "kind", **more)


def test_a_session_is_the_same_after_json() -> None:
    session = Session(
        "en", "pet", {"pet": draft(inner={"a": [1]}, kept=["who"], facts={"x": None}, tries=2)}
    )
    session.notes["human"] = {"back_to": "pet"}
    assert Session.from_json(session.to_json()) == session


def test_no_bytes_are_a_new_session() -> None:
    assert Session.from_json(b"") == Session()


def test_what_a_later_version_added_to_a_session_is_dropped() -> None:
    raw = json.loads(Session(drafts={"pet": draft()}).to_json())
    raw["mood"] = "good"
    raw["drafts"]["pet"]["colour"] = "red"
    assert Session.from_json(json.dumps(raw).encode()) == Session(drafts={"pet": draft()})


def test_what_an_earlier_version_did_not_have_is_at_its_beginning() -> None:
    raw = {"drafts": {"pet": {"id": "d1", "form": "pet", "version": 1, "started": AT.isoformat()}}}
    session = Session.from_json(json.dumps(raw).encode())
    assert session.locale == "zh_CN"
    assert session.drafts["pet"].answers == {}
