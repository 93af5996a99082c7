"""Progress for who is bound to nobody, binding, and messages that people allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.city import SHIPPED
from models.application_states import State
from models.applications import find_application
from models.passes import live_passes
from models.people import Proof
from tests.bot.api.profiles import unhurried
from tests.bot.api.service import Service
from tests.bot.api.test_sign_in import refused
from tests.end_to_end.program import Front, new_key
from tests.models.making import make_application, make_person
from tests.rig import running, wait_for

PHONE = "13900001234"


@pytest.fixture(scope="module")
def unhurried_service(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("records")
    with running(folder, redis_url, mini=True, profile=unhurried(folder), linger=0.05) as bot:
        yield Service(bot)


@pytest.fixture(scope="module")
def number(unhurried_service: Service) -> str:
    """Of an application that somebody handed in at the counter of another channel."""
    with unhurried_service.bot.database.writing() as records:
        holder = make_person(records, proof=Proof.ON_FILE)
        answers = {"name": "陈国强", "phone": PHONE}
        return make_application(records, holder, answers=answers, branch="CCB-01").number


def asks(front: Front, body: dict[str, Any], path: str = "/progress/proof") -> dict[str, Any]:
    return front.post(path, body)


def code_after(service: Service, before: int) -> str:
    sent = wait_for(lambda: service.bot.sms(PHONE)[before:] or None)
    return str(sent[-1]["code"])


def test_progress_is_shown_after_the_proof_and_the_account_can_be_bound(
    unhurried_service: Service, number: str
) -> None:
    service, front = unhurried_service, unhurried_service.front()
    front.click("apply")
    chat = front.get("/messages")["messages"]
    before = len(service.bot.sms(PHONE))
    told = asks(front, {"number": number})
    assert (told["asks"], told["application"]) == ("code", None)
    proven = asks(front, {"code": code_after(service, before)}, "/progress/code")
    assert proven["asks"] == ""
    assert proven["application"]["number"] == number
    assert proven["application"]["place"]["name"] == "建设银行城东支行"
    refused(front.call("GET", f"/applications/{number}"), 404, "not-found")
    remembered = asks(front, {}, "/progress/remember")
    assert remembered["asks"] == ""
    assert front.get(f"/applications/{number}")["number"] == number
    me = front.get("/me")
    assert (me["bound"], me["name"], len(me["accounts"])) == (True, "陈*强", 1)
    assert me["accounts"][0]["this"] is True
    assert front.get("/messages")["messages"] == chat, "what other pages ask is no part of the chat"
    assert front.call("DELETE", "/me/binding", key=new_key()).status_code == 200
    assert front.get("/me")["bound"] is False
    refused(front.call("GET", f"/applications/{number}"), 404, "not-found")


def test_a_proof_again_under_its_key_sends_no_second_code(
    unhurried_service: Service, number: str
) -> None:
    service, front, key = unhurried_service, unhurried_service.front(), new_key()
    service.bot.clock.shift(timedelta(minutes=2))  # a phone gets one code a minute
    before = len(service.bot.sms(PHONE))
    first = front.call("POST", "/progress/proof", json={"number": number}, key=key)
    code_after(service, before)
    again = front.call("POST", "/progress/proof", json={"number": number}, key=key)
    assert first.json() == again.json()
    refused(
        front.call("POST", "/progress/proof", json={"number": "YZ2611230000"}, key=key),
        422,
        "key-reused",
    )
    assert len(service.bot.sms(PHONE)) == before + 1


def test_what_does_not_exist_is_answered_like_what_does(
    unhurried_service: Service, number: str
) -> None:
    mine = asks(unhurried_service.front(), {"number": number})
    nobodys = asks(unhurried_service.front(), {"number": "YZ2611239999"})
    assert mine == nobodys
    front = unhurried_service.front()
    asks(front, {"name": "赵小云", "id_number": "119999199208190022"})
    wrong = asks(front, {"code": "000000"}, "/progress/code")
    assert (wrong["asks"], wrong["application"]) == ("code", None)


def test_what_cannot_be_asked_for_is_said_in_words(unhurried_service: Service) -> None:
    told = asks(unhurried_service.front(), {"number": "what is this"})
    assert told["asks"] == "who" and told["text"]


def test_words_come_in_the_language_that_is_asked_for(
    unhurried_service: Service, number: str
) -> None:
    english = {"Accept-Language": "en"}
    answer = Front(unhurried_service.bot.site).call("GET", "/me", headers=english)
    assert answer.json()["detail"].startswith("You are signed out")
    answer = Front(unhurried_service.bot.site).call("GET", "/me", headers={"Accept-Language": "zh"})
    assert "登录" in answer.json()["detail"]


def test_what_people_allow_is_counted_for_templates_that_we_know(
    unhurried_service: Service,
) -> None:
    front, key = unhurried_service.front(), new_key()
    templates = front.get("/subscriptions")["templates"]
    assert [(t["name"], t["id"], t["allowed"]) for t in templates] == [
        ("progress", "MINI-PROGRESS", 0),
        ("action", "MINI-ACTION", 0),
    ]
    allowed = {"accepted": ["MINI-PROGRESS"], "refused": ["MINI-ACTION"]}
    for _ in range(2):
        answer = front.call("POST", "/subscriptions", json=allowed, key=key)
        assert answer.status_code == 204
    assert held(front) == [1, 0]
    front.post("/subscriptions", allowed, expect=204)
    assert held(front) == [2, 0]
    front.post("/subscriptions", {"refused": ["MINI-PROGRESS"]}, expect=204)
    assert held(front) == [0, 0]
    unknown = {"accepted": ["MINI-OTHER"]}
    refused(front.call("POST", "/subscriptions", json=unknown, key=new_key()), 422, "malformed")


def test_nobody_allows_more_than_the_city_counts(unhurried_service: Service) -> None:
    front = unhurried_service.front()
    for _ in range(22):
        front.post("/subscriptions", {"accepted": ["MINI-PROGRESS"]}, expect=204)
    assert held(front)[0] == 20


def held(front: Front) -> list[int]:
    return [t["allowed"] for t in front.get("/subscriptions")["templates"]]


def test_who_calls_too_often_is_told_how_long_to_wait(tmp_path: Path, redis_url: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert "\napi = { times = 120, seconds = 60 }" in text
    profile = tmp_path / "city.toml"
    profile.write_text(text.replace("\napi = { times = 120,", "\napi = { times = 3,"), "utf-8")
    with running(tmp_path, redis_url, mini=True, profile=profile, work=False) as bot:
        front = Service(bot).front()
        answers = [front.call("GET", "/me") for _ in range(5)]
        refused(answers[-1], 429, "too-many")
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert Service(bot).front("oAnother").get("/me"), "each account by itself"


def test_a_ready_card_gives_its_person_a_code_and_nobody_else(
    unhurried_service: Service, number: str
) -> None:
    service, front = unhurried_service, unhurried_service.front()
    with service.bot.database.writing() as records:
        application = find_application(records, number)
        assert application is not None
        application.state = State.READY_FOR_PICKUP.value
    refused = front.post(f"/applications/{number}/pass", {})
    assert (refused["code"], refused["until"]) == (None, None)
    service.bot.clock.shift(timedelta(minutes=2))  # a phone gets a code a minute
    before = len(service.bot.sms(PHONE))
    asks(front, {"number": number})
    asks(front, {"code": code_after(service, before)}, "/progress/code")
    given = front.post(f"/applications/{number}/pass", {})
    assert len(given["code"]) == 6 and given["until"]
    with service.bot.database.reading() as records:
        assert len(live_passes(records, application.id, service.bot.clock())) == 1
