"""修改 from the read-back: one answer is asked again, what depends on it, and nothing else."""

from __future__ import annotations

import pytest

from tests.end_to_end.player import Player
from tests.end_to_end.service import CODE, Service
from tests.end_to_end.walks import (
    BACK,
    FRONT,
    picture,
    picture_read_before,
    typed,
    walk,
    with_photos,
)


@pytest.fixture
def player(service: Service) -> Player:
    """Somebody who sees the read-back."""
    picture_read_before(FRONT, BACK)
    player = service.player()
    assert "最后看一遍" in walk(player, with_photos(service.phone()), until="check")
    return player


def submitted(service: Service, player: Player) -> dict[str, object]:
    assert "已提交" in player.say("确认")
    (application,) = service.applications(player)
    return service.answers(application)


@pytest.mark.parametrize(
    ("wish", "asks", "answer", "line", "field", "value"),
    [
        ("改地址", "住的地方", "城西区团结街8号", "住址：云州市城西区团结街8号", "district",
         "119902"),
        ("修改 3", "住的地方", "城东区人民路1号", "住址：云州市城东区人民路1号", "lives_at",
         "城东区人民路1号"),
        ("改工作", "您原来选的是", "5", "工作：学生", "status", "student"),
        ("单位写错了，改单位", "您原来选的是", "1 云海物流公司", "云海物流公司", "employer",
         "云海物流公司"),
        ("改网点", "建设银行城东支行", "2", "领卡：农业银行和平路支行", "bank", "ABC"),
        ("修改5", "建设银行城东支行", "邮寄", "", "", ""),
        ("change branch", "建设银行城东支行", "3", "领卡：邮储银行东门支行", "bank", "PSBC"),
    ],
)  # fmt: skip
def test_one_answer_is_changed_and_the_read_back_shows_it(
    service: Service, player: Player, wish: str, asks: str, answer: str,
    line: str, field: str, value: str,
) -> None:  # fmt: skip
    assert asks in player.say(wish)
    changed = player.say(answer)
    if not field:  # by post: one question more inside
        assert "请选制卡的银行" in changed
        changed, line, field, value = player.say("工行"), "邮寄到家", "bank", "ICBC"
    assert "最后看一遍" in changed
    assert line in changed
    assert submitted(service, player)[field] == value


@pytest.mark.parametrize("wish", ["改手机", "修改 2", "手机号不对", "change phone"])
def test_another_phone_is_proven_anew(service: Service, player: Player, wish: str) -> None:
    phone = service.phone()
    assert "发" in player.say(wish)
    assert "验证码已发到" in player.say(phone)
    changed = player.say(CODE)
    assert "最后看一遍" in changed
    assert f"139****{phone[-4:]}" in changed
    assert submitted(service, player)["phone"] == phone


def test_another_photo_is_taken_instead_of_the_first(service: Service, player: Player) -> None:
    assert "您发的照片" in player.say("改照片")
    assert "这张合格：白底、清楚" in player.photo(picture("portrait_sun_zhiqiang"))
    changed = player.say("1")
    assert "照片：您发的照片" in changed
    portrait = submitted(service, player)["portrait"]
    assert isinstance(portrait, dict)
    assert portrait["source"] == "own"


def test_a_name_read_wrongly_is_typed_and_checked_again(service: Service, player: Player) -> None:
    assert "姓名：陈国强" in player.say("改名字")
    assert "哪一行不对" in player.say("2")
    assert "打一遍姓名" in player.say("姓名")
    assert "姓名：陈国庆" in player.say("陈国庆")
    assert "没对上" in player.say("1")
    insisted = player.say("1")
    assert "由工作人员核对" in insisted
    said, phone = insisted, service.phone()
    for answer in (phone, CODE):
        said = player.say(answer)
    assert "近照" in said  # no portrait of a person nobody knows
    player.photo(picture("portrait_sun_zhiqiang"))
    assert "身份：陈国庆" in player.say("1")
    assert submitted(service, player)["name"] == "陈国庆"
    (application,) = service.applications(player)
    assert application.contested
    assert not application.holder_proven


def test_a_wish_to_change_is_heard_at_an_earlier_question(service: Service) -> None:
    player = service.player()
    walk(player, with_photos(service.phone()), until="branch")
    assert "住的地方" in player.say("改地址")
    changed = player.say("城西区团结街8号")
    assert "网点" in changed
    assert "城西" in changed


def test_keeping_what_was_to_be_changed_leads_back_to_the_read_back(player: Player) -> None:
    before = player.say("改手机")
    assert "保留" in before
    assert "最后看一遍" in player.say("保留")


def test_changing_nothing_in_particular_explains_how(player: Player) -> None:
    said = player.say("修改")
    assert "要改哪样就说哪样" in said
    assert "最后看一遍" in said


def test_a_place_sent_at_the_branch_question_shows_the_branches_near_it(service: Service) -> None:
    player = service.player()
    before = walk(player, typed(phone=service.phone()), until="branch")
    elsewhere = player.place("", 32.02, 123.05)
    assert "5 邮寄到家" in elsewhere
    assert elsewhere.split("\n")[1] not in before
    assert "这个位置不在云州市" in player.place("", 39.9, 116.4)
    player.say("农业银行")
    of_bank = player.place("", 32.05, 123.12)
    assert "1 农业银行和平路支行，800米" in of_bank
    assert "建设银行" not in of_bank
