"""A token of one person never reads, changes or ends anything of another: tried for every path.

Everything that the other person has is put where an id can be put, in each path and each body; in
no answer stands anything of theirs, and nothing of theirs has changed afterwards.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from models.applications import applications_of
from models.people import bind, find_account
from tests.bot.api.profiles import unhurried
from tests.bot.api.service import Service
from tests.bot.api.test_openapi import OPERATIONS
from tests.bot.api.test_sign_in import refused
from tests.end_to_end.program import Front, new_key
from tests.end_to_end.walks import BACK, FRONT, picture_read_before
from tests.rig import PICTURES, running

NAME, ID_NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"


@pytest.fixture(scope="module")
def unhurried_service(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("whose")
    picture_read_before(FRONT, BACK)
    profile = unhurried(folder)
    with running(folder, redis_url, mini=True, alipay=True, profile=profile, linger=0.05) as bot:
        yield Service(bot)


@dataclass
class Owner:
    """Somebody with everything that can be had, and the ids of all of it."""

    front: Front
    number: str  # of the application
    account: str  # the id of a second account of the same person
    photo: str
    picture: str
    choice: str
    last_id: int
    key: str  # under which something was done

    def seen(self) -> str:
        """All that they are shown; it must not change by what others do."""
        paths = ("/messages", "/me", "/applications", f"/applications/{self.number}", "/draft")
        shown = [self.front.call("GET", path).json() for path in paths]
        return json.dumps(shown, ensure_ascii=False)


@pytest.fixture(scope="module")
def owner(unhurried_service: Service) -> Owner:
    service = unhurried_service
    front = service.front()
    front.click("apply")
    front.say("同意")
    for side in ("front", "back"):
        front.photo(PICTURES / f"chen_guoqiang_{side}.jpg")
    front.say("1")
    front.say(service.code_for(front, PHONE))
    front.place()
    front.say("3")
    front.say("1")
    picture = next(m["picture"] for m in front.shown if m["picture"])
    front.say("1")
    assert "受理号" in front.say("确认")
    (application,) = front.get("/applications")["applications"]
    front.click("apply")
    key = new_key()
    front.call("POST", "/turns", json={"text": "你好"}, key=key)
    said = front.get("/messages")
    choice = next(m["choices"][0]["key"] for m in said["messages"] if m["choices"])
    return Owner(
        front=front,
        number=application["number"],
        account=another_account(service, front),
        photo=front.upload(PICTURES / "chen_guoqiang_front.jpg"),
        picture=picture.rpartition("/")[2],
        choice=choice,
        last_id=said["next"],
        key=key,
    )


def another_account(service: Service, front: Front) -> str:
    """Bind the account to its person, and one in WeChat too."""
    with service.bot.database.writing() as records:
        own = str(service.account(service.openid(front)))
        (application,) = applications_of(records, account=own)
        bind(records, own, application.holder_id, service.bot.clock())
        return bind(records, "wechat:wx1:oOfTheSame", application.holder_id, service.bot.clock()).id


def attempts(owner: Owner, operation: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What somebody tries who knows every id of the owner's: method, path, what is sent along."""
    method, path = operation.split(" ")
    ids = {"{number}": owner.number, "{account}": owner.account, "{name}": owner.picture}
    for name, value in ids.items():
        path = path.replace(name, value)
    image = {"file": ("a.jpg", io.BytesIO(b"\xff\xd8\xff" + b"0" * 100), "image/jpeg")}
    bodies: dict[str, list[dict[str, Any]]] = {
        "/turns": [
            {"photo": owner.photo},
            {"choice": owner.choice},
            {"text": owner.number},
            {"text": f"进度 {owner.number}"},
            {"text": f"{NAME} {ID_NUMBER}"},
            {"text": f"修改 {owner.number}"},
            {"click": "progress"},
            {"click": "resume"},
            {"click": "pickup"},
        ],
        "/progress/proof": [{"number": owner.number}, {"name": NAME, "id_number": ID_NUMBER}],
        "/progress/code": [{"code": "000000"}],
        "/phone/wechat": [{"code": owner.key}],
        "/phone/alipay": [{"response": owner.key, "sign": owner.key}],
        "/sessions/wechat": [{"code": owner.key}, {"code": owner.front.token}],
        "/sessions/alipay": [{"auth_code": owner.key}],
        "/subscriptions": [{"accepted": [], "refused": []}],
        "/progress/remember": [{}],
    }
    if path == "/photos":
        return [(method, path, {"files": image})]
    queries = (
        [path, f"{path}?after=0", f"{path}?after={owner.last_id - 1}"]
        if path == "/messages"
        else [path]
    )
    tried = [{"json": body} for body in bodies.get(path, [])] or [{}]
    return [(method, each, sent) for each in queries for sent in tried]


def holds_nothing_of(owner: Owner, answer: requests.Response, sent: dict[str, Any]) -> None:
    """No word of the owner's that the stranger did not say themselves."""
    said = json.dumps(sent.get("json", {}), ensure_ascii=False)
    for theirs in (NAME, ID_NUMBER, "陈*强", "和平路", owner.number, owner.picture, "oOfTheSame"):
        if theirs not in said:
            assert theirs.encode() not in answer.content, theirs
    assert not answer.content.startswith(b"\xff\xd8"), "a picture"


def test_the_owner_sees_what_nobody_else_may(owner: Owner) -> None:
    seen = owner.seen()
    for theirs in ("陈*强", "和平路", owner.number, owner.picture):
        assert theirs in seen


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_of_another_is_read_or_changed(
    operation: str, owner: Owner, unhurried_service: Service
) -> None:
    before = owner.seen()
    for method, path, sent in attempts(owner, operation):
        stranger = unhurried_service.front()
        stranger.say("你好")
        for key in (new_key(), owner.key):
            answer = stranger.call(method, path, key=key, **sent)
            holds_nothing_of(owner, answer, sent)
        holds_nothing_of(owner, stranger.call("GET", "/messages"), sent)
    assert owner.seen() == before


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "/sessions/" not in o])
def test_without_a_token_or_with_one_that_was_let_go_nothing_is_answered(
    operation: str, owner: Owner, unhurried_service: Service
) -> None:
    before = owner.seen()
    gone = unhurried_service.front()
    gone.call("DELETE", "/sessions")
    nobody = Front(unhurried_service.bot.site)
    for method, path, sent in attempts(owner, operation):
        for front in (nobody, gone):
            answer = front.call(method, path, key=new_key(), **sent)
            # Other systems have keys of their own, and a person's token is none.
            refused(answer, 401, "no-key" if "/pushes" in operation else "not-signed-in")
    assert owner.seen() == before


def test_an_account_of_somebody_else_cannot_be_let_go(
    owner: Owner, unhurried_service: Service
) -> None:
    stranger = unhurried_service.front()
    answer = stranger.call("DELETE", f"/me/accounts/{owner.account}")
    refused(answer, 404, "not-found")
    with unhurried_service.bot.database.reading() as records:
        row = find_account(records, "wechat:wx1:oOfTheSame")
        assert row is not None and row.person_id
    assert len(owner.front.get("/me")["accounts"]) == 2
    missing = stranger.call("DELETE", f"/me/accounts/{'0' * 32}")
    assert missing.content == answer.content, "there is no telling whether there is such a one"


def test_a_number_that_is_anothers_is_answered_like_one_that_does_not_exist(
    owner: Owner, unhurried_service: Service
) -> None:
    stranger = unhurried_service.front()
    theirs = stranger.call("GET", f"/applications/{owner.number}")
    nobodys = stranger.call("GET", "/applications/YZ2611239999")
    refused(theirs, 404, "not-found")
    assert theirs.content == nobodys.content
