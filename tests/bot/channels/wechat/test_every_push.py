"""Every row of the platform's list of messages and events, in both formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.channels.wechat.events import ACKNOWLEDGED, READERS
from bot.channels.wechat.faults import Unreadable
from bot.channels.wechat.parsing import parse
from bot.channels.wechat.updates import name_of, to_update
from bot.dialogue.messages import AccountKey, Kind, Update
from tests.bot.channels.wechat.every_push import EVENTS, ROWS
from tests.bot.channels.wechat.push_rows import Row, Told, event, json_body, xml
from tests.bot.channels.wechat.pushes import APP_ID, NOW, OPENID

Writes = Callable[[Told], bytes]


def read(row: Row, writes: Writes = xml, **common: str) -> Update | None:
    writes = json_body if row.json_only else writes
    return to_update(parse(writes(row.elements(**common)))[0], APP_ID, NOW)


@pytest.mark.parametrize("writes", [xml, json_body])
@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_each_kind_is_read_as_what_it_is(row: Row, writes: Writes) -> None:
    update = read(row, writes)
    if row.kind is None:
        assert update is None
        return
    assert update is not None
    assert update.kind is row.kind
    assert update.account == AccountKey("wechat", APP_ID, OPENID)
    assert update.at == NOW
    for name, value in row.reads.items():
        told = dict(value) if isinstance(value, dict) else value
        assert getattr(update, name) == told, name


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_an_update_survives_the_queue(row: Row) -> None:
    update = read(row)
    if update is not None:
        assert Update.from_json(update.to_json()) == update


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_what_says_nothing_to_us_is_counted_by_a_known_name(row: Row) -> None:
    if row.name:
        assert name_of(row.elements()) == row.name


def test_names_that_somebody_invents_are_counted_together() -> None:
    invented = [Row(**event(f"new_{n}")) for n in range(100)]
    assert {name_of(row.elements()) for row in invented} == {"other"}


def test_no_event_is_both_read_and_acknowledged() -> None:
    assert not READERS.keys() & ACKNOWLEDGED
    assert all(name == name.lower() for name in READERS.keys() | ACKNOWLEDGED)


@pytest.mark.parametrize("row", EVENTS, ids=[row.title for row in EVENTS])
def test_the_same_event_again_has_the_same_key_and_another_second_another(row: Row) -> None:
    first, again = read(row), read(row)
    later = read(row, CreateTime="1700000000")
    if first is None or again is None or later is None:
        assert row.kind is None
        return
    assert first.id == again.id
    assert later.id != first.id


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("wxa_media_check", {"trace_id": "a"}, {"trace_id": "b"}),
        ("TEMPLATESENDJOBFINISH", {"MsgID": "1"}, {"MsgID": "2"}),
        ("subscribe_msg_sent_event", {"MsgID": "1"}, {"MsgID": "2"}),
        ("CLICK", {"EventKey": "a"}, {"EventKey": "b"}),
        ("user_authorization_revoke", {"RevokeInfo": "8"}, {"RevokeInfo": "14"}),
        ("kf_switch_session", {"ToKfAccount": "a"}, {"ToKfAccount": "b"}),
        ("user_enter_tempsession", {"SessionFrom": "a"}, {"SessionFrom": "b"}),
    ],
)
def test_two_events_of_one_person_in_one_second_have_two_keys(
    name: str, one: dict[str, str], other: dict[str, str]
) -> None:
    keys = set()
    for told in (one, other):
        more: dict[str, Any] = dict(told)
        if name == "subscribe_msg_sent_event":
            more = {"List": {"TemplateId": "t", "ErrorCode": "0", **told}}
        elif name == "user_authorization_revoke":
            more["OpenID"] = OPENID
        elif name == "TEMPLATESENDJOBFINISH":
            more["Status"] = "success"
        update = read(Row(**event(name, **more)))
        assert update is not None
        keys.add(update.id)
    assert len(keys) == 2


def test_the_templates_of_one_push_tell_it_from_another() -> None:
    popups = [
        Row(
            **event(
                "subscribe_msg_popup_event",
                List=[{"TemplateId": t, "SubscribeStatusString": "accept"} for t in templates],
            )
        )
        for templates in (["a"], ["a", "b"], ["b", "a"])
    ]
    assert len({update.id for row in popups if (update := read(row, json_body))}) == 3


def test_equal_message_ids_of_two_people_meet_in_no_store() -> None:
    text = next(row for row in ROWS if row.title == "text")
    first = read(text)
    second = read(text, FromUserName="oTest_openid-0000000000000002")
    assert first is not None
    assert second is not None
    assert first.id == second.id, "the number is the platform's"
    assert first.account != second.account, "in every key of the store it stands behind the account"


def test_a_number_beyond_a_double_is_kept_whole() -> None:
    row = Row(**event("TEMPLATESENDJOBFINISH", MsgID="9007199254740993", Status="success"))
    update = read(row, json_body)
    assert update is not None
    assert update.key == "9007199254740993"


def test_keys_with_a_leading_blank_are_read() -> None:
    """As in the platform's own samples."""
    row = next(row for row in EVENTS if row.title == "user_authorization_revoke")
    body = json_body(row.elements()).replace(b'"OpenID"', b'" OpenID"')
    update = to_update(parse(body)[0], APP_ID, NOW)
    assert update is not None
    assert update.account.user == OPENID


@pytest.mark.parametrize("openid", ["", "a:b", "with space"])
def test_a_withdrawal_that_names_nobody_is_refused(openid: str) -> None:
    row = Row(**event("user_authorization_revoke", OpenID=openid, RevokeInfo="8"))
    with pytest.raises(Unreadable, match="account"):
        read(row)


@pytest.mark.parametrize(
    "row",
    [
        Row(**event("TEMPLATESENDJOBFINISH", Status="success")),
        Row(**event("TEMPLATESENDJOBFINISH", MsgID="{x}", Status="success")),
        Row(**event("subscribe_msg_sent_event", List="nothing")),
        Row(**event("subscribe_msg_sent_event", List=[{"MsgID": ""}])),
        Row(**event("subscribe_msg_popup_event", List=[])),
        Row(**event("subscribe_msg_popup_event", List=[{"TemplateId": "t"}])),
        Row(**event("subscribe_msg_popup_event", SubscribeMsgPopupEvent="")),
        Row(
            **event(
                "subscribe_msg_change_event",
                List=[{"TemplateId": "t", "SubscribeStatusString": "accept"}],
            )
        ),
    ],
)
def test_a_report_that_tells_nothing_is_acknowledged(row: Row) -> None:
    assert read(row, json_body) is None


@pytest.mark.parametrize(
    ("code", "status", "result"),
    [
        ("0", "", "delivered"),
        ("1", "success", "failed"),
        ("", "", "failed"),
        ("43101", "", "failed"),
    ],
)
def test_a_result_without_its_words_is_read_by_its_code(
    code: str, status: str, result: str
) -> None:
    outcome = {"MsgID": "1", "ErrorCode": code, "ErrorStatus": status}
    update = read(Row(**event("subscribe_msg_sent_event", List=outcome)), json_body)
    assert update is not None
    assert update.data["result"] == result


def test_a_push_of_a_mini_program_belongs_to_its_own_account() -> None:
    row = next(row for row in EVENTS if row.kind is Kind.ENTER)
    update = to_update(row.elements(), "wxmini", NOW, "wechat_mini")
    assert update is not None
    assert update.account == AccountKey("wechat_mini", "wxmini", OPENID)
