"""Transcripts: in order, each entry once, sealed, bounded; pictures for their minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.dialogue.messages import AccountKey, Option, Reply
from bot.redis_client import connect_redis
from bot.sessions import Entry, Transcripts
from bot.sessions.rotation import reseal, versions_in_conversations
from bot.sessions.transcripts import MOST_ENTRIES, PICTURE_LIFE
from models.sealing import Keyring
from tests.bot.turn.rig import KEYS

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME, YOU = AccountKey("web", "site", "me"), AccountKey("web", "site", "you")
REPLY = Reply("您要办什么？", (Option("1", "办卡"),), footer="0 返回")


@pytest.fixture
def client(redis: object, redis_url: str) -> Iterator[object]:
    found = connect_redis(redis_url)
    yield found
    found.close()


@pytest.fixture
def transcripts(client: object) -> Transcripts:
    return Transcripts(client, KEYS)  # type: ignore[arg-type]


def said(number: int) -> Entry:
    return Entry(f"u{number}", "me", NOW, text=f"陈国强 {number}", more={"key": "1"})


def test_entries_are_read_in_their_order_and_only_of_their_account(
    transcripts: Transcripts,
) -> None:
    transcripts.add(ME, said(1))
    transcripts.add(ME, Entry("r1", "bot", NOW, reply=REPLY))
    transcripts.add(YOU, said(2))
    first, second = transcripts.entries(ME)
    assert (first.key, first.text, first.more, first.number) == ("u1", "陈国强 1", {"key": "1"}, 1)
    assert (second.reply, second.number) == (REPLY, 2)
    assert [entry.key for entry in transcripts.entries(ME, after=1)] == ["r1"]


def test_an_entry_is_added_once_under_its_key(transcripts: Transcripts) -> None:
    assert transcripts.add(ME, said(1))
    assert not transcripts.add(ME, said(1))
    assert len(transcripts.entries(ME)) == 1


def test_an_entry_is_found_by_its_key(transcripts: Transcripts) -> None:
    for number in range(5):
        transcripts.add(ME, said(number))
    found = transcripts.find(ME, "u3")
    assert found is not None
    assert (found.text, found.number) == ("陈国强 3", 4)
    assert transcripts.find(ME, "u9") is None
    assert transcripts.find(YOU, "u3") is None


def test_beyond_the_cap_entries_are_still_found_and_read_by_their_numbers(
    transcripts: Transcripts,
) -> None:
    for number in range(MOST_ENTRIES + 3):
        transcripts.add(ME, said(number))
    assert transcripts.find(ME, "u2") is None
    found = transcripts.find(ME, "u3")
    assert found is not None and found.number == 4
    assert [e.key for e in transcripts.entries(ME, after=MOST_ENTRIES + 1)] == ["u301", "u302"]
    assert len(transcripts.entries(ME, after=1)) == MOST_ENTRIES


def test_beyond_the_cap_the_oldest_go(transcripts: Transcripts) -> None:
    for number in range(MOST_ENTRIES + 3):
        transcripts.add(ME, said(number))
    entries = transcripts.entries(ME)
    assert [entries[0].key, entries[-1].key] == ["u3", f"u{MOST_ENTRIES + 2}"]
    assert len(entries) == MOST_ENTRIES


def test_a_picture_is_shown_for_its_minutes_to_its_account(
    transcripts: Transcripts, client: object
) -> None:
    transcripts.keep_picture(ME, "p1", b"jpeg")
    assert transcripts.picture(ME, "p1") == b"jpeg"
    assert transcripts.picture(YOU, "p1") is None
    left = client.pttl(f"{{{ME}}}:wp:p1")  # type: ignore[attr-defined]
    assert 0 < left <= PICTURE_LIFE.total_seconds() * 1000


def test_nothing_lies_in_redis_in_the_clear_and_a_new_key_takes_over(
    transcripts: Transcripts, client: object
) -> None:
    transcripts.add(ME, said(1))
    transcripts.keep_picture(ME, "p1", b"jpeg")
    raw = client.lrange(f"{{{ME}}}:w", 0, -1)  # type: ignore[attr-defined]
    assert "陈国强".encode() not in b"".join(raw)
    new = (2, bytes(range(100, 132)))
    both = Keyring([new, (1, bytes(range(32)))], bytes(range(32, 64)))
    assert reseal(client, both) == 2
    assert set(versions_in_conversations(client)) == {2}
    after = Transcripts(client, Keyring([new], bytes(range(32, 64))))  # type: ignore[arg-type]
    assert after.entries(ME)[0].text == "陈国强 1"
    assert after.picture(ME, "p1") == b"jpeg"


def test_what_is_forgotten_is_gone(transcripts: Transcripts) -> None:
    transcripts.add(ME, said(1))
    transcripts.forget(ME)
    assert transcripts.entries(ME) == []
