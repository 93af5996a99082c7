"""Events of the simulator's platform over the wire, and what the service makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.demo.profile import write_profile
from config.city import SHIPPED
from models.ladders import add_notice
from models.notices import Notice
from models.people import Account, find_account
from models.tickets import Ticket
from tests.rig import APP_ID, MINI, Bot, running, wait_for

TEMPLATE, SUBSCRIPTION = "SIM_template_reminder", "SIM_subscription_reminder"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    """A city whose account has a desk, with the wordings of the simulator's account."""
    folder: Path = tmp_path_factory.mktemp("events")
    given = folder / "city.toml"
    given.write_text(SHIPPED.read_text("utf-8").replace("desk = false ", "desk = true "), "utf-8")
    profile = write_profile(given, folder)
    with running(folder, redis_url, mini=True, profile=profile) as bot:
        yield bot


@pytest.fixture
def person(bot: Bot) -> Iterator[Bot]:
    """Somebody who has just followed the account."""
    yield bot.as_user(f"o{uuid4().hex[:27]}")
    bot.faults()
    mend(bot, {})


def mend(bot: Bot, rights: Mapping[str, Any]) -> None:
    url = f"{bot.simulator.url}/simulator/api/wechat/account"
    assert bot.http.put(url, json=dict(rights), timeout=5).ok


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [m["text"] for m in messages if m["from"] == "bot"]


def seen(bot: Bot, find: Callable[[Any], Any]) -> Any:
    """What the records come to hold."""

    def look() -> Any:
        with bot.database.reading() as records:
            return find(records)

    return wait_for(look, 10)


# --- no event is a fault ----------------------------------------------------------------------

EVENTS: dict[str, dict[str, Any]] = {
    "subscribe": {"key": "qrscene_apply", "ticket": "t"},
    "unsubscribe": {},
    "SCAN": {"key": "branch-CCB-01", "ticket": "t"},
    "CLICK": {"key": "progress"},
    "VIEW": {"key": "https://card.example/", "menu_id": "1"},
    "view_miniprogram": {"key": "pages/index", "menu_id": "1"},
    "scancode_push": {"key": "apply", "result": "x"},
    "scancode_waitmsg": {"key": "apply", "result": "x"},
    "pic_sysphoto": {"key": "p", "count": 2},
    "pic_photo_or_album": {"key": "p", "count": 1},
    "pic_weixin": {"key": "p", "count": 1},
    "location_select": {"key": "l", "lat": 32.05, "lng": 123.12, "label": "路"},
    "LOCATION": {"lat": 32.05, "lng": 123.12, "precision": 10},
    "TEMPLATESENDJOBFINISH": {"msgid": 7, "status": "success"},
    "subscribe_msg_popup_event": {"templates": {"a": True, "b": False}},
    "subscribe_msg_change_event": {"templates": {"a": False}},
    "subscribe_msg_sent_event": {"template": "a", "msgid": 8, "code": 0, "status": "success"},
    "user_enter_tempsession": {"key": "pages/index"},
    "wxa_media_check": {"trace_id": "t-1", "suggest": "risky"},
    "user_info_modified": {"scopes": [1]},
    "user_authorization_revoke": {"scopes": [8]},
    "user_authorization_cancellation": {},
    "kf_switch_session": {"from": "a@x", "to": "b@x"},
    "kf_create_session": {"kf_account": "a@x"},
    "kf_close_session": {"kf_account": "a@x"},
    "MASSSENDJOBFINISH": {"msgid": 9},
    "debug_demo": {"text": "hello"},
    "an_event_of_the_future": {"fields": {"MsgType": "Event", "NewThing": 5}},
}


@pytest.mark.parametrize("account", ["wechat", "wechat_mini"])
@pytest.mark.parametrize("event", EVENTS)
def test_no_event_is_answered_by_a_fault(person: Bot, event: str, account: str) -> None:
    somebody = person.as_user(person.user, account)
    answered = somebody.post(type="event", event=event, **EVENTS[event])
    assert not [m for m in (*answered, *somebody.history()) if m["kind"] == "fault"]


# --- the desk ---------------------------------------------------------------------------------


def test_the_chat_goes_to_the_desk_and_comes_back(person: Bot) -> None:
    person.say("办卡")
    person.say("9")
    desk = f"{person.simulator.url}/simulator/api/wechat/users/{person.user}/desk"
    wait_for(lambda: person.http.get(desk, timeout=5).json()["staff"] or None, 5)
    wait_for(lambda: None if person.say("在吗") else True, 5)
    assert person.http.post(desk, json={"act": "close"}, timeout=5).ok
    assert "第2步" in str(wait_for(lambda: person.say("同意") or None, 5))


# --- subscriptions and what became of messages ------------------------------------------------


def held(bot: Bot, template: str) -> Callable[[Any], int | None]:
    def find(records: Any) -> int | None:
        account = find_account(records, f"wechat:{APP_ID}:{bot.user}")
        return account.subscription_credits.get(template) if account else None

    return find


def test_each_accepted_pop_up_is_one_message(person: Bot) -> None:
    for _ in range(2):
        person.post(type="subscription", template=SUBSCRIPTION, accept=True)
        person.clock.shift(timedelta(seconds=1))  # two of one second would be one that is repeated
    assert seen(person, held(person, SUBSCRIPTION)) == 2
    person.post(type="event", event="subscribe_msg_change_event", templates={SUBSCRIPTION: False})
    seen(person, lambda records: True if held(person, SUBSCRIPTION)(records) is None else None)


def noticed(bot: Bot, rung: str) -> str:
    """A notice that cannot go by chat, and so goes by a wording. Returns its id."""
    without = ["custom"] if rung == "template" else ["custom", "template"]
    mend(bot, {"without": without})
    notice_id = uuid4().hex
    with bot.database.writing() as records:
        add_notice(
            records, bot.keys, account=f"wechat:{APP_ID}:{bot.user}", name="draft_reminder",
            params={}, locale="zh_CN", now=bot.clock(), notice_id=notice_id,
        )  # fmt: skip
    return notice_id


def row(notice_id: str, **wanted: Any) -> Callable[[Any], Notice | None]:
    def find(records: Any) -> Notice | None:
        notice: Notice | None = records.query(Notice).filter_by(id=notice_id).one_or_none()
        held = notice and all(getattr(notice, name) == value for name, value in wanted.items())
        return notice if held else None

    return find


@pytest.mark.parametrize("rung", ["template", "subscription"])
def test_the_platforms_report_stands_beside_what_was_sent(person: Bot, rung: str) -> None:
    person.say("你好")
    if rung == "subscription":
        person.post(type="subscription", template=SUBSCRIPTION, accept=True)
        seen(person, held(person, SUBSCRIPTION))
    notice = noticed(person, rung)
    told = seen(person, row(notice, delivery="delivered"))
    assert (told.state, told.rung) == ("sent", rung)


def test_what_did_not_arrive_waits_for_the_next_visit(person: Bot) -> None:
    person.say("你好")
    person.faults(wechat={"result": "failed:user block", "error": None})
    notice = noticed(person, "template")
    parked = seen(person, row(notice, state="parked"))
    assert ["template", "blocked"] in [step[:2] for step in parked.steps]
    assert parked.delivery == ""


# --- leaving, and permissions taken back ------------------------------------------------------


def test_who_leaves_and_comes_back_is_known_by_the_moment(person: Bot) -> None:
    def account(records: Any) -> Account | None:
        return find_account(records, f"wechat:{APP_ID}:{person.user}")

    person.say("办卡")
    person.say("同意")
    person.post(type="event", event="unsubscribe")
    gone = seen(person, account)
    assert not gone.followed
    assert abs(person.clock() - gone.left_at) < timedelta(minutes=1)
    told = person.post(type="event", event="subscribe", key="qrscene_lobby")
    assert "办到一半" in texts(told)[0]
    assert seen(person, account).left_at is None


def test_a_permission_taken_back_in_the_mini_program_ends_the_form_there(person: Bot) -> None:
    mini = person.as_user(person.user, "wechat_mini")
    mini.post(type="text", text="办卡")
    mini.post(type="text", text="同意")
    mini.post(type="event", event="user_authorization_revoke", scopes=[8])
    account = f"wechat_mini:{MINI['app_id']}:{mini.user}"
    ticket = seen(
        mini, lambda records: records.query(Ticket).filter_by(account_key=account).one_or_none()
    )
    assert ticket.kind == "deletion"
    assert ticket.open_payload(mini.keys)["scopes"] == ["8"]
    before = len(mini.history())
    mini.post(type="text", text="继续")
    wait_for(
        lambda: next((t for t in texts(mini.history()[before:]) if "没有办到一半" in t), None), 10
    )
