"""Free text: what it is taken for, and the conversations at every question of the card form."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from benchmarks.fuzz.choosing import Chooser, text_of
from benchmarks.fuzz.target import Target
from bot.assembly import Assembly, real_sources
from bot.channels.wechat.replies import LIMIT, shown
from bot.dialogue.intents import OTHER
from bot.dialogue.messages import LATER, Kind, Media, Place, Reply, Update
from bot.dialogue.state import Session
from bot.dialogue.words import as_number, edit_target, visible
from bot.turn.transaction import LazyTransaction
from bot.understanding import load_understanding
from config.city import City
from models.database import Database
from models.drafts import name_person, start_draft
from models.people import bind, id_index
from tests.handlers.chat import BACK, CODE, ELIGIBLE, FRONT, NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS, make_person
from tests.rig import rig_settings

_ELSEWHERE = "web:site:elsewhere"
_SITE = "https://card.example"
_KINDS = (Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.VOICE, Kind.CLICK, Kind.IMAGE, Kind.LOCATION,
          Kind.LINK, Kind.SUBSCRIBE, Kind.SCAN)  # fmt: skip
_KEYS = ("", "apply", "progress", "human", "resume", "language", "greeting")


# --- what a text is taken for ---


def _understood(data: bytes) -> None:
    said = text_of(data)
    known = load_understanding()
    guesses = known.understand(said)
    assert any(guess.intent == OTHER for guess in guesses)
    assert {guess.intent for guess in guesses} <= {OTHER, *known.intents} | _example_intents()
    assert all(0 <= guess.score <= 1 for guess in guesses)
    assert guesses == sorted(guesses, key=lambda guess: -guess.score)
    assert known.understand(said) == guesses, "the same text means the same"
    clear = visible(said)
    assert visible(clear) == clear
    number = as_number(said)
    assert number is None or 0 <= number <= 9
    assert edit_target(said) != "", "what 修改 names is something"


@cache
def _example_intents() -> set[str]:
    return {guess.intent for guess in load_understanding().understand("")}


# --- the conversations ---


@dataclass(frozen=True, slots=True)
class Moment:
    """A conversation at some point: its session, the records as they were then, and the city."""

    session: bytes
    records: Database
    city: City


@cache
def _chat() -> Chat:
    folder = Path(tempfile.mkdtemp(prefix="shebaoka-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    address = f"sqlite:///{folder / 'records.db'}"
    database = Database(address)
    database.upgrade()
    settings = rig_settings(folder, "redis://127.0.0.1:1", address)  # no Redis is asked
    return Chat(database, routed=Assembly(settings, real_sources()).router)


@cache
def moments() -> dict[str, Moment]:
    """Every point on the way through the card form, and beside it, by what is open there."""
    chat = _chat()
    folder, found = Path(str(chat.database.engine.url.database)).parent, dict[str, Moment]()

    def mark() -> None:
        talk, drafts = chat.session.talk, chat.session.drafts
        step = drafts["card"].step if "card" in drafts else ""
        inner = ",".join(sorted(drafts["card"].inner)) if "card" in drafts else ""
        name = f"{talk}/{step}/{inner}/{chat.session.locale}"
        if name not in found:
            copy = folder / f"{len(found)}.db"
            with closing(sqlite3.connect(folder / "records.db")) as source:
                source.execute(f"VACUUM INTO '{copy}'")
            records = Database(f"sqlite:///{copy}")
            found[name] = Moment(chat.session.to_json(), records, chat.city)

    for city, way in _ways(chat):
        chat.session, chat.city = Session(), city
        mark()
        for step in way:
            step()
            mark()
    return found


def _ways(chat: Chat) -> list[tuple[City, list[Callable[[], object]]]]:
    """The ways through the conversations: typed and read, with turns that open inner questions, in
    the shipped city and in one that asks for each consent and for what it could derive."""

    def say(text: str) -> Callable[[], object]:
        return lambda: chat.says(text)

    def hear(job: str, **told: object) -> Callable[[], object]:
        return lambda: chat.hears(job, **told)

    person = [hear("check_person", identity="match", eligibility=dict(ELIGIBLE)),
              hear("check_person", portrait=None)]  # fmt: skip
    phone = [say(PHONE), say(CODE), hear("check_phone", on_file=True)]
    typed = [say("办卡"), say("同意"), say("手输"), say(NAME), say(NUMBER), *person, say("汉"),
             say("2038年5月12日"), *phone]  # fmt: skip
    read = [
        say("办卡"), say("同意"), chat.photo,
        hear("read_id_photo", side="front", fields=FRONT, document="f" * 32), chat.photo,
        hear("read_id_photo", side="back", fields=BACK, document="b" * 32),
        say("2"), say("1"), say(NAME), say("1"), *person, *phone,
    ]  # fmt: skip
    photo = [chat.photo, hear("take_portrait", document="d" * 32), say("1"), say("修改"),
             say("取消")]  # fmt: skip
    ends = [[chat.place, say("3"), say("1"), *photo], [say("城东区人民路1号"), say("5"), say("4")]]
    others = [[say("查进度"), say(NAME)], [say("人工"), say("1"), say("想问一件事")], [say("英文")]]
    asked = [say("办卡"), say("同意"), say("同意"), *typed[2:], chat.place, say("3"), say("1"),
             say("1"), say("同意")]  # fmt: skip
    asking = replace(chat.city, consent_style="ask_each", ask_derived=("household",))
    ways = [[*typed, *ends[0]], [*read, *ends[0]], [*typed, *ends[1]], *others]
    # Last, for what was begun elsewhere lies in the records from then on.
    twice = [lambda: _begin_elsewhere(chat), *typed, say("2"), chat.place]
    moving = [lambda: _begin_elsewhere(chat), *typed, say("1")]
    offered = [lambda: _bind(chat), say("办卡"), say("1"), say("解绑其他")]
    late = [(chat.city, way) for way in (twice, moving, offered)]
    return [*((chat.city, way) for way in ways), (asking, asked), *late]


def _begin_elsewhere(chat: Chat) -> None:
    """The same person has a half-filled form on the web site, and may have another code."""
    draft = uuid4().hex
    chat.now += timedelta(minutes=2)
    with chat.database.writing() as records:
        start_draft(
            records, draft_id=draft, account=_ELSEWHERE, form="card", now=chat.now,
            expires_at=chat.now + timedelta(days=30),
        )  # fmt: skip
        name_person(records, draft, id_index(KEYS, NUMBER))


def _bind(chat: Chat) -> None:
    """Both accounts are bound to that person."""
    with chat.database.writing() as records:
        person = make_person(records)
        for account in (str(chat.account), _ELSEWHERE):
            bind(records, account, person.id, chat.now)


def _talk(data: bytes) -> None:
    """At every moment, whatever is sent has an answer that one message holds."""
    choose = Chooser(data)
    chat = _chat()
    moment = choose.one_of(list(moments().values()))
    chat.database, chat.city = moment.records, moment.city
    kind, key = choose.one_of(_KINDS), choose.one_of(_KEYS)
    text = text_of(choose.rest())
    chat.session = Session.from_json(moment.session)
    update = Update(
        "u-fuzz", chat.account, kind, chat.now,
        text=text if kind in (Kind.TEXT, Kind.VOICE) else "",
        key=(key or text) if kind in (Kind.CLICK, Kind.SUBSCRIBE, Kind.SCAN) else "",
        media=Media("m-fuzz") if kind is Kind.IMAGE else None,
        place=Place(32.05, 123.12, text) if kind is Kind.LOCATION else None,
    )  # fmt: skip
    transaction = LazyTransaction(chat.database)
    try:
        outcome = chat.router(chat.turn(update, transaction))
    finally:
        transaction.abandon()  # so that every input meets the same records
    assert outcome is LATER or isinstance(outcome, Reply), "always an answer"
    if isinstance(outcome, Reply):
        assert outcome.plain().strip()
        if len(text) <= 100:
            assert len(shown(outcome, _SITE).encode()) <= LIMIT
    stored = chat.session.to_json()
    assert Session.from_json(stored) == chat.session, "the session survives storing"


_SAID = (
    "办卡", "同意", "手输", f"{NAME} {NUMBER}", "汉", "2038年5月12日", PHONE, CODE, "修改 3",
    "城东区人民路1号", "1 某某公司", "9", "0", "取消", "保留", "继续", "language", "你好吗？",
)  # fmt: skip


def _talk_seeds() -> list[bytes]:
    heads = [bytes((place, kind, 0)) for place in range(len(moments())) for kind in (0, 5)]
    return [head + text.encode() for head in heads for text in _SAID]


def _said_seeds() -> list[bytes]:
    return [
        text.encode() for text in ("我想办社保卡", "wo yao ban ka", "卡丢了咋办？", "sbk 多少钱")
    ]


UNDERSTANDING = Target(
    "understanding", _understood, _said_seeds, ("社保卡".encode(), "？".encode(), b"zhuang")
)
TALK = Target(
    "talk", _talk, _talk_seeds, ("修改".encode(), "第".encode(), b"/::)", "[微笑]".encode()),
    seconds=2.0, longest=65_536,
)  # fmt: skip
