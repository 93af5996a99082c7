"""The whole card form through the JSON API, in WeChat's mini program and in Alipay's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.demo.profile import write_profile
from models.applications import Application
from models.ladders import add_notice
from models.notices import Notice, find_notice
from models.people import Account
from tests.end_to_end.program import Front
from tests.end_to_end.walks import BACK, FRONT, picture_read_before
from tests.rig import PICTURES, Bot, running, wait_for

OPENID = "oProgramWalk0000000000000001"
PHONE, OTHER_PHONE = "13900001234", "13900007777"  # the first is the one on file
ASKED = [
    ("notice", 1, "consent"),
    ("id", 2, "photo"),
    ("id", 2, "photo"),
    ("id", 2, "choice"),
    ("phone", 3, "phone"),
    ("phone", 3, "code"),
    ("life", 4, "place"),
    ("life", 4, "choice"),
    ("branch", 5, "choice"),
    ("check", 6, "choice"),
    ("check", 6, "confirm"),
]


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    """A city that takes the platform's word on a phone number."""
    folder = tmp_path_factory.mktemp("walk")
    profile = write_profile(None, folder)
    text = profile.read_text("utf-8")
    assert 'platform_phone = "typed"' in text
    profile.write_text(text.replace('platform_phone = "typed"', 'platform_phone = "proof"'))
    picture_read_before(FRONT, BACK)
    with running(folder, redis_url, mini=True, alipay=True, profile=profile, linger=0.05) as bot:
        yield bot


def page(bot: Bot, path: str, **body: Any) -> dict[str, str]:
    """What a page of a mini program gets from its platform."""
    answer = bot.http.post(f"{bot.simulator.url}/simulator/api/{path}", json=body, timeout=10)
    assert answer.ok, answer.text
    told: dict[str, str] = answer.json()
    return told


def asked(front: Front) -> tuple[str, int, str]:
    """Where the form is after the last answer, and what it waits for."""
    last = front.shown[-1]
    return (last["position"]["section"], last["position"]["n"], last["asks"])


def test_a_card_with_the_same_questions_and_count_as_in_wechat(bot: Bot) -> None:
    front = Front(bot.site)
    front.log_in(page(bot, f"wechat_mini/users/{OPENID}/codes", sort="login")["code"])
    questions = []

    def noted(said: str) -> str:
        questions.append(asked(front))
        return said

    noted(front.click("apply"))
    begun = front.answers
    noted(front.say("同意"))
    noted(front.photo(PICTURES / f"{FRONT}.jpg"))
    noted(front.photo(PICTURES / f"{BACK}.jpg"))
    noted(front.choose("1"))
    before = len(bot.sms(PHONE))
    noted(front.say(PHONE))
    code = wait_for(lambda: [m["code"] for m in bot.sms(PHONE)[before:]] or None)[-1]
    noted(front.say(code))
    noted(front.place())
    noted(front.say("1 华云建筑劳务公司"))
    assert "[图片]" in noted(front.choose("1"))
    noted(front.choose("1"))
    said = front.say("确认")
    assert questions == ASKED
    assert front.answers - begun == 11
    with bot.database.reading() as records:
        (application,) = records.scalars(select(Application)).all()
        assert application.number in said
        assert application.account_key.startswith("mini_wechat:")
        assert application.holder_proven
    shown = front.get(f"/applications/{application.number}")
    assert (shown["word"], shown["open"], shown["name"]) == (1, True, "陈*强")
    assert shown["promised"] and shown["happened"][0]["state"] == "SUBMITTED"
    assert front.call("GET", "/draft").status_code == 404


def test_the_half_filled_form_is_shown_and_given_up(bot: Bot) -> None:
    front = Front(bot.site)
    front.log_in(page(bot, "wechat_mini/users/oHalf/codes", sort="login")["code"])
    front.click("apply")
    front.say("同意")
    draft = front.get("/draft")
    assert draft["form"] == "card"
    assert draft["position"] == {"section": "id", "title": "身份证", "n": 2, "of": 6}
    assert "陈" not in str(draft)
    told = front.call("DELETE", "/draft", key="0" * 32)
    assert told.status_code == 200, told.text
    assert front.call("GET", "/draft").status_code == 404
    assert "第1步/共6步" in front.click("apply")


def test_wechats_phone_button_takes_the_place_of_number_and_code(bot: Bot) -> None:
    front, openid = Front(bot.site), "oPhoneButton"
    front.log_in(page(bot, f"wechat_mini/users/{openid}/codes", sort="login")["code"])
    to_phone(front)
    sent = len(bot.sms(OTHER_PHONE))
    code = page(bot, f"wechat_mini/users/{openid}/codes", sort="phone", phone=OTHER_PHONE)["code"]
    answer = front.call("POST", "/phone/wechat", json={"code": code}, key="1" * 32)
    assert "住的地方" in front.heard(answer.json())
    again = front.call("POST", "/phone/wechat", json={"code": code}, key="1" * 32)
    assert again.json()["messages"] == answer.json()["messages"] or answer.status_code == 202
    assert len(bot.sms(OTHER_PHONE)) == sent
    other = front.call("POST", "/phone/wechat", json={"code": code}, key="2" * 32)
    assert other.status_code == 403, "a code is good once"


def test_a_visitor_of_alipay_logs_in_and_gives_their_number(bot: Bot) -> None:
    front = Front(bot.site)
    front.log_in(page(bot, "alipay/users/zhang_san/auth_code", scope="auth_base")["code"], "alipay")
    assert front.get("/me")["channel"] == "mini_alipay"
    to_phone(front)
    given = page(bot, "alipay/users/zhang_san/phone", phone=OTHER_PHONE)
    body = {"response": given["response"], "sign": given["sign"]}
    answer = front.call("POST", "/phone/alipay", json=body, key="1" * 32)
    assert answer.status_code in (200, 202), answer.text
    assert "住的地方" in front.heard(answer.json())
    bent = {**body, "response": body["response"][:-4] + "AAA="}
    assert front.call("POST", "/phone/alipay", json=bent, key="2" * 32).status_code == 403
    assert front.call("POST", "/phone/wechat", json={"code": "x"}, key="3" * 32).status_code == 404
    with bot.database.reading() as records:
        channels = {row.channel for row in records.scalars(select(Account)).all()}
    assert channels == {"mini_wechat", "mini_alipay"}


def to_phone(front: Front) -> None:
    front.click("apply")
    front.say("同意")
    for side in (FRONT, BACK):
        front.photo(PICTURES / f"{side}.jpg")
    assert "手机号" in front.choose("1")


def test_a_permission_that_is_withdrawn_ends_the_form_the_chat_and_the_token(bot: Bot) -> None:
    front, openid = Front(bot.site), "oWithdrawn"
    front.log_in(page(bot, f"wechat_mini/users/{openid}/codes", sort="login")["code"])
    front.click("apply")
    front.say("同意")
    mini = bot.as_user(openid, "wechat_mini")
    mini.post(type="event", event="user_authorization_revoke", scopes=[8])
    wait_for(lambda: front.call("GET", "/me").status_code == 401 or None)
    front.log_in(page(bot, f"wechat_mini/users/{openid}/codes", sort="login")["code"])
    assert front.call("GET", "/draft").status_code == 404
    assert front.get("/messages")["messages"] == []


def test_in_alipay_too(bot: Bot) -> None:
    front, user = Front(bot.site), "li_si"
    front.log_in(page(bot, f"alipay/users/{user}/auth_code", scope="auth_base")["code"], "alipay")
    front.click("apply")
    front.say("同意")
    page(bot, f"alipay/users/{user}/revoke")
    wait_for(lambda: front.call("GET", "/me").status_code == 401 or None)
    front.log_in(page(bot, f"alipay/users/{user}/auth_code", scope="auth_base")["code"], "alipay")
    assert front.call("GET", "/draft").status_code == 404
    assert front.get("/messages")["messages"] == []


@pytest.mark.parametrize("platform", ["wechat", "alipay"])
def test_what_was_subscribed_to_arrives_once_for_each_time_it_was_allowed(
    bot: Bot, platform: str
) -> None:
    front, user = Front(bot.site), f"oSubscribes_{platform}"
    phone = f"{'wechat_mini' if platform == 'wechat' else platform}/users/{user}"
    sort = {"sort": "login"} if platform == "wechat" else {"scope": "auth_base"}
    code = page(bot, f"{phone}/{'codes' if platform == 'wechat' else 'auth_code'}", **sort)["code"]
    front.log_in(code, platform)
    template = front.get("/subscriptions")["templates"][0]
    assert template["name"] == "progress"
    page(bot, f"{phone}/messages", type="subscription", template=template["id"], accept=True)
    front.post("/subscriptions", {"accepted": [template["id"]], "refused": []}, expect=204)
    first, second = tell(bot, platform), tell(bot, platform)
    assert [ended(bot, notice).state for notice in (first, second)] == ["sent", "parked"]
    assert front.get("/subscriptions")["templates"][0]["allowed"] == 0
    (shown,) = [m for m in bot.as_user(user, phone.partition("/")[0]).history() if arrived(m)]
    assert "0731" in str(shown)


def tell(bot: Bot, platform: str) -> str:
    """A notice of staff to who has just logged in by this platform."""
    with bot.database.writing() as records:
        accounts = records.scalars(select(Account).where(Account.channel == f"mini_{platform}"))
        account = max(accounts, key=lambda row: row.created_at)
        return add_notice(
            records,
            bot.keys,
            account=account.key,
            name="activated",
            params={"number": "YZ2611230731"},
            locale="zh_CN",
            now=bot.clock(),
            notice_id=uuid4().hex,
        )


def ended(bot: Bot, notice_id: str) -> Notice:
    def found() -> Notice | None:
        with bot.database.reading() as records:
            notice = find_notice(records, notice_id)
            records.expunge_all()
        return notice if notice and notice.state in ("sent", "parked", "refused") else None

    notice: Notice = wait_for(found, 15)
    return notice


def arrived(message: dict[str, Any]) -> bool:
    return message["from"] == "bot" and message["via"] in ("subscribe", "subscription", "template")
