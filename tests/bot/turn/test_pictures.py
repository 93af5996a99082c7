"""A picture with a question: sent once by API message before the reply, or shown by a link."""

from __future__ import annotations

import dataclasses
import signal

import pytest

from bot.dialogue.messages import Outcome, Picture, Reply
from bot.ports import SendError, Turn
from models.documents import add_document
from models.notices import Notice, use_link
from tests.bot.turn.processes import deliver
from tests.bot.turn.rig import KEYS, NOON, Rig, said

DOCUMENT = "a" * 32
POINTS = (
    "handled",
    "before sql commit",
    "after sql commit",
    "before picture",
    "after picture",
    "before commit",
)


def show(turn: Turn) -> Outcome:
    """Asks about the portrait, and remembers that it did."""
    turn.session.notes.setdefault("seen", []).append(int(turn.update.text))
    return Reply("is it you?", picture=Picture(DOCUMENT, " for 云州", "the portrait"))


@pytest.fixture
def mortal(gallery: Rig) -> Rig:
    """Whoever takes over waits for the lease; nobody gives up."""
    gallery.lease_ms, gallery.deadline_s = 800, 20.0
    return gallery


@pytest.fixture
def gallery(rig: Rig) -> Rig:
    """A rig whose store holds the portrait; its lease leaves time for the call."""
    rig.handle = show
    with rig.database.writing() as records:
        add_document(
            records,
            KEYS,
            rig.objects,
            document_id=DOCUMENT,
            kind="portrait",
            image=b"JPEG",
            media_type="image/jpeg",
            width=3,
            height=4,
            draft_id=None,
            expires_at=None,
            now=NOON,
        )
    return rig


def linked_document(rig: Rig, reply: Reply | None) -> str | None:
    """What the link of a reply shows at its first use."""
    assert reply is not None
    (link,) = reply.links
    assert link.label == "the portrait"
    with rig.database.writing() as records:
        return use_link(records, link.url.removeprefix("/picture/"), NOON)


def test_the_picture_is_sent_with_its_watermark_and_the_question_replied(gallery: Rig) -> None:
    assert gallery.turns().take(said(1)) == Reply("is it you?")
    assert gallery.channels["wechat"].sent("picture") == ["JPEG for 云州"]
    assert [notice.state for notice in gallery.rows(Notice)] == ["sent"]


def test_a_redelivery_sends_no_second_picture(gallery: Rig) -> None:
    turns = gallery.turns()
    assert turns.take(said(1)) == turns.take(said(1))
    assert len(gallery.channels["wechat"].sent("picture")) == 1


@pytest.mark.parametrize("reason", ["window", "transient", "unknown"])
def test_a_refused_picture_becomes_a_link(gallery: Rig, reason: str) -> None:
    gallery.channels["wechat"].fault = SendError(reason)  # type: ignore[arg-type]
    reply = gallery.turns().take(said(1))
    assert linked_document(gallery, reply) == DOCUMENT
    state = gallery.rows(Notice)[0].state
    assert state == ("unknown" if reason == "unknown" else "refused")


def test_a_redelivery_gets_the_same_link(gallery: Rig) -> None:
    gallery.channels["wechat"].fault = SendError("window")
    turns = gallery.turns()
    assert turns.take(said(1)) == turns.take(said(1))


def test_the_city_may_want_links_only(gallery: Rig) -> None:
    gallery.city = dataclasses.replace(gallery.city, portrait_in_chat="link")
    reply = gallery.turns().take(said(1))
    assert gallery.channels["wechat"].sent("picture") == []
    assert linked_document(gallery, reply) == DOCUMENT


def test_a_missing_picture_still_gets_its_question(gallery: Rig) -> None:
    gallery.objects.delete(DOCUMENT)
    reply = gallery.turns().take(said(1))
    assert reply is not None and reply.text == "is it you?"


def test_without_time_for_a_call_the_link_is_given_at_once(gallery: Rig) -> None:
    reply = gallery.turns(deadline_s=0.2).take(said(1))
    assert gallery.channels["wechat"].sent("picture") == []
    assert linked_document(gallery, reply) == DOCUMENT


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_picture_is_sent_at_most_once(mortal: Rig, point: str) -> None:
    assert deliver(mortal, said(1), point).answer() is None
    reply = mortal.turns().take(said(1))
    assert reply is not None and reply.text == "is it you?"
    pictures = mortal.channels["wechat"].sent("picture")
    shown = len(pictures) == 1 or linked_document(mortal, reply) == DOCUMENT
    assert shown and len(pictures) <= 1
    assert mortal.seen() == [1]
    assert len(mortal.rows(Notice)) == 1


def test_a_take_over_that_finds_it_still_sending_gives_the_link(mortal: Rig) -> None:
    assert deliver(mortal, said(1), "before picture").answer() is None
    reply = mortal.turns().take(said(1))
    assert linked_document(mortal, reply) == DOCUMENT
    assert mortal.rows(Notice)[0].state == "unknown"


@pytest.mark.parametrize("point", ["after sql commit", "before picture", "after picture"])
def test_frozen_and_woken_it_sends_at_most_one_picture_and_agrees(mortal: Rig, point: str) -> None:
    sleeper = deliver(mortal, said(1), point, signal.SIGSTOP)
    sleeper.wait_until_frozen()
    reply = mortal.turns().take(said(1))
    sleeper.wake()
    assert reply is not None and sleeper.answer() == reply.text
    assert len(mortal.channels["wechat"].sent("picture")) <= 1
    assert mortal.seen() == [1]
