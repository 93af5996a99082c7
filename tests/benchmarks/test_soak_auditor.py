"""The soak's auditor finds each kind of fault in a small journal, and none in a right one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.soak.auditor import audit, read_journal
from benchmarks.soak.stores import Kept

APOLOGY = "抱歉，我这边出了点问题"
ONE, TWO, THREE = "<1.n.aaaa>", "<2.t.bbbb>", "<3.n.cccc>"


def answered(number: int, answer: str | None, update: str = "") -> dict[str, Any]:
    update = update or f"id{number}"
    return {
        "what": "delivery",
        "person": "p",
        "number": number,
        "update": update,
        "answer": answer,
    }


def sent(text: str) -> dict[str, Any]:
    return {"what": "message", "person": "p", "text": text}


def remembered(*tokens: str) -> dict[str, Any]:
    return answered(0, f"seen: {' '.join(tokens)}", "last")


def found(events: Sequence[dict[str, Any]], **kept: Any) -> list[str]:
    """The kinds of what the auditor finds."""
    on_record = Kept(**{"tickets": Counter({2: 1}), **kept})
    stories = read_journal(json.dumps(event) for event in events)
    return [finding.kind for finding in audit(stories, {"p": on_record})]


RIGHT = [answered(1, ONE), answered(2, TWO), answered(3, THREE), remembered(ONE, TWO, THREE)]


def test_it_finds_nothing_in_a_right_journal() -> None:
    assert found(RIGHT) == []


def test_a_redelivery_with_the_same_answer_is_right() -> None:
    assert found([answered(1, None), answered(1, ONE), *RIGHT, answered(2, TWO)]) == []


def test_silence_and_then_the_answer_by_mail_is_right() -> None:
    assert found([answered(1, ""), sent(ONE), *RIGHT[1:]]) == []
    assert found([answered(1, ""), answered(2, f"{ONE}\n\n{TWO}"), *RIGHT[2:]]) == []


def test_an_apology_promises_nothing() -> None:
    assert found([answered(1, APOLOGY), *RIGHT[1:3], remembered(TWO, THREE)]) == []
    assert found([answered(1, APOLOGY), *RIGHT[1:]]) == []


def test_what_it_remembers_may_come_with_an_earlier_answer_before_it() -> None:
    both = f"<2.t.bbbb>\n\nseen: {ONE}\n\nseen: {ONE} {TWO} {THREE}"
    journal = [RIGHT[0], answered(2, ""), RIGHT[2], answered(0, both, "last")]
    assert found(journal) == []
    assert found([*RIGHT, sent(f"seen: {ONE} {TWO} {THREE}")]) == []


def test_a_late_apology_answers_one_silence() -> None:
    late = sent(f"{APOLOGY}，您刚才那条没有办成。")
    one = [answered(1, ""), late, *RIGHT[1:3], remembered(TWO, THREE)]
    assert found(one) == []
    with_the_next = answered(2, f"{late['text']}\n\n{TWO}")
    assert found([answered(1, ""), with_the_next, RIGHT[2], remembered(TWO, THREE)]) == []
    assert found([*one[:2], answered(2, ""), answered(3, THREE), remembered(THREE)]) == [
        "lost",
        "doubled",
    ]


def test_what_was_answered_and_is_not_remembered_is_lost() -> None:
    assert found([*RIGHT[:3], remembered(TWO, THREE)]) == ["lost", "differing"]
    assert found([answered(1, ""), *RIGHT[1:3], remembered(TWO, THREE)]) == ["lost"]


def test_an_answer_that_never_came_is_lost() -> None:
    assert found([answered(1, ""), *RIGHT[1:]]) == ["lost"]
    assert found([answered(1, "正在处理，请稍候"), *RIGHT[1:]]) == ["lost"]
    assert found([answered(1, ""), *RIGHT[1:]], in_doubt={ONE}) == []


def test_an_answer_that_lies_ready_is_lost_only_if_somebody_asked() -> None:
    left = [answered(1, ""), answered(2, None), answered(3, THREE), remembered(ONE, TWO, THREE)]
    stored = {"m-7-id2": {ONE, TWO}}
    assert found(left, stored=stored) == []
    assert found([*left, answered(2, "")], stored=stored) == ["lost", "lost"]


def test_a_record_that_is_not_there_is_lost() -> None:
    assert found(RIGHT, tickets=Counter()) == ["lost"]


@pytest.mark.parametrize("left", [{"put_aside": [0]}, {"waiting": 2}])
def test_what_was_given_up_or_left_lying_is_lost(left: dict[str, Any]) -> None:
    assert found(RIGHT, **left) == ["lost"]


def test_a_message_put_aside_for_staff_is_not_lost_but_may_be_doubled() -> None:
    assert found([answered(1, ""), *RIGHT[1:3], remembered(TWO, THREE)], put_aside=[1]) == []
    twice = remembered(ONE, ONE, TWO, THREE)
    assert found([*RIGHT[:3], twice], put_aside=[1]) == ["doubled"]


def test_who_is_never_told_what_it_has_seen_is_lost() -> None:
    assert found(RIGHT[:3]) == ["lost"]


def test_a_message_handled_twice_is_doubled() -> None:
    assert found([*RIGHT[:3], remembered(ONE, "<1.n.dddd>", TWO, THREE)]) == ["doubled", "lost"]


def test_a_record_too_many_is_doubled() -> None:
    assert found(RIGHT, tickets=Counter({2: 2})) == ["doubled"]
    assert found(RIGHT, tickets=Counter({1: 1, 2: 1})) == ["doubled"]


def test_an_answer_by_two_roads_is_doubled() -> None:
    assert found([*RIGHT, sent(ONE)]) == ["doubled"]
    assert found([answered(1, ""), sent(ONE), sent(ONE), *RIGHT[1:]]) == ["doubled"]


def test_an_sms_under_two_keys_is_doubled() -> None:
    wrote = [answered(1, "<1.s.aaaa>"), *RIGHT[1:3], remembered("<1.s.aaaa>", TWO, THREE)]
    sms = {"what": "sms", "person": "p", "number": 1, "key": "k1"}
    assert found([*wrote, sms, sms]) == []
    assert found([*wrote, sms, {**sms, "key": "k2"}]) == ["doubled"]
    assert found(wrote) == ["lost"]


def test_two_pictures_are_doubled() -> None:
    picture = {"what": "picture", "person": "p", "number": 1}
    assert found([*RIGHT, picture]) == []
    assert found([*RIGHT, picture, picture]) == ["doubled"]


def test_another_order_is_reordered() -> None:
    assert found([*RIGHT[:3], remembered(TWO, ONE, THREE)]) == ["reordered"]


def test_a_message_that_nobody_answered_may_come_late() -> None:
    assert found([answered(1, None), *RIGHT[1:3], remembered(TWO, THREE, ONE)]) == []


def test_two_answers_to_one_message_differ() -> None:
    more = f"{ONE} and more"
    assert found([answered(1, more), *RIGHT]) == ["differing"]
    assert found([answered(1, "<1.n.dddd>"), *RIGHT[1:]]) == ["differing", "lost"]


def test_a_card_is_on_record_once_under_the_number_that_was_told() -> None:
    card = {"what": "card", "person": "p", "accepted": "YZ1"}
    assert found([*RIGHT, card], applications=["YZ1"]) == []
    assert found([*RIGHT, card]) == ["lost"]
    assert found([*RIGHT, card], applications=["YZ1", "YZ2"]) == ["doubled"]
