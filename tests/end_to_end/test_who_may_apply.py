"""Who is told what, and when: a card already, an application already, not insured, too young."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.documents import Document
from models.drafts import DraftRow
from tests.end_to_end.player import Player
from tests.end_to_end.service import CODE, Service
from tests.end_to_end.test_deliveries import at_once
from tests.end_to_end.walks import typed, walk
from tests.rig import wait_for

HAS_CARD = ("李晓梅", "119999199502140042", "13900002205")
HAS_APPLICATION = ("孙志强", "119999198711080117", "13900002207")
CLEAN = ("田𠮷", "119999198305300073", "13900002204")
CLEAN_TOO = ("赵小云", "119999199208190022", "13900002201")
NO_PHONE_ON_FILE = ("刘桂芳", "119999196906250121")


@pytest.fixture
def player(service: Service) -> Player:
    return service.player()


@pytest.mark.parametrize(
    ("who", "words"),
    [(HAS_CARD, "已经有社保卡"), (HAS_APPLICATION, "一份正在办的申请")],
    ids=["a card", "an application"],
)
def test_what_speaks_against_it_is_told_to_the_phone_on_file(
    service: Service, player: Player, who: tuple[str, str, str], words: str
) -> None:
    before = walk(player, typed(*who), until="code")
    assert words not in before
    assert words in player.say(CODE)
    (draft,) = service.rows(DraftRow, DraftRow.account_key == service.key(player))
    assert draft.ended_how == "cancelled"
    service.bot.clock.shift(timedelta(minutes=2))  # the photos go with the next housekeeping
    wait_for(lambda: not service.rows(Document, Document.draft_id == draft.id) or None, 20.0)
    assert "没有办到一半的申请" in player.say("继续")


@pytest.mark.parametrize(
    ("who", "clean"),
    [(HAS_CARD, CLEAN), (HAS_APPLICATION, CLEAN_TOO)],
    ids=["a card", "an application"],
)
def test_to_another_phone_it_is_word_for_word_as_with_a_clean_person(
    service: Service, player: Player, who: tuple[str, str, str], clean: tuple[str, str, str]
) -> None:
    """From the first word to the acceptance number, but for what tells the people apart."""
    told = []
    for somebody, (name, number, _) in ((player, who), (service.player(), clean)):
        phone = service.phone()
        said = [message.send(somebody) for message in typed(name, number, phone)]
        (application,) = service.applications(somebody)
        own = (application.number, number[-4:], phone[-4:])
        told.append([_without(text, own) for text in said])
        assert application.contested is (somebody is player)
        assert not application.holder_proven
    assert _same_but_for_the_person(told[0]) == _same_but_for_the_person(told[1])


def _without(text: str, own: tuple[str, ...]) -> str:
    for word in own:
        text = text.replace(word, "…")
    return text


def _same_but_for_the_person(said: list[str]) -> list[str]:
    lines = ["\n".join(ln for ln in text.split("\n") if "身份：" not in ln) for text in said]
    return [line.replace("119**********", "…") for line in lines]


def test_who_has_no_phone_on_file_goes_on_and_staff_will_look(
    service: Service, player: Player
) -> None:
    said = walk(player, typed(*NO_PHONE_ON_FILE, service.phone()), until="lives_at")
    assert "审核时工作人员会核对" in said


def test_who_is_not_insured_here_is_told_at_once_and_may_go_on(
    service: Service, player: Player
) -> None:
    said = walk(player, typed("周明远", "119999195801030099", "13900002206"), until="ethnicity")
    assert "没查到您在云州的参保记录" in said
    assert "身份证上的民族" in said


def test_a_child_is_led_to_the_counter_and_a_slip_can_be_put_right(
    service: Service, player: Player
) -> None:
    walk(player, typed(phone=service.phone()), until="name_number")
    said = player.say("林小禾 119999201806150020")
    assert "未满16岁" in said
    assert "监护人" in said
    assert "请发姓名和身份证号" in player.say("继续")
    assert "身份核对通过" in player.say("陈国强 119999199003070019")


def test_who_has_just_turned_sixteen_may_apply(service: Service, player: Player) -> None:
    said = walk(player, typed("马晓峰", "119999201007210066", "13900002208"), until="ethnicity")
    assert "身份核对通过" in said


@pytest.mark.parametrize(
    ("name", "number"), [("陈国庆", "119999199003070019"), ("王小明", "119999199003078037")]
)
def test_a_mismatch_is_said_and_insisting_leaves_it_to_staff(
    service: Service, player: Player, name: str, number: str
) -> None:
    """In the same words whether or not there is such a number."""
    walk(player, typed(phone=service.phone()), until="name_number")
    assert player.say(f"{name} {number}").startswith("姓名和身份证号没对上，可能有一处打错。")
    assert "请发姓名和身份证号" in player.voice()
    assert "由工作人员核对" in player.say("没错")


def test_after_a_mismatch_the_number_alone_can_be_corrected(
    service: Service, player: Player
) -> None:
    walk(player, typed(phone=service.phone()), until="name_number")
    assert "没对上" in player.say("陈国强 119999199003078037")
    assert "身份核对通过" in player.say("119999199003070019")


def test_an_application_of_the_own_makes_a_second_one_needless(
    service: Service, player: Player
) -> None:
    walk(player, typed(*CLEAN))
    assert len(service.applications(player)) == 1
    service.bot.clock.shift(timedelta(minutes=2))
    other = service.player()
    said = walk(other, typed(*CLEAN), until="lives_at")
    assert "您已经有一份正在办的申请" in said
    assert service.applications(other) == []


def test_of_two_submits_at_the_same_moment_one_becomes_the_application(service: Service) -> None:
    who = ("王䶮", "11999919780911005X", "13900002203")
    players = [service.player(), service.player()]
    for player in players:
        walk(player, typed(*who), until="lives_at")
        if player is players[1]:  # asked whether to go on with the other one
            player.say("不了，填这一份")
        rest = [message.step for message in typed(*who)].index("lives_at")
        walk(player, typed(*who)[rest:], until="check")
        service.bot.clock.shift(timedelta(minutes=2))
    messages = [player.message("text", Content="确认") for player in players]
    said = at_once(list(zip(players, messages, strict=True)))
    found = [a for player in players for a in service.applications(player)]
    assert len(found) == 1
    assert sum(found[0].number in answer for answer in said) == 1
    assert sum("您已经有一份正在办的申请" in answer for answer in said) == 1


def test_a_submit_by_the_holder_contests_what_a_stranger_handed_in(service: Service) -> None:
    who = ("何嘉文", "820000199101010018", "13900002209")
    stranger, owner = service.player(), service.player()
    for player, phone in ((stranger, service.phone()), (owner, who[2])):
        walk(player, [m for m in typed(who[0], who[1], phone) if m.step != "ethnicity"])
    (theirs,), (own,) = service.applications(stranger), service.applications(owner)
    assert own.holder_proven
    assert not own.contested
    assert theirs.contested
