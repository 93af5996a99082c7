"""Who applies for a card, in WeChat, in Alipay and at a browser; and what they are shown where."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from models.applications import Application
from models.handover.replies import FileState, ReplyFile
from tests.end_to_end.every_channel import InAlipay, InWeChat, Player
from tests.end_to_end.shown_stage import ProgressPage, Stage, stage_of
from tests.end_to_end.transcript import load, picture_of, place_of
from tests.rig import Bot, wait_for

GOLDEN = load(Path(__file__).parents[1] / "transcripts" / "card.txt")
CODE = "482915"
PATIENCE = 30.0


class Applicant:
    """Whose application it is: the only one of the rig."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @property
    def application(self) -> Application:
        """The record: what the test waits for is read there, what it claims is not."""
        with self.bot.database.reading() as records:
            found = records.scalars(select(Application)).one()
            records.expunge_all()
            return found

    def comes_to(self, state: str, *, days: bool = False) -> None:
        """The workers do what is due until it is so: minutes pass, or with `days` whole days at
        the offices."""
        for _ in range(14):
            if self._is_in(state, 1.0 if days else 4.0):
                return
            if days:
                a_day_later(self.bot)
            else:
                self.bot.clock.shift(timedelta(minutes=6))
        raise AssertionError(f"{self.application.state} instead of {state}")

    def _is_in(self, state: str, seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while self.application.state != state:
            if time.monotonic() > ends:
                return False
            time.sleep(0.1)
        return True


class Person(Applicant):
    """The resident of the golden dialogue."""

    def __init__(self, bot: Bot, alipay: str) -> None:
        super().__init__(bot)
        self.number = ""
        self.wechat = InWeChat(bot)
        self.alipay = InAlipay(bot.as_user(alipay, "alipay"))
        self.chats: tuple[Player, ...] = (self.wechat, self.alipay)
        self.page = ProgressPage(bot.site)

    def applies(self) -> None:
        """In WeChat, as the golden dialogue has it."""
        for said, _ in GOLDEN.exchanges():
            self._says(said)
        self.number = self.application.number

    def _says(self, said: str) -> None:
        if picture := picture_of(said, GOLDEN.person):
            self.wechat.photo(picture)
        elif place := place_of(said):
            self.wechat.place(*place)
        else:
            self.wechat.say(said)

    def is_known_elsewhere(self) -> None:
        """In Alipay and at the browser, by number and code."""
        self.bot.clock.shift(timedelta(minutes=3))
        for said in ("进度", self.number, CODE, "1"):
            self.alipay.say(said)
        self.bot.clock.shift(timedelta(minutes=3))
        self.page.ask(self.number)
        self.page.prove(CODE)

    def stages(self) -> dict[str, Stage]:
        """What each place shows now."""
        return {
            "WeChat": stage_of(self.wechat),
            "Alipay": stage_of(self.alipay),
            "web": self.page.stage,
        }


def a_day_later(bot: Bot) -> None:
    """The offices work for a day, and the service reads what they wrote."""
    bot.days()
    replies_are_read(bot)


def replies_are_read(bot: Bot) -> None:
    """The service has fetched and judged every reply file that there is."""
    bot.clock.shift(timedelta(minutes=6))  # they are asked for every five
    made = bot.http.get(f"{bot.simulator.url}/simulator/api/cards", timeout=10).json()
    written = {reply["name"] for reply in made["replies"]}

    def read() -> bool | None:
        done = ReplyFile.state.in_((FileState.JUDGED, FileState.DONE))
        with bot.database.reading() as records:
            return (
                True
                if written <= set(records.scalars(select(ReplyFile.name).where(done)))
                else None
            )

    wait_for(read, PATIENCE)


def said(player: Player, *words: str) -> str:
    """The answer to the last of these."""
    told = [player.say(word) for word in words]
    return "\n".join("\n".join((*m.lines, *m.options)) for m in told[-1])
