"""进度 and 继续: whose, by whom, after which proof; what nobody learns who has not proven it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from models.application_states import Actor, State
from models.applications import Application, find_application, move, submit
from models.people import Proof, keep_person
from tests.end_to_end.player import Player
from tests.end_to_end.service import CODE, Service
from tests.end_to_end.walks import typed, walk
from tests.rig import wait_for

HOLDERS = iter(
    [
        ("王䶮", "11999919780911005X", "13900002203"),
        ("田𠮷", "119999198305300073", "13900002204"),
    ]
)


@pytest.fixture(scope="module")
def applied(service: Service) -> tuple[Player, Application]:
    """赵小云 has applied, by the phone on file."""
    player = service.player()
    walk(player, typed("赵小云", "119999199208190022", "13900002201"))
    (application,) = service.applications(player)
    assert application.holder_proven
    return player, application


def handed_in(service: Service, player: Player, name: str, id_number: str) -> Application:
    """A further application of this account, put there without a conversation."""
    clock, (first, *_) = service.bot.clock, service.applications(player)
    with service.records() as records:
        holder = keep_person(
            records, service.bot.keys, person_id=uuid4().hex, name=name, id_number=id_number,
            phone="13900003999", proof=Proof.CODE, now=clock(),
        )  # fmt: skip
        application = submit(
            records, service.bot.keys, application_id=uuid4().hex,
            number=f"YZ261123{uuid4().int % 10**6:06d}", draft_id=uuid4().hex, form="card",
            form_version=1, account=service.key(player), applicant_id=first.applicant_id,
            holder_id=holder.id, relation="child", holder_proven=False,
            answers={"name": name, "phone": "13900003999"}, bank="CCB", branch="CCB-01",
            delivery="pickup", promise_review_by=first.promise_review_by,
            promise_card_by=first.promise_card_by, now=clock(),
        )  # fmt: skip
        records.flush()
        records.expunge_all()
    return application


def asked(service: Service, player: Player, who: str) -> str:
    assert "受理号" in player.say("进度")
    return player.say(who)


def test_who_applied_here_is_told_at_once(applied: tuple[Player, Application]) -> None:
    player, application = applied
    said = player.say("我的卡办到哪了")
    assert "赵*云的社保卡" in said
    assert f"尾号{application.number[-4:]}" in said
    assert "进度1/6，已提交" in said
    assert "119999199208190022" not in said


def test_progress_follows_every_state_and_what_was_returned_is_told_before_the_menu(
    service: Service, applied: tuple[Player, Application]
) -> None:
    player, application = applied
    for state, word in ((State.UNDER_REVIEW, "进度2/6，审核"), (State.RETURNED, "改的地方")):
        with service.records() as records:
            found = find_application(records, application.number)
            assert found is not None
            move(records, found, state, Actor.OFFICER, service.bot.clock())
        assert word in player.say("进度")
    said = player.say("你好")
    assert "有要改的地方" in said
    assert "1 办卡" not in said
    with service.records() as records:
        found = find_application(records, application.number)
        assert found is not None
        move(records, found, State.RESUBMITTED, Actor.CITIZEN, service.bot.clock())
    assert "1 办卡" in player.say("你好")


@pytest.mark.parametrize("words", ["进度", "继续"])
def test_with_two_holders_in_one_account_whose_is_asked(service: Service, words: str) -> None:
    player = service.player()
    walk(player, typed(*next(HOLDERS)))
    second = handed_in(service, player, "林小禾", "119999201806150020")
    said = player.say(words)
    assert "要看哪一份" in said
    assert "林*禾" in said
    assert player.voice().endswith(said.split("\n", 1)[1])
    assert "林*禾的社保卡" in player.say("林*禾" if words == "继续" else second.number[-4:])
    assert "要看哪一份" in player.say(words)
    assert "的社保卡" in player.say("2")


@pytest.mark.parametrize("by", ["number", "name and number"])
def test_another_account_is_told_after_the_code_and_may_be_remembered(
    service: Service, applied: tuple[Player, Application], by: str
) -> None:
    _, application = applied
    service.bot.clock.shift(timedelta(minutes=5))
    other = service.player()
    before = len(service.bot.sms("13900002201"))
    who = application.number if by == "number" else "赵小云 119999199208190022"
    said = asked(service, other, who)
    assert "若与申请一致" in said
    assert "2201" not in said
    wait_for(lambda: len(service.bot.sms("13900002201")) > before or None)
    assert "验证码不对" in other.say("000000")
    shown = other.say(CODE)
    assert "赵*云的社保卡" in shown
    assert "1 记住这个账号" in shown
    assert "带身份证原件到" in other.say("领卡带什么")
    assert "记住了" in other.say("1")
    assert "赵*云的社保卡" in other.say("进度")
    assert "解绑了" in other.say("解绑")
    assert "赵*云" not in other.say("进度")


def test_equal_words_whether_or_not_the_person_exists(
    service: Service, applied: tuple[Player, Application]
) -> None:
    """Step by step the same answers, to the last try and beyond."""
    _, application = applied
    number = application.number
    unknown = number[:-1] + str((int(number[-1]) + 1) % 10)
    service.bot.clock.shift(timedelta(minutes=5))
    for exists, does_not in (
        ("赵小云 119999199208190022", "张三 119999199003071097"),
        (number, unknown),
    ):
        service.bot.clock.shift(timedelta(minutes=2))
        one, two = service.player(), service.player()
        said = ["进度", exists, *["000000"] * 6, "换手机"]
        first = [one.say(text) for text in said]
        second = [two.say(text) for text in [s if s != exists else does_not for s in said]]
        assert first == second


def codes_sent(service: Service) -> int:
    """How many codes the applicant's phone has got; other messages may still be on their way."""
    return sum(bool(message["code"]) for message in service.bot.sms("13900002201"))


def test_a_wrong_name_is_no_proof_and_sends_no_code(
    service: Service, applied: tuple[Player, Application]
) -> None:
    service.bot.clock.shift(timedelta(minutes=5))
    before = codes_sent(service)
    player = service.player()
    assert "若与申请一致" in asked(service, player, "李四 119999199208190022")
    assert "验证码不对" in player.say(CODE)
    assert codes_sent(service) == before


def test_a_code_for_one_application_does_not_open_another(
    service: Service, applied: tuple[Player, Application]
) -> None:
    """The stranger's own code, kept while the owner's phone has just had one from elsewhere."""
    _, application = applied
    service.bot.clock.shift(timedelta(minutes=5))
    stranger, accomplice = service.player(), service.player()
    phone = service.phone()
    walk(stranger, typed("陈国强", "119999199003070019", phone))
    (own,) = service.applications(stranger)
    service.bot.clock.shift(timedelta(minutes=2))
    other = service.player()
    asked(service, accomplice, application.number)  # the owner's phone is busy for a minute
    asked(service, other, own.number)
    wait_for(lambda: len(service.bot.sms(phone)) > 2 or None)
    other.say("0")
    assert "若与申请一致" in other.say(application.number)
    said = other.say(CODE)
    assert "赵*云" not in said
    assert "验证码不对" in said


def test_a_stranger_s_application_is_neither_bound_nor_told_to_the_holder(
    service: Service, applied: tuple[Player, Application]
) -> None:
    owner, proven = applied
    service.bot.clock.shift(timedelta(minutes=5))
    stranger, phone = service.player(), service.phone()
    walk(stranger, typed("赵小云", "119999199208190022", phone))
    (theirs,) = service.applications(stranger)
    assert theirs.contested
    assert not theirs.holder_proven
    assert theirs.number[-4:] not in owner.say("进度")
    service.bot.clock.shift(timedelta(minutes=5))
    second = service.player()
    asked(service, second, theirs.number)
    assert "赵*云" in second.say(CODE)
    assert "还没有核对到您本人" in second.say("1")
    second.say("菜单")
    assert proven.number[-4:] not in second.say("进度")


@pytest.mark.parametrize("words", ["换手机", "手机换了"])
def test_a_changed_phone_leads_to_a_person_or_the_counter(
    service: Service, applied: tuple[Player, Application], words: str
) -> None:
    player = service.player()
    service.bot.clock.shift(timedelta(minutes=5))
    asked(service, player, applied[1].number)
    said = player.say(words)
    assert "带身份证到" in said
    assert "或打" in said


def test_a_missed_promise_is_said_first(
    service: Service, applied: tuple[Player, Application]
) -> None:
    player, _ = applied
    service.bot.clock.shift(timedelta(days=40))
    try:
        assert "过了说好的日子" in player.say("进度")
    finally:
        service.bot.clock.shift(-timedelta(days=40))


def test_in_the_middle_of_a_form_progress_is_told_in_passing(service: Service) -> None:
    player = service.player()
    walk(player, typed("陈国强", "119999199003070019", service.phone()))
    walk(player, typed(phone=service.phone()), until="name_number")
    answer = player.say("我的卡办到哪了")
    assert "陈*强的社保卡" in answer
    assert "请发姓名和身份证号" in answer
    assert "姓名记下了" not in player.say("上次那个办到哪了")
