"""A chat with the real conversations, without platform and background: records are real.

What a job would report is said by the test.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from bot.dialogue.intents import Guess
from bot.dialogue.messages import AccountKey, Kind, Media, Outcome, Place, Reply, Update
from bot.dialogue.router import Router
from bot.dialogue.state import Draft, Session
from bot.ports import Budget, Manner, Sources, Turn
from bot.turn.transaction import LazyTransaction
from bot.understanding import load_understanding
from config.city import City, load_city
from config.faq import Faq
from config.locales import Texts
from handlers.talks import router
from models.database import Database
from models.jobs import Job
from models.notices import Notice
from models.people import account_of
from tests.models.making import KEYS

PLACE = Place(32.05, 123.12, "云州市城东区和平路18号")
NAME, NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"
ELIGIBLE: Mapping[str, bool] = {"insured": True, "has_card": False, "open_application": False}
CODE = "482915"
FRONT = {"name": NAME, "id_number": NUMBER, "ethnicity": "汉", "id_address": "江岭省石桥县五组"}
BACK = {"valid_until": "2038-05-12"}
OTHER = {**FRONT, "name": "赵小云", "id_number": "119999199208190022"}
_people = itertools.count(1)


@cache
def city() -> City:
    return load_city()


@cache
def texts() -> Texts:
    return Texts.load(city())


@cache
def understanding() -> Any:
    return load_understanding()


def the_router() -> Router:
    faq = Faq.load(city())

    def guesses(text: str, at_least: float) -> list[Guess]:
        found: list[Guess] = understanding().understand(text, at_least)
        return found

    return router(guesses, lambda turn, intent: faq.answer(turn.session.locale, intent))


class Chat:
    """One person's chat: `chat.says("办卡")` gives the answer in plain words."""

    def __init__(
        self,
        database: Database,
        *,
        at: datetime | None = None,
        routed: Router | None = None,
        city: City | None = None,
        texts: Texts | None = None,
    ) -> None:
        self.database, self.router = database, routed or the_router()
        self.city = city or globals()["city"]()
        self.texts = texts or globals()["texts"]()
        self.now = at or datetime(2026, 11, 23, 10, 4, tzinfo=self.city.tz)
        self.account = AccountKey("wechat", "wx1", f"oChat{next(_people)}")
        self.manner = Manner(subscribes="wechat")
        self.session = Session()
        self.last: Outcome = None
        self.answered = ""  # the update that the last answer is for
        self._ids = itertools.count(1)
        with database.writing() as records:
            account_of(records, str(self.account), self.now)

    # --- saying -------------------------------------------------------------------------

    def says(self, *said: str) -> str:
        """The answer to the last of these texts."""
        return [self.sends(text=text) for text in said][-1]

    def sends(self, kind: Kind = Kind.TEXT, **more: Any) -> str:
        update = Update(self._id("u"), self.account, kind, self.now, **more)
        self.last = self._handled(update)
        self.now += timedelta(seconds=1)
        return self.last.plain() if isinstance(self.last, Reply) else ""

    def photo(self) -> str:
        return self.sends(Kind.IMAGE, media=Media(self._id("m")))

    def place(self, place: Place = PLACE) -> str:
        return self.sends(Kind.LOCATION, place=place)

    def hears(self, job: str, **data: Any) -> str:
        """The newest job of this kind reports."""
        return self.reports(self.jobs(job)[-1], **data)

    def reports(self, asked: Job, **data: Any) -> str:
        """This job reports."""
        payload = asked.open_payload(KEYS)
        told = {name: payload[name] for name in ("draft", "photo") if name in payload} | data
        return self.sends(Kind.RESULT, key=asked.name, data=told, answers=asked.answers)

    def _handled(self, update: Update) -> Outcome:
        transaction = LazyTransaction(self.database)
        turn = self.turn(update, transaction)
        try:
            outcome = self.router(turn)
            self.answered = turn.answers
            if transaction.used:
                transaction.commit()
        finally:
            transaction.abandon()
        self.session = Session.from_json(self.session.to_json())
        return outcome

    def turn(self, update: Update, transaction: LazyTransaction | None = None) -> Turn:
        return Turn(
            update=update,
            session=self.session,
            city=self.city,
            texts=self.texts,
            sources=Sources(
                clock=lambda: self.now,
                sms_code=lambda: CODE,
                serial=lambda: f"{next(self._ids):04d}",
                new_id=lambda: self._id("i"),
            ),
            keys=KEYS,
            budget=Budget(3.5, lambda: 0.0),
            transaction=transaction or LazyTransaction(self.database),
            now=self.now,
            answers=update.answers,
            manner=self.manner,
        )

    def _id(self, letter: str) -> str:
        return f"{letter}{self.account.user}-{next(self._ids):06d}".ljust(32, "-")

    # --- looking ------------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        return self.session.drafts["card"]

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.database.reading() as records:
            found = list(records.scalars(select(table).where(*where)).all())
            records.expunge_all()
        return found

    def jobs(self, name: str) -> list[Job]:
        """What was asked of the background, oldest first."""
        mine = self.rows(Job, Job.name == name, Job.account_key == str(self.account))
        return sorted(mine, key=lambda job: job.created_at)

    def notices(self) -> list[Notice]:
        return self.rows(Notice, Notice.account_key == str(self.account))

    def reads(self, front: Mapping[str, str] = FRONT, back: Mapping[str, str] = BACK) -> str:
        """Both sides of the ID card, sent and read."""
        self.photo()
        self.hears("read_id_photo", side="front", fields=dict(front), document="f" * 32)
        self.photo()
        return self.hears("read_id_photo", side="back", fields=dict(back), document="b" * 32)

    def checks(self, identity: str = "match", known: Mapping[str, bool] = ELIGIBLE) -> str:
        """The offices say who this is, and what else is `known`."""
        told = {"eligibility": {**ELIGIBLE, **known}} if identity == "match" else {}
        return self.hears("check_person", identity=identity, **told)

    # --- the way through the card form ---------------------------------------------------

    def to_phone(self) -> str:
        """To the phone question, everything typed, all offices content; no portrait on file."""
        self.says("办卡", "同意", "手输", f"{NAME} {NUMBER}")
        self.hears("check_person", identity="match", eligibility=dict(ELIGIBLE))
        self.hears("check_person", portrait=None)
        return self.says("汉", "2038年5月12日")

    def to_address(self, on_file: bool = True) -> str:
        self.to_phone()
        self.says(PHONE, CODE)
        return self.hears("check_phone", on_file=on_file)

    def to_portrait(self, on_file: bool = True) -> str:
        self.to_address(on_file)
        self.place()
        return self.says("3", "1")

    def to_read_back(self, on_file: bool = True) -> str:
        self.to_portrait(on_file)
        self.photo()
        self.hears("take_portrait", document="d" * 32)
        return self.says("1")
