"""Every office down or slow: the form goes on, and says what staff will look at later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.player import Player
from tests.end_to_end.service import CODE, Service
from tests.end_to_end.walks import picture, typed, walk
from tests.rig import wait_for


@pytest.fixture
def player(service: Service) -> Iterator[Player]:
    yield service.player()
    service.bot.faults()


def last_text(service: Service, player: Player) -> str:
    return "\n".join(
        m["text"]["content"]
        for m in service.api.sent.get(player.openid, [])
        if m["msgtype"] == "text"
    )


def test_a_portrait_that_comes_late_is_waited_for_not_denied(
    service: Service, player: Player
) -> None:
    service.bot.faults(portraits={"delay_ms": 2200})
    asked = walk(player, typed("赵小云", "119999199208190022", "13900002201"), until="portrait")
    assert "近照" not in asked
    assert "领卡网点：建设银行城东支行" in asked
    assert "第6步/共6步" in asked
    assert "这是您的公安登记照" in asked
    assert "最后看一遍" in player.say("1")


@pytest.mark.parametrize(
    "fault", [{"error": "timeout"}, {"error": "http_500"}, {"error": "refuse"}], ids=str
)
def test_without_the_portraits_an_own_photo_is_asked_for(
    service: Service, player: Player, fault: dict[str, str]
) -> None:
    service.bot.faults(portraits=fault)
    asked = walk(player, typed(phone=service.phone()), until="portrait")
    assert "请发一张近照" in asked
    assert "这张合格：白底、清楚" in player.photo(picture("portrait_chen_guoqiang"))
    player.say("1")
    assert "已提交" in player.say("确认")


@pytest.mark.parametrize("fault", [{"error": "timeout"}, {"error": "http_500"}], ids=str)
def test_without_the_identity_office_staff_will_look(
    service: Service, player: Player, fault: dict[str, str]
) -> None:
    service.bot.faults(identity=fault)
    said = walk(player, typed(phone=service.phone()), until="ethnicity")
    assert "由工作人员核对" in said
    assert "身份证上的民族" in said
    service.bot.faults()
    walk(player, typed(phone=service.phone())[4:], until="portrait")
    player.photo(picture("portrait_chen_guoqiang"))
    player.say("1")
    assert "已提交" in player.say("确认")
    (application,) = service.applications(player)
    assert service.answers(application)["checks"]["identity"] == "unavailable"
    assert not application.holder_proven


def test_without_the_card_office_the_form_goes_on(service: Service, player: Player) -> None:
    service.bot.faults(card_making={"error": "http_500"})
    walk(player, typed(phone=service.phone()), until="phone")
    phone = service.phone()
    player.say(phone)
    assert "第4步" in player.say(CODE)


def test_an_sms_that_leaves_late_is_still_the_one_code(service: Service, player: Player) -> None:
    service.bot.faults(sms={"error": "http_500", "times": 1})
    phone = service.phone()
    walk(player, typed(phone=phone), until="code")
    wait_for(lambda: service.bot.sms(phone) or None, 15.0)
    assert "第4步" in player.say(CODE)
    assert len(service.bot.sms(phone)) == 1


def test_while_an_office_is_silent_the_person_is_told_and_later_goes_on(
    service: Service, player: Player
) -> None:
    service.bot.faults(identity={"delay_ms": 60_000})
    walk(player, typed(phone=service.phone()), until="name_number")
    said = player.push(player.message("text", Content="陈国强 119999199003070019"))
    assert "请稍候" in said
    assert "正在核对身份" in player.say("好了吗")
    wait_for(lambda: "由工作人员核对" in last_text(service, player) or None, 20.0)
    assert "身份证上的民族" in player.voice()


def test_the_portrait_goes_as_a_link_when_the_platform_refuses_pictures(
    service: Service, player: Player
) -> None:
    service.api.refuses_pictures = True
    try:
        asked = walk(player, typed("周明远", "119999195801030099", "13900002206"), until="portrait")
    finally:
        service.api.refuses_pictures = False
    assert "/picture/" in asked
    assert ">公安登记照</a>" in asked
