"""Disturbed at every question and changed on every line, a walk still leaves the same record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from tests.end_to_end.player import Player
from tests.end_to_end.service import Service, serving
from tests.end_to_end.steps import QUESTIONS, Question
from tests.end_to_end.test_walks import CHEN, UNREADABLE, WANG, consents, has_left
from tests.end_to_end.walks import BACK, FRONT, Said, picture_read_before, with_photos

BREAK = timedelta(days=2)
LINES = ("身份：", "手机：", "住址：", "工作：", "领卡：", "照片：")
KEPT = ("改名字", "改手机", "改照片")
CHANGED = {  # the walk's step, how it is asked for, what is said first instead
    "lives_at": ("改地址", "城西区团结街8号"),
    "work": ("改工作", "5"),
    "branch": ("改网点", "邮储银行东门支行"),
}
ASKED = [
    *(question for question in QUESTIONS if question.step != "portrait"),
    # The phone is the one on file here, so the portrait on file is shown.
    Question("portrait", "portrait", "2 换一张", "紫色的", "没太明白"),
    Question("own_portrait", "portrait", "请发新照片", "紫色的", "没太明白", further=("2",)),
]
CODES = 2  # were sent by SMS: one more after the break at that question


@pytest.fixture
def service(tmp_path: Path, redis_url: str) -> Iterator[Service]:
    """One for each test: weeks pass in it."""
    with serving(tmp_path, redis_url) as running:
        yield running


def disturbed_walk(service: Service, player: Player, said: list[Said]) -> str:
    """Answer each question only after everything else was sent to it; the last answer."""
    answer = ""
    for step, messages in groupby(said, key=lambda message: message.step):
        for question in (q for q in ASKED if q.step == step):
            enter(player, question)
            disturb(player, question)
            if question.further:
                leave(player, question)
            else:
                come_back(service, player, question, said)
        if step == "check":
            change_every_line(player, said)
        for message in messages:
            answer = message.send(player)
    return answer


def enter(player: Player, question: Question) -> None:
    """Into the inner part that the question is, where it is one."""
    for text in question.further:
        player.say(text)
    assert question.asks in player.voice(), question.name


def disturb(player: Player, question: Question) -> None:
    """A wrong answer, a question in the middle, a voice and a sticker: the question stands."""
    assert question.explained in player.say(question.wrong), question.name
    in_the_middle = player.say("办卡要钱吗")
    assert in_the_middle.startswith("首次办卡不收费"), question.name
    assert question.asks in in_the_middle, question.name
    assert question.asks in player.voice(), question.name
    assert question.asks in player.deliver(player.message("sticker")), question.name


def leave(player: Player, question: Question) -> None:
    """From an inner part back to the step's own question, by 上一步 alone."""
    outer = next(q for q in ASKED if q.step == question.step and not q.further)
    while outer.asks not in player.say("上一步"):
        assert outer.asks not in player.voice(), question.name


def come_back(service: Service, player: Player, question: Question, said: list[Said]) -> None:
    """After two days away, and after one question back whose answer is kept."""
    if question.name == "id":
        wait_for_reminder(service, player)
    service.bot.clock.shift(BREAK)
    assert question.asks in player.say("继续"), question.name
    before = player.say("上一步")
    if question.name == "notice":
        assert "1 办卡" in before
        assert question.asks in player.say("继续")
    elif question.name == "code":  # the one that was sent has expired: another is
        assert question.asks in answered(player, said, "phone")
    else:
        assert "保留" in before, question.name
        assert question.asks in player.say("保留"), question.name


def wait_for_reminder(service: Service, player: Player) -> None:
    """The one reminder of the draft, so that it is not taken for an answer later."""
    before = len(service.api.sent.get(player.openid, []))
    service.bot.clock.shift(timedelta(days=1))
    (reminder,) = service.api.wait_for_message(player.openid, before, 20.0)
    assert "继续" in reminder["text"]["content"]


def answered(player: Player, said: list[Said], step: str) -> str:
    """The walk's own answer to this question."""
    (message,) = (message for message in said if message.step == step)
    return message.send(player)


def change_every_line(player: Player, said: list[Said]) -> None:
    """Each line of the read-back is opened again: kept, or changed and changed back."""
    before = lines(player.voice())
    assert [line[:3] for line in before] == list(LINES)
    for wish in KEPT:
        assert "保留" in player.say(wish), wish
        assert lines(player.say("保留")) == before, wish
    for step, (wish, other) in CHANGED.items():
        assert "保留" in player.say(wish), wish
        changed = lines(player.say(other))
        assert len([line for line in changed if line not in before]) == 1, wish
        player.say(wish)
        assert lines(answered(player, said, step)) == before, wish


def lines(read_back: str) -> list[str]:
    return [line for line in read_back.splitlines() if line.startswith(LINES)]


def test_a_walk_disturbed_at_every_step_leaves_the_same_record(service: Service) -> None:
    picture_read_before(FRONT, BACK)
    player = service.player()
    last = disturbed_walk(service, player, with_photos())
    (application,) = service.applications(player)
    assert application.number in last
    has_left(service, player, application, CHEN, codes=CODES)
    assert set(consents(service, application)) == {"general", "sensitive", "handing_over"}
    assert set(service.answers(application)["id_photos"]) == {"front", "back"}


def test_a_typed_walk_disturbed_at_every_step_leaves_the_same_record(service: Service) -> None:
    player = service.player()
    last = disturbed_walk(service, player, UNREADABLE)
    (application,) = service.applications(player)
    assert application.number in last
    has_left(service, player, application, WANG, codes=CODES)
