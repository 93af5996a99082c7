"""The rungs of a ladder: which an account has, what each needs, what goes out by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Link, Reply
from bot.ports import Filled
from bot.work.desk import Tools
from config.template_book import WORDING_OF, WordingRung
from models.notices import Notice
from models.people import find_account
from models.sealing import SealError
from models.subscriptions import add_credits, drop_credits, take_credit

CALL_SECONDS = 5.0
PLATFORM = ("chat", "template", "subscription")
"""By the platform's API, where people follow the account or have left it."""

KEYED = (("wechat", "template"),)
"""The sends that the platform de-duplicates by the notice's id; no others of a platform's."""


@dataclass(frozen=True, slots=True)
class Called:
    """How a call ended: `reason` is empty when it was taken, else a `SendError`'s; `told` is what
    stands in the steps, `sent_as` the message's id at the platform, `wait` how long to leave it."""

    reason: str = ""
    told: str = ""
    sent_as: str = ""
    wait: timedelta = timedelta(0)


class Rungs:
    """What the ladder asks of each rung, for the accounts of one city."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def of(self, notice: Notice) -> tuple[str, ...]:
        """The rungs before the next visit, the best first. A channel that is not served any more
        has none of its own."""
        channel = self._tools.channels.get(_account(notice).channel)
        return (*(channel.rungs if channel else ()), "sms")

    def once(self, notice: Notice, rung: str) -> bool:
        """Not de-duplicated by the receiver: never called again without knowing the end."""
        return rung in PLATFORM and (_account(notice).channel, rung) not in KEYED

    def readable(self, notice: Notice) -> bool:
        """False for what nobody can word: another key, another edition of the wordings."""
        try:
            self._message(self._told(notice))
        except (KeyError, SealError):
            return False
        return True

    def refusal(self, notice: Notice, rung: str) -> str:
        """Why a rung cannot even be tried; empty when it can."""
        if rung == "sms":
            return "" if self._told(notice)["phone"] else "no phone"
        with self._tools.database.reading() as records:
            account = find_account(records, notice.account_key)
        if account is not None and not account.followed:
            return "left"
        if rung == "chat":
            return ""
        template = self._template(notice, rung)
        if template is None:
            return "no template"
        if rung == "subscription":
            held = account.subscription_credits.get(template, 0) if account else 0
            return "" if held else "no credit"
        return ""

    def pay(self, records: Records, notice: Notice, rung: str) -> bool:
        """Take what a rung uses up: one of the messages a person allowed. False: none is left."""
        if rung != "subscription":
            return True
        return take_credit(records, notice.account_key, self._template(notice, rung) or "")

    def repay(self, records: Records, notice: Notice, rung: str, *, void: bool = False) -> None:
        """It surely did not go out. `void`: and none of its kind will, whatever was allowed."""
        if rung != "subscription":
            return
        template = self._template(notice, rung) or ""
        if void:
            drop_credits(records, notice.account_key, [template])
        else:
            add_credits(records, notice.account_key, {template: 1}, self._tools.sources.clock())

    def send(self, notice: Notice, rung: str) -> str:
        """Make the call. Returns the message's id at the platform. Raises `SendError`,
        `OfficeError`."""
        told = self._told(notice)
        if rung == "sms":
            sms = self._tools.templates.sms(told["name"], told["locale"], told["params"])
            self._tools.offices.sms.send(
                told["phone"], sms.template, sms.params, notice.id, CALL_SECONDS
            )
            return ""
        account = _account(notice)
        channel = self._tools.channels[account.channel]
        if rung == "chat":
            channel.send(account, self._message(told), notice.id, CALL_SECONDS)
            return ""
        return channel.send_filled(account, self._filled(notice, rung), notice.id, CALL_SECONDS)

    def may_double(self, notice: Notice) -> bool:
        """Whether it is better told twice than not at all."""
        return self._tools.templates.book.notice[self._told(notice)["name"]].double

    def _message(self, told: Mapping[str, Any]) -> Reply:
        text = self._tools.templates.chat(told["name"], told["locale"], told["params"])
        say, locale = self._tools.texts.say, told["locale"]
        link = told["link"]
        links = (Link(link, say(locale, "notice_link")),) if link else ()
        return Reply(text, footer=say(locale, "footer"), links=links)

    def _filled(self, notice: Notice, rung: str) -> Filled:
        told, wording = self._told(notice), self._wording(notice, rung)
        assert wording is not None  # noqa: S101 - refused before
        values = self._tools.templates.filled(wording, told["name"], told["locale"], told["params"])
        kind = cast(Literal["template", "subscription"], rung)
        return Filled(kind, self._template(notice, rung) or "", values, told["link"])

    def _template(self, notice: Notice, rung: str) -> str | None:
        wording = self._wording(notice, rung)
        if wording is None:
            return None
        return self._tools.templates.approved(wording, self._told(notice)["name"])

    def _wording(self, notice: Notice, rung: str) -> WordingRung | None:
        return WORDING_OF.get((_account(notice).channel, rung))

    def _told(self, notice: Notice) -> dict[str, Any]:
        return notice.open_payload(self._tools.keys)


def _account(notice: Notice) -> AccountKey:
    return AccountKey.parse(notice.account_key)
