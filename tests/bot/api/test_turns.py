"""The conversation over the API: each thing once under its key, messages as a page shows them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from bot.sessions import Entry
from models.notices import Notice
from models.people import find_account
from tests.bot.api.service import Service
from tests.bot.api.test_sign_in import refused
from tests.end_to_end.program import Front, as_text, new_key
from tests.rig import PICTURES


def turn(front: Front, key: str, **body: Any) -> requests.Response:
    return front.call("POST", "/turns", json=body, key=key)


def test_a_button_begins_the_form_and_says_where_it_is(service: Service) -> None:
    front = service.front()
    assert "第1步/共6步 告知" in front.click("apply")
    (message,) = front.shown
    assert message["position"] == {"section": "notice", "title": "告知", "n": 1, "of": 6}
    assert message["asks"] == "consent"
    assert message["actions"] == [{"text": "0", "label": "返回"}, {"text": "9", "label": "人工"}]
    (link,) = message["links"]
    assert link["url"] == f"{service.bot.site}/privacy"
    assert link["label"] in message["text"]


def test_a_tap_on_a_choice_means_its_number(service: Service) -> None:
    front = service.front()
    front.say("你好")
    (message,) = front.shown
    assert [c["number"] for c in message["choices"]] == ["1", "2", "3", "4", "5"]
    assert message["asks"] == "choice"
    assert "第1步/共6步" in front.choose("1")


def test_a_choice_that_was_never_shown_to_this_account_is_refused(service: Service) -> None:
    mine, other = service.front(), service.front()
    other.say("你好")
    key = other.shown[0]["choices"][0]["key"]
    refused(turn(mine, new_key(), choice=key), 422, "unknown-choice")
    refused(turn(other, new_key(), choice=f"{key.partition('-')[0]}-9"), 422, "unknown-choice")


def test_the_same_key_again_is_the_same_thing_with_the_same_answer(service: Service) -> None:
    front, key = service.front(), new_key()
    front.click("apply")
    first = turn(front, key, text="同意")
    again = turn(front, key, text="同意")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    said = [m for m in front.get("/messages")["messages"] if m["by"] == "me"]
    assert [m["text"] for m in said].count("同意") == 1


def test_another_body_under_the_same_key_is_refused_and_changes_nothing(service: Service) -> None:
    front, key = service.front(), new_key()
    turn(front, key, text="你好")
    before = front.get("/messages")
    for body in ({"text": "办卡"}, {"click": "apply"}, {"text": "你好 "}):
        refused(turn(front, key, **body), 422, "key-reused")
    assert front.get("/messages") == before


def test_two_people_may_draw_the_same_key(service: Service) -> None:
    one, other, key = service.front(), service.front(), new_key()
    assert turn(one, key, text="你好").status_code == 200
    assert turn(other, key, click="apply").status_code == 200


def test_a_key_in_flight_is_waited_for_and_answered_alike(service: Service) -> None:
    front, key = to_phone(service), new_key()
    answers: list[requests.Response] = []

    def send() -> None:
        mine = Front(service.bot.site, front.token)
        answers.append(turn(mine, key, text="13900001302"))

    together(send, 4)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert codes_of(service, front) == 1


def test_after_a_crash_between_the_two_writes_the_repeat_finishes_it(service: Service) -> None:
    """What is left then: the person's own entry, and no answer."""
    front, key, body = service.front(), new_key(), {"click": "apply"}
    mark = {"body": hashlib.sha256(b'{"click":"apply"}').hexdigest()}
    left = Entry(f"k-{key}", "me", service.bot.clock(), more=mark)
    service.remember(service.openid(front), left)
    assert "第1步/共6步" in as_text(turn(front, key, **body).json()["messages"][0])


def test_a_key_is_needed_and_must_be_drawn_at_random(service: Service) -> None:
    front = service.front()
    refused(front.call("POST", "/turns", json={"text": "你好"}), 422, "malformed")
    for key in ("short", "a" * 65, "a b c d e f g h i j", "${jndi:ldap}aaaaaaaa"):
        refused(turn(front, key, text="你好"), 422, "malformed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "x" * 2001},
        {"text": "你好", "click": "apply"},
        {"say": "你好"},
        {"text": 1},
        {"place": {"lat": 91, "lng": 0}},
        {"place": {"lat": "NaN", "lng": 0}},
        {"photo": "../../etc/passwd"},
        {"click": "Apply!"},
        {"choice": "1"},
        [],
        "text",
        None,
    ],
)
def test_what_is_no_turn_is_refused_without_repeating_it(service: Service, body: Any) -> None:
    front = service.front()
    answer = front.call("POST", "/turns", json=body, key=new_key())
    refused(answer, 422, "malformed")
    assert "passwd" not in answer.text and "Apply!" not in answer.text


def test_a_name_that_nobody_knows_is_not_repeated(service: Service) -> None:
    front = service.front()
    for body in ({"陈国强": 1, "text": "你好"}, {"place": {"lat": 1, "lng": 2, "陈国强": 3}}):
        answer = front.call("POST", "/turns", json=body, key=new_key())
        refused(answer, 422, "malformed")
        assert "陈国强" not in answer.text
    assert answer.json()["places"]


def test_the_chat_is_read_from_where_one_left_it(service: Service) -> None:
    front = service.front()
    front.say("你好")
    first = front.get("/messages")
    front.click("apply")
    since = front.get(f"/messages?after={first['next']}")
    assert [m["by"] for m in since["messages"]] == ["bot"], "a press of a button has no words"
    assert since["next"] == first["next"] + 2
    assert front.get(f"/messages?after={since['next']}")["messages"] == []


def test_a_turn_tells_what_came_meanwhile_to_who_says_what_they_have(service: Service) -> None:
    front = service.front()
    front.say("你好")
    key = new_key()
    told = front.call("POST", "/turns?after=0", json={"text": "办卡"}, key=key).json()
    assert [m["by"] for m in told["messages"]] == ["me", "bot", "me", "bot"]


def test_an_identity_number_that_was_typed_is_not_shown_again(service: Service) -> None:
    front = service.front()
    front.say("办卡")
    front.say("119999199003070019")
    shown = front.get("/messages")
    assert "119999199003070019" not in str(shown)
    assert "119***********0019" in str(shown)


def test_a_photo_is_answered_and_a_portrait_shown_as_a_picture(service: Service) -> None:
    front = to_phone(service)
    front.say(service.code_for(front, "13900001234"))
    front.place()
    front.say("3")
    assert front.say("1").startswith("[图片]")
    (picture,) = [m["picture"] for m in front.shown if m["picture"]]
    image = front.http.get(f"{service.bot.site}{picture}", headers=front.bearer, timeout=10)
    assert image.headers["Content-Type"] == "image/jpeg"
    assert image.content.startswith(b"\xff\xd8")
    stranger = service.front()
    theirs = front.http.get(f"{service.bot.site}{picture}", headers=stranger.bearer, timeout=10)
    refused(theirs, 404, "not-found")
    refused(requests.get(f"{service.bot.site}{picture}", timeout=10), 401, "not-signed-in")


def test_what_takes_longer_is_answered_202_and_comes_among_the_messages(service: Service) -> None:
    front = to_phone(service)
    service.bot.faults(identity={"delay_ms": 3600})
    try:
        code = service.code_for(front, "13900001301")
        answer = turn(front, new_key(), text=code)
        assert answer.status_code == 202
        assert answer.json()["later"] is True
        where = answer.headers["Location"]
        assert where == f"/api/v1/messages?after={answer.json()['next']}"
        assert "住的地方" in front.heard(answer.json())
    finally:
        service.bot.faults()


def test_a_photo_of_somebody_else_is_not_found(service: Service) -> None:
    mine, other = service.front(), service.front()
    photo = other.upload(PICTURES / "chen_guoqiang_front.jpg")
    refused(turn(mine, new_key(), photo=photo), 404, "not-found")
    refused(turn(mine, new_key(), photo="0" * 32), 404, "not-found")


@pytest.mark.parametrize(
    ("image", "status", "name"),
    [
        (b"not a picture", 422, "photo-refused"),
        (b"", 422, "photo-refused"),
        (b"GIF89a" + b"\0" * 200, 422, "photo-refused"),
        (b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024 + 200 * 1024), 413, "too-large"),
    ],
    ids=["text", "nothing", "gif", "huge"],
)
def test_what_is_no_picture_is_refused_at_once(
    service: Service, image: bytes, status: int, name: str
) -> None:
    front = service.front()
    answer = front.call("POST", "/photos", files={"file": ("a.jpg", image, "image/jpeg")})
    refused(answer, status, name)


def test_json_may_not_be_as_large_as_a_picture(service: Service) -> None:
    body = b'{"text": "' + b"x" * 70_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = service.front().call("POST", "/turns", data=body, headers=headers, key=new_key())
    refused(answer, 413, "too-large")


# --- ways and means -------------------------------------------------------------------------------


def to_phone(service: Service) -> Front:
    """A person whose card was read, at the phone question."""
    front = service.front()
    front.click("apply")
    front.say("同意")
    for side in ("front", "back"):
        front.photo(PICTURES / f"chen_guoqiang_{side}.jpg")
    assert "手机号" in front.say("1")
    return front


def codes_of(service: Service, front: Front) -> int:
    """How many SMS were put into the outbox for this person."""
    key = str(service.account(service.openid(front)))
    with service.bot.database.reading() as records:
        count = select(func.count()).select_from(Notice).where(Notice.account_key == key)
        return int(records.scalar(count) or 0)


def together(do: Callable[[], None], times: int) -> None:
    threads = [threading.Thread(target=do) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_no_to_pushes_in_words_is_kept_and_the_form_goes_on(service: Service) -> None:
    front = service.front()
    front.click("apply")
    assert "以后不再给您群发消息" in front.say("退订")
    assert front.shown[-1]["asks"] == "consent"
    with service.bot.database.reading() as records:
        row = find_account(records, str(service.account(service.openid(front))))
    assert row is not None and row.stopped_at is not None
