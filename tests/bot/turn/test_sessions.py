"""The scripts: the same answer when sent twice by the same owner, and nothing for anybody else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from redis.crc import key_slot

from bot.dialogue.messages import Kind, Reply
from bot.sessions import Committed, Done, GaveUp, Head, Run, Sessions, Wait
from models.sealing import SealError
from tests.bot.turn.rig import KEYS, Rig, account, said

LEASE = 2000


@pytest.fixture
def sessions(rig: Rig) -> Sessions:
    """Without the doubling: these tests send twice where they mean it."""
    return Sessions(rig.client, KEYS)


def begin(sessions: Sessions, number: int, owner: str, lease_ms: int = LEASE) -> object:
    update = said(number)
    return sessions.begin(update, sessions.sealed(update), owner, lease_ms=lease_ms)


def head_of(sessions: Sessions, number: int, owner: str, lease_ms: int = LEASE) -> Head:
    answer = begin(sessions, number, owner, lease_ms)
    assert isinstance(answer, Run)
    return answer.head


def commit(sessions: Sessions, owner: str, head: Head, text: str, **how: object) -> Committed:
    reply = Reply(text) if text else None
    return sessions.commit(owner, head, b'{"n":1}', reply, lease_ms=LEASE, **how)  # type: ignore[arg-type]


def test_begin_sent_twice_runs_the_same_head_and_counts_one_try(sessions: Sessions) -> None:
    assert begin(sessions, 1, "me") == begin(sessions, 1, "me")
    assert head_of(sessions, 1, "me").tries == 1


def test_another_waits_for_the_lease_and_takes_it_over_when_it_ran_out(sessions: Sessions) -> None:
    begin(sessions, 1, "me", lease_ms=30)
    assert begin(sessions, 2, "you") == Wait(deferred=False)
    time.sleep(0.04)
    taken_over = head_of(sessions, 2, "you")
    assert (taken_over.update, taken_over.tries) == (said(1), 2)


def test_commit_sent_twice_gives_the_same_answer(sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    assert commit(sessions, "me", head, "<r>") == commit(sessions, "me", head, "<r>")
    assert begin(sessions, 1, "me") == Done(Reply("<r>"), 0)


def test_commit_sent_twice_hands_over_the_same_next_head(sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    begin(sessions, 2, "you")
    first = commit(sessions, "me", head, "<r>", go_on=True)
    assert first == commit(sessions, "me", head, "<r>", go_on=True)
    assert first.following is not None and first.following.update == said(2)
    assert begin(sessions, 3, "other") == Wait(deferred=False)


def test_a_deferring_commit_sent_twice_gives_the_same_answer(sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    first = commit(sessions, "me", head, "", deferred=True)
    assert first == commit(sessions, "me", head, "", deferred=True)
    assert first.status == "deferred"
    assert begin(sessions, 1, "me") == Wait(deferred=True)


def test_mail_is_put_into_the_mailbox_once(sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    sessions.give_up(account(), "id1")
    for _ in range(2):
        committed = commit(sessions, "me", head, "<r>")
        assert (committed.reply, committed.mail_left) == (None, 1)


def test_mail_is_taken_once(sessions: Sessions) -> None:
    for number in (1, 2):
        head = head_of(sessions, number, "me")
        sessions.give_up(account(), f"id{number}")
        commit(sessions, "me", head, f"<r{number}>")
    head = head_of(sessions, 3, "me")
    assert [letter.reply.text for letter in head.mail] == ["<r1>", "<r2>"]
    for _ in range(2):
        assert commit(sessions, "me", head, "<r1> <r3>", taken=1).mail_left == 1


def test_who_lost_the_lease_commits_nothing(sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me", lease_ms=20)
    time.sleep(0.03)
    other = head_of(sessions, 1, "you")
    assert commit(sessions, "me", head, "<mine>").status == "lost"
    commit(sessions, "you", other, "<yours>")
    assert commit(sessions, "me", head, "<mine>").reply == Reply("<yours>")


def test_giving_up_twice_is_giving_up_once(sessions: Sessions) -> None:
    begin(sessions, 1, "me")
    assert sessions.give_up(account(), "id1") == GaveUp("late")
    assert sessions.give_up(account(), "id1") == GaveUp("late")


def test_giving_up_what_nobody_knows_says_so(sessions: Sessions) -> None:
    assert sessions.give_up(account(), "id1") == GaveUp("gone")


def test_who_gives_up_just_as_the_reply_comes_gets_it(sessions: Sessions) -> None:
    commit(sessions, "me", head_of(sessions, 1, "me"), "<r>")
    assert sessions.give_up(account(), "id1") == Done(Reply("<r>"), 0)


def test_a_released_head_does_not_count_the_try_but_is_known_to_be_tried(
    sessions: Sessions,
) -> None:
    for owner in ("a", "b", "c", "d", "e"):
        head = head_of(sessions, 1, owner)
        sessions.release(account(), owner)
        sessions.release(account(), owner)
    assert (head.tries, head.again) == (1, True)


def test_the_head_after_a_released_one_is_nobodys_yet(sessions: Sessions) -> None:
    head_of(sessions, 1, "a")
    sessions.release(account(), "a")
    begin(sessions, 2, "b")
    committed = commit(sessions, "b", head_of(sessions, 1, "b"), "<r1>", go_on=True)
    assert committed.following is not None and not committed.following.again
    commit(sessions, "b", committed.following, "<r2>")
    assert not head_of(sessions, 3, "c").again


def test_a_body_that_was_evicted_does_not_stop_the_person(rig: Rig, sessions: Sessions) -> None:
    begin(sessions, 1, "me", lease_ms=1)
    rig.client.delete(f"{{{account()}}}:b")
    time.sleep(0.005)
    assert head_of(sessions, 2, "you").update == said(2)


def test_a_reply_moved_to_another_person_does_not_open(rig: Rig, sessions: Sessions) -> None:
    commit(sessions, "me", head_of(sessions, 1, "me"), "<r>")
    rig.client.copy("{wechat:wx1:alice}:r:id1", "{wechat:wx1:bob}:r:id1")
    update = said(1, "bob")
    with pytest.raises(SealError):
        sessions.begin(update, sessions.sealed(update), "me", lease_ms=LEASE)


def test_all_keys_of_a_person_are_in_one_slot(rig: Rig, sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    begin(sessions, 2, "you")
    sessions.give_up(account(), "id1")
    commit(sessions, "me", head, "<r>")
    slots = {key_slot(key) for key in rig.client.scan_iter()}
    assert len(slots) == 1


def test_waiting_updates_live_for_the_days_of_a_draft(rig: Rig, sessions: Sessions) -> None:
    head = head_of(sessions, 1, "me")
    begin(sessions, 2, "you")
    sessions.give_up(account(), "id1")
    commit(sessions, "me", head, "<r>")
    for part in ("", ":q", ":b", ":m"):
        days = rig.client.ttl(f"{{{account()}}}{part}") / 86400
        assert 31.9 < days <= 32


def test_internal_updates_pass_a_full_queue(rig: Rig) -> None:
    sessions = Sessions(rig.client, KEYS, cap=1)
    begin(sessions, 1, "me")
    update = replace(said(2), kind=Kind.RESULT)
    answer = sessions.begin(update, sessions.sealed(update), "you", lease_ms=LEASE)
    assert answer == Wait(deferred=False)


def test_a_claimed_mailbox_is_claimed_by_nobody_else_until_asked_again(rig: Rig) -> None:
    drains = rig.drains
    drains.ask(account())
    due = drains.claim(5000)
    assert due is not None and due.account == account()
    assert drains.claim(5000) is None
    drains.ask(account())  # more mail came while the first was being sent
    drains.finish(due)
    assert drains.claim(5000) is not None


def test_a_drain_put_off_is_due_later(rig: Rig) -> None:
    drains = rig.drains
    drains.ask(account())
    due = drains.claim(5000)
    assert due is not None
    drains.finish(due, again_after_ms=40)
    assert drains.claim(5000) is None
    time.sleep(0.05)
    assert drains.claim(5000) is not None


def test_a_finished_drain_is_forgotten(rig: Rig) -> None:
    rig.drains.ask(account())
    due = rig.drains.claim(1)
    assert due is not None
    rig.drains.finish(due)
    time.sleep(0.005)
    assert rig.drains.claim(5000) is None
