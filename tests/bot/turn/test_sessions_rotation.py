"""Conversations survive a change of the key that seals them."""

from __future__ import annotations

from bot.dialogue.messages import Reply
from bot.sessions import Done, Run, Sessions
from bot.sessions.rotation import reseal, versions_in_conversations
from models.sealing import Keyring
from tests.bot.turn.rig import KEYS, Rig, account, said
from tests.bot.turn.test_late_replies import late_by_four

OLD = (1, bytes(range(32)))
NEW = (2, bytes(range(100, 132)))
INDEX = bytes(range(32, 64))
BOTH, NEW_ALONE = Keyring([NEW, OLD], INDEX), Keyring([NEW], INDEX)


def fill(rig: Rig) -> None:
    """One person with everything there can be: session, replies, letters, a waiting update."""
    late_by_four(rig, 2)
    rig.turns().take(said(1, "bob"))
    sessions = Sessions(rig.client, KEYS)
    for number in (7, 8):
        update = said(number)
        sessions.begin(update, sessions.sealed(update), f"owner{number}", lease_ms=1)


def test_after_resealing_only_the_new_key_is_needed(rig: Rig) -> None:
    fill(rig)
    assert set(versions_in_conversations(rig.client)) == {1}
    # two letters, two waiting updates, bob's reply, and the session of either
    assert reseal(rig.client, BOTH) == 7
    assert set(versions_in_conversations(rig.client)) == {2}
    sessions = Sessions(rig.client, NEW_ALONE)
    update = said(9)
    answer = sessions.begin(update, sessions.sealed(update), "me", lease_ms=1000)
    assert isinstance(answer, Run)
    assert answer.head.update == said(7)
    assert [letter.reply for letter in answer.head.mail] == [Reply("<r1>"), Reply("<r2>")]
    bob = said(1, "bob")
    assert sessions.begin(bob, sessions.sealed(bob), "me", lease_ms=1000) == Done(Reply("<r1>"), 0)


def test_resealing_twice_finds_nothing_to_do(rig: Rig) -> None:
    fill(rig)
    reseal(rig.client, BOTH)
    assert reseal(rig.client, BOTH) == 0


def test_resealing_keeps_how_long_a_stored_reply_lives(rig: Rig) -> None:
    rig.turns().take(said(1))
    key = f"{{{account()}}}:r:id1"
    rig.client.expire(key, 50)
    reseal(rig.client, BOTH)
    assert 0 < rig.client.ttl(key) <= 50


def test_what_does_not_open_is_left_and_still_counted(rig: Rig) -> None:
    rig.turns().take(said(1))
    assert reseal(rig.client, NEW_ALONE) == 0
    assert set(versions_in_conversations(rig.client)) == {1}
