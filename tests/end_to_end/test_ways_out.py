"""Leaving the form: a person, the counter, 取消, the account unfollowed, a draft too old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.documents import Document
from models.drafts import DraftRow
from models.people import find_account
from models.tickets import Ticket
from tests.end_to_end.player import Player
from tests.end_to_end.service import Service
from tests.end_to_end.walks import BACK, FRONT, picture_read_before, typed, walk, with_photos
from tests.rig import wait_for

NIGHT = timedelta(hours=12)  # from Monday 10:04 to 22:04


@pytest.fixture
def player(service: Service) -> Player:
    return service.player()


@pytest.fixture
def at_night(service: Service) -> Iterator[None]:
    service.bot.clock.shift(NIGHT)
    yield
    service.bot.clock.shift(NIGHT)


def tickets(service: Service, player: Player) -> list[Ticket]:
    found: list[Ticket] = service.rows(Ticket, Ticket.account_key == service.key(player))
    return found


@pytest.mark.parametrize("words", ["9", "人工", "我要找真人说话"])
def test_in_office_hours_a_person_is_named_and_the_question_stands(
    service: Service, player: Player, words: str
) -> None:
    walk(player, typed(phone=service.phone()), until="phone")
    said = player.say(words)
    assert "请打" in said
    assert "请发您的手机号" in said
    assert tickets(service, player) == []


def test_at_night_a_message_is_kept_and_the_form_goes_on(
    service: Service, player: Player, at_night: None
) -> None:
    walk(player, typed(phone=service.phone()), until="phone")
    assert "现在没有人值班" in player.say("人工")
    assert "请留言" in player.say("人工")
    assert "请留言" in player.voice()
    said = player.say("办卡要钱吗？我的电话13900003998")
    assert "记下了" in said
    assert "请发您的手机号" in said
    (ticket,) = tickets(service, player)
    assert ticket.kind == "call_back"
    assert ticket.open_payload(service.bot.keys)["text"] == "办卡要钱吗？我的电话13900003998"


def test_at_night_back_leaves_no_message(service: Service, player: Player, at_night: None) -> None:
    walk(player, typed(phone=service.phone()), until="phone")
    player.say("9")
    assert "请发您的手机号" in player.say("0")
    assert tickets(service, player) == []


def test_at_the_menu_a_message_is_kept_too(
    service: Service, player: Player, at_night: None
) -> None:
    player.say("你好")
    player.say("9")
    assert "记下了" in player.say("卡丢了，13900003997")
    assert len(tickets(service, player)) == 1
    assert "1 办卡" in player.say("菜单")


def test_cancelling_deletes_draft_and_photos(service: Service, player: Player) -> None:
    picture_read_before(FRONT, BACK)
    walk(player, with_photos(service.phone()), until="branch")
    (draft,) = service.rows(DraftRow, DraftRow.account_key == service.key(player))
    kept = service.rows(Document, Document.draft_id == draft.id)
    folder = Path(service.bot.settings.data_dir, "objects")
    objects = {document.object_name for document in kept}
    assert len(objects) == 3
    assert "确定不办了吗" in player.say("取消")
    assert "5 邮寄到家" in player.say("2")
    player.say("不办了")
    assert "都删了" in player.say("1")
    (draft,) = service.rows(DraftRow, DraftRow.account_key == service.key(player))
    assert draft.ended_how == "cancelled"
    service.bot.clock.shift(timedelta(minutes=2))  # with the next housekeeping
    wait_for(lambda: not service.rows(Document, Document.draft_id == draft.id) or None, 20.0)
    # First the row, then its file.
    wait_for(lambda: not objects & {path.name for path in folder.rglob("*")} or None, 5.0)
    assert "没有办到一半的申请" in player.say("继续")
    assert "请回复“同意”" in player.say("办卡")


@pytest.mark.parametrize("words", ["0", "菜单", "今天天气"])
def test_asked_whether_to_cancel_other_words_delete_nothing(
    service: Service, player: Player, words: str
) -> None:
    walk(player, typed(phone=service.phone()), until="phone")
    player.say("取消")
    player.say(words)
    player.say("继续")
    assert "请发您的手机号" in player.voice() + player.say("继续")


@pytest.mark.parametrize("step", ["notice", "id", "branch"])
def test_the_counter_is_named_with_address_and_hours_and_the_question_stands(
    service: Service, player: Player, step: str
) -> None:
    asked = walk(player, typed(phone=service.phone()), until=step)
    said = player.say("窗口")
    assert "到窗口也能办" in said
    assert "电话" in said
    assert asked.split("\n")[-2] in player.voice()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("不同意", "到窗口也能办"),
        ("孩子", "监护人到柜台"),
        ("给我妈办", "到柜台"),
        ("家人", "到柜台"),
    ],
)
def test_who_does_not_agree_or_applies_for_others_gets_an_honest_answer(
    service: Service, player: Player, words: str, said: str
) -> None:
    walk(player, typed(phone=service.phone()), until="notice")
    assert said in player.say(words)
    assert service.rows(DraftRow, DraftRow.account_key == service.key(player)) == []
    assert "请发身份证人像面" in player.say("同意" if words != "不同意" else "继续") + player.say(
        "同意"
    )


def test_a_number_where_nothing_is_numbered_is_not_understood(
    service: Service, player: Player
) -> None:
    walk(player, typed(phone=service.phone()), until="notice")
    assert "没太明白" in player.say("2")


def test_unfollowing_is_silent_and_following_again_offers_to_go_on(
    service: Service, player: Player
) -> None:
    walk(player, typed(phone=service.phone()), until="phone")
    assert player.event("unsubscribe") == ""
    with service.records() as records:
        account = find_account(records, service.key(player))
        assert account is not None
        assert not account.followed
    service.bot.clock.shift(timedelta(seconds=3))
    welcome = player.event("subscribe", "qrscene_42")
    assert "1 办卡" in welcome
    assert "继续" in welcome
    with service.records() as records:
        account = find_account(records, service.key(player))
        assert account is not None
        assert account.followed
    assert "请发您的手机号" in player.say("继续")


@pytest.mark.parametrize(("event", "key"), [("VIEW", "http://x"), ("LOCATION", ""), ("xyz", "")])
def test_an_unknown_event_is_only_acknowledged(player: Player, event: str, key: str) -> None:
    assert player.event(event, key) == ""


@pytest.mark.parametrize(
    ("key", "said"), [("apply", "请回复“同意”"), ("progress", "受理号"), ("?", "1 办卡")]
)
def test_a_menu_click_is_acted_on(player: Player, key: str, said: str) -> None:
    assert said in player.event("CLICK", key)


@pytest.mark.parametrize("words", ["继续", "办卡", "1"])
def test_a_draft_of_more_than_thirty_days_is_over_and_said_so(
    service: Service, player: Player, words: str
) -> None:
    walk(player, typed(phone=service.phone()), until="work")
    service.bot.clock.shift(timedelta(days=31))
    said = player.say(words)
    assert "过了30天没填完" in said
    assert "请回复“同意”" in said + player.say("办卡")
    mine = DraftRow.account_key == service.key(player)
    wait_for(lambda: [d for d in service.rows(DraftRow, mine) if d.ended_how == "expired"] or None)


def test_a_draft_of_thirty_days_less_an_hour_goes_on(service: Service, player: Player) -> None:
    walk(player, typed(phone=service.phone()), until="work")
    service.bot.clock.shift(timedelta(days=30, hours=-1))
    assert "5 学生" in player.say("继续")


def test_the_language_stays_and_holds_at_every_question(service: Service, player: Player) -> None:
    walk(player, typed(phone=service.phone()), until="work")
    said = player.say("speak english")
    assert "5 Student" in said
    assert "Step 5 of 6" in player.say("5")
    assert "5 邮寄到家" in player.say("换中文")
