"""The same message three times, at once and late; a hundred messages of one person at once."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis

from models.consents import Consent
from tests.end_to_end.player import Player
from tests.end_to_end.service import Service
from tests.end_to_end.walks import BACK, FRONT, picture_read_before, walk, with_photos
from tests.rig import wait_for

MANY = 100
ECHO = re.compile(r"幸福路(\d+)号院")


def at_once(messages: list[tuple[Player, dict[str, str]]]) -> list[str]:
    """Deliver all in the same moment; the passive answers in the order of `messages`."""
    start = threading.Barrier(len(messages))

    def deliver(sent: tuple[Player, dict[str, str]]) -> str:
        player, message = sent
        start.wait()
        return player.push(message)

    with ThreadPoolExecutor(len(messages)) as pool:
        return list(pool.map(deliver, messages))


@pytest.fixture
def player(service: Service) -> Player:
    picture_read_before(FRONT, BACK)
    return service.player()


@pytest.mark.parametrize(
    ("step", "said", "then"),
    [("notice", "同意", "请发身份证人像面"), ("phone", "", "验证码已发到"), ("check", "确认", "")],
)
def test_three_deliveries_at_once_and_one_late_do_it_once(
    service: Service, player: Player, step: str, said: str, then: str
) -> None:
    phone = service.phone()
    walk(player, with_photos(phone), until=step)
    message = player.message("text", Content=said or phone)
    first, *others = at_once([(player, message)] * 3)
    assert others == [first, first]
    service.bot.clock.shift(timedelta(minutes=4))
    assert player.push(message) == first
    assert not then or then in player.voice()
    if step == "notice":
        mine = Consent.account_key == service.key(player)
        assert [c.kind for c in service.rows(Consent, mine)] == ["general"]
    elif step == "phone":
        wait_for(lambda: service.bot.sms(phone) or None)
        assert len(service.bot.sms(phone)) == 1
    else:
        (application,) = service.applications(player)
        assert application.number in first


def test_a_late_delivery_does_not_answer_the_question_that_is_open_now(
    service: Service, player: Player
) -> None:
    walk(player, with_photos(service.phone()), until="work")
    student = player.message("text", Content="5")
    branches = player.push(student)
    assert "5 邮寄到家" in branches
    assert player.push(student) == branches
    assert "请选制卡的银行" not in player.voice()


def test_two_confirmations_with_ids_of_their_own_make_one_application(
    service: Service, player: Player
) -> None:
    walk(player, with_photos(service.phone()), until="check")
    twice = [player.message("text", Content="确认") for _ in range(2)]
    said = at_once([(player, message) for message in twice])
    (application,) = service.applications(player)
    assert sum(application.number in answer for answer in said) == 1


def test_a_hundred_messages_at_once_are_each_answered_once(
    service: Service, player: Player
) -> None:
    walk(player, with_photos(service.phone()), until="lives_at")
    messages = [player.message("text", Content=f"幸福路{n}号院") for n in range(MANY)]
    said = at_once([(player, message) for message in messages])
    for n, answer in enumerate(said):
        assert ECHO.findall(answer)[-1:] in ([str(n)], [])  # late answers may stand before it

    with_later_replies: list[str] = []

    def told() -> Counter[str]:
        late = [m["text"]["content"] for m in service.api.sent.get(player.openid, [])]
        return Counter([*ECHO.findall("\n".join([*said, *late])), *with_later_replies])

    def all_told() -> bool | None:
        """What one visit's allowance of API messages does not hold comes with later replies,
        before the open question, which names the last place again."""
        with_later_replies.extend(ECHO.findall(player.voice())[:-1])
        return told().total() >= MANY or None

    once = Counter(str(n) for n in range(MANY))
    wait_for(all_told, 30.0)
    time.sleep(0.5)
    assert told() == once


def test_messages_are_handled_in_the_order_in_which_they_came(
    service: Service, player: Player, redis_url: str
) -> None:
    walk(player, with_photos(service.phone()), until="lives_at")
    player.say("幸福路0号院")
    queue = f"{{{service.key(player)}}}:q"
    messages = [player.message("text", Content=f"幸福路{n}号院") for n in range(1, 31)]
    with redis.Redis.from_url(redis_url) as store, ThreadPoolExecutor(len(messages)) as pool:
        flying = []
        for message in messages:  # the next one leaves when the one before has come
            flying.append(pool.submit(player.push, message))
            update = f"m-{message['CreateTime']}-{message['MsgId']}"
            while not _has_come(store, queue, update):
                time.sleep(0.001)
        said = [ECHO.findall(flight.result()) for flight in flying]
    assert said == [[str(n)] for n in range(1, 31)]
    assert "幸福路30号院" in player.voice()


def _has_come(store: redis.Redis, queue: str, update: str) -> bool:
    stored = queue.removesuffix(":q") + f":r:{update}"
    return update.encode() in store.lrange(queue, 0, -1) or bool(store.exists(stored))
