"""What the platform reports: subscriptions, deliveries, pictures it looked at."""

from __future__ import annotations

import pytest

from bot.dialogue.messages import Kind, Update
from bot.ports import TooEarly
from bot.turn.transaction import LazyTransaction
from models.audit import audit_of
from models.notices import Notice, add_chat
from models.people import Account
from models.push.counts import counts_of
from models.push.deliveries import Delivery
from models.push.mass_results import record_heard
from models.push.masses import Mass, end_called, locked_mass
from tests.handlers.chat import Chat
from tests.models.making import KEYS, new_id


def held(chat: Chat) -> dict[str, int]:
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    credits: dict[str, int] = account.subscription_credits
    return credits


def asked(chat: Chat, accepted: dict[str, int], refused: list[str]) -> None:
    assert chat.sends(Kind.CREDITS, data={"accepted": accepted, "refused": refused}) == ""
    assert chat.last is None


def test_each_accepted_template_may_be_sent_once_more(chat: Chat) -> None:
    asked(chat, {"a": 1, "b": 2}, [])
    asked(chat, {"a": 1}, [])
    assert held(chat) == {"a": 2, "b": 2}


def test_a_refused_template_may_not_be_sent_any_more(chat: Chat) -> None:
    asked(chat, {"a": 1, "b": 1}, [])
    asked(chat, {"b": 1}, ["a"])
    assert held(chat) == {"b": 2}


def test_asking_in_the_middle_of_a_form_leaves_the_question_open(chat: Chat) -> None:
    chat.says("办卡")
    asked(chat, {"a": 1}, [])
    assert "第2步" in chat.says("同意")


# --- deliveries -------------------------------------------------------------------------------


def notice(
    chat: Chat, sent_as: str | None = "900", state: str = "sent", kind: str = "ladder"
) -> str:
    notice_id = new_id()
    with chat.database.writing() as records:
        add_chat(
            records, KEYS, account=str(chat.account), payload={"text": "x"}, now=chat.now,
            notice_id=notice_id,
        )  # fmt: skip
        row = next(n for n in records.query(Notice) if n.id == notice_id)
        row.kind, row.state, row.sent_as, row.rung = kind, state, sent_as, "template"
    return notice_id


def became(chat: Chat, notice_id: str) -> str:
    (row,) = chat.rows(Notice, Notice.id == notice_id)
    return str(row.delivery)


def told(chat: Chat, key: str = "900", result: str = "delivered", **more: object) -> None:
    assert chat.sends(Kind.DELIVERY, key=key, data={"result": result, "code": "0", **more}) == ""


def test_the_notice_remembers_that_it_arrived(chat: Chat) -> None:
    sent = notice(chat)
    told(chat)
    assert became(chat, sent) == "delivered"


@pytest.mark.parametrize("result", ["blocked", "limited", "failed"])
def test_what_did_not_arrive_goes_on_with_its_next_road(chat: Chat, result: str) -> None:
    sent = notice(chat)
    for _ in range(2):  # a second report of the same moves it no further
        told(chat, result=result)
    (row,) = chat.rows(Notice, Notice.id == sent)
    assert (row.state, row.delivery, row.sent_as) == ("queued", "", None)
    assert [step[:2] for step in row.steps] == [["template", result]]


def test_what_did_not_arrive_and_has_no_other_road_says_so(chat: Chat) -> None:
    sent = notice(chat, kind="chat")
    told(chat, result="blocked")
    assert became(chat, sent) == "blocked"


def test_the_platforms_first_word_counts(chat: Chat) -> None:
    sent = notice(chat)
    told(chat)
    told(chat, result="failed")
    assert became(chat, sent) == "delivered"


def test_several_in_one_report_are_all_recorded(chat: Chat) -> None:
    sent = [notice(chat, number) for number in ("1", "2", "3")]
    told(chat, "1", others=[["2", "blocked", "x"], ["3", "failed", "y"]])
    assert became(chat, sent[0]) == "delivered"
    states = {row.id: row.state for row in chat.rows(Notice)}
    assert [states[one] for one in sent] == ["sent", "queued", "queued"]


def test_a_report_changes_nobody_elses_notice(chat: Chat) -> None:
    sent = notice(chat)
    told(Chat(chat.database))
    assert became(chat, sent) == ""


def test_a_report_of_what_somebody_else_sent_is_taken_and_writes_nothing(chat: Chat) -> None:
    transaction = LazyTransaction(chat.database)
    data = {"result": "delivered", "code": "0"}
    update = Update("e-1", chat.account, Kind.DELIVERY, chat.now, key="12345", data=data)
    assert chat.router(chat.turn(update, transaction)) is None
    assert not transaction.used


def test_a_report_that_overtakes_our_own_record_is_to_be_tried_again(chat: Chat) -> None:
    on_its_way = notice(chat, None, "sending")
    with pytest.raises(TooEarly):
        told(chat)
    assert became(chat, on_its_way) == ""


def test_a_report_that_was_taken_before_waits_for_nothing(chat: Chat) -> None:
    sent = notice(chat)
    notice(chat, None, "sending")
    told(chat)
    told(chat)
    assert became(chat, sent) == "delivered"


# --- what became of one message to many --------------------------------------------------------

NUMBERS = {"failed": "", "filter_count": 4, "sent_count": 3, "error_count": 1}


def mass(chat: Chat, state: str, sent_as: str | None) -> Mass:
    with chat.database.writing() as records:
        batch = Mass(
            campaign_id=1,
            app="wx1",
            locale="zh_CN",
            state=state,
            sent_as=sent_as,
            count=5,
            due_at=chat.now,
        )
        records.add(batch)
    return batch


def test_the_result_of_a_mass_send_closes_its_batch(chat: Chat) -> None:
    mass(chat, "called", "900")
    for _ in range(2):
        assert chat.sends(Kind.MASS, key="900", data=NUMBERS) == ""
    (batch,) = chat.rows(Mass)
    assert (batch.state, batch.filter_count, batch.sent_count) == ("done", 4, 3)


def test_the_result_of_a_mass_send_that_overtakes_our_own_record_is_kept_for_it(
    chat: Chat,
) -> None:
    batch = mass(chat, "calling", None)
    chat.sends(Kind.MASS, key="900", data=NUMBERS)
    with chat.database.writing() as records:
        its = locked_mass(records, batch.id)
        end_called(records, its, "900", chat.now, chat.now)
        record_heard(records, its)
        assert (its.state, its.filter_count, its.sent_count) == ("done", 4, 3)


def test_the_result_of_what_the_console_of_the_platform_sent_changes_nothing(chat: Chat) -> None:
    mass(chat, "done", "900")
    assert chat.sends(Kind.MASS, key="901", data=NUMBERS) == ""
    (batch,) = chat.rows(Mass)
    assert batch.sent_count is None


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["pass", "review", "risky", "failed"])
def test_a_verdict_about_a_picture_is_kept_for_review(chat: Chat, verdict: str) -> None:
    chat.sends(Kind.CHECKED, key="trace-1", data={"verdict": verdict})
    assert chat.last is None
    with chat.database.reading() as records:
        (event,) = audit_of(records, "media_check:trace-1")
        assert (event.act, event.detail) == ("picture_checked", {"verdict": verdict})
        assert event.actor == "wechat"


# --- what became of a push --------------------------------------------------------------------


def delivery(chat: Chat, recipient: int, state: str, sent_as: str | None) -> None:
    with chat.database.writing() as records:
        records.add(
            Delivery(
                campaign_id=7,
                recipient=recipient,
                state=state,
                road="wechat:template",
                sent_as=sent_as,
            )
        )


def test_the_receipt_of_a_push_is_kept_and_counted_once(chat: Chat) -> None:
    delivery(chat, 1, "sent", "900")
    delivery(chat, 2, "sent", "901")
    told(chat, others=[["901", "blocked", "x"]])
    told(chat, result="failed")
    rows = chat.rows(Delivery)
    assert [row.receipt for row in rows] == ["delivered", "blocked"]
    with chat.database.reading() as records:
        assert counts_of(records, 7) == {
            ("receipt", "wechat:template", "delivered"): 1,
            ("receipt", "wechat:template", "blocked"): 1,
        }


def test_the_receipt_of_a_push_that_overtakes_our_own_record_is_to_be_tried_again(
    chat: Chat,
) -> None:
    chat.says("你好")
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    delivery(chat, account.recipient, "calling", None)
    with pytest.raises(TooEarly):
        told(chat)
    told(Chat(chat.database))  # somebody else is not being told anything
