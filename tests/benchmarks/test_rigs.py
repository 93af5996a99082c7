"""Every rig of `make bench` holds the same dialogue; WeRoBot's is checked by each run itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from benchmarks.speed import stages
from benchmarks.speed.dialogue import QUESTIONS, SAID, replies
from benchmarks.speed.pushes import Platform, Secrets
from benchmarks.speed.rigs import bare, by_hand, echo
from benchmarks.speed.rigs.survey import REGISTRATIONS, WithSurvey
from benchmarks.speed.rigs.talk import AGAIN, answer
from bot.app import create_app
from tests.rig import AES_KEY, APP_ID, TOKEN, rig_settings

PLATFORM = Platform(Secrets(TOKEN, AES_KEY, APP_ID))
Say = Callable[[str, str], str]


def saying(app: Flask) -> Say:
    """Sends one message of a person to the webhook and opens the reply."""

    def say(person: str, said: str) -> str:
        given = stages.environ(PLATFORM.request(person, said))
        return PLATFORM.opened(b"".join(app(given, lambda *_: lambda data: None)))

    return say


@pytest.fixture
def ours(tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    settings = rig_settings(tmp_path, redis_url, f"sqlite:///{tmp_path / 'records.db'}")
    app = create_app(settings, assembly=WithSurvey)
    parts = app.extensions["shebaoka"]
    parts.database.upgrade()
    REGISTRATIONS.create(parts.database.engine)
    yield app
    parts.close()


@pytest.fixture
def peers_environment(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RIG_TOKEN": TOKEN,
        "RIG_AES_KEY": AES_KEY,
        "RIG_APP_ID": APP_ID,
        "RIG_REDIS_URL": redis_url,
        "RIG_DATABASE": str(tmp_path / "peer.db"),
    }.items():
        monkeypatch.setenv(name, value)


def test_the_form_has_twelve_questions() -> None:
    assert len(QUESTIONS) == 12


def test_our_application_holds_the_dialogue_and_keeps_one_record_of_it(ours: Flask) -> None:
    say = saying(ours)
    assert [say("oOurs", said) for said in SAID] == list(replies())
    with ours.extensions["shebaoka"].database.reading() as records:
        rows: list[Any] = list(records.execute(REGISTRATIONS.select()))
    assert len(rows) == 1


@pytest.mark.usefixtures("peers_environment")
def test_the_peer_written_by_hand_holds_the_dialogue(tmp_path: Path) -> None:
    say = saying(by_hand.make(1))
    assert [say("oHand", said) for said in SAID] == list(replies())


@pytest.mark.usefixtures("peers_environment")
@pytest.mark.parametrize("rig", [echo, bare], ids=["echo", "bare"])
def test_what_keeps_no_dialogue_says_what_was_said(rig: Any) -> None:
    say = saying(rig.make(1))
    assert [say("oEcho", said) for said in SAID] == list(SAID)


def test_the_dialogue_written_by_hand_asks_again_what_it_cannot_read() -> None:
    session: dict[str, Any] = {}
    answer(session, SAID[0])
    answer(session, SAID[1])
    assert answer(session, "昨天") == (AGAIN, None)
    assert answer(session, SAID[2])[0] == replies()[2]
