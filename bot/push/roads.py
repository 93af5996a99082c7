"""The roads of one person, the best first, and what goes out by each."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast

from bot.dialogue.messages import AccountKey, Link, Option, Reply
from bot.ports import Channel, Filled, Rung
from bot.push.ports import Outgoing
from config.locales import Texts
from config.template_book import WORDING_OF
from config.templates import Templates
from models.push.deliveries import MASS_ROAD
from models.push.forecast import WINDOW
from models.push.messages import OF_AN_APPLICATION, PUSH, Message
from models.push.reaching import Reach

SMS, VISIT = "sms", "visit"
REMEMBERED = timedelta(minutes=10) - timedelta(seconds=30)
"""How long the platform knows a template message by its key. Source: developers.weixin.qq.com,
发送模板消息, client_msg_id."""


class Way(NamedTuple):
    """One road for one person. `road` as deliveries write it; `template`: the id of the approved
    wording that it uses, "" for none."""

    road: str
    rung: Rung
    account: Reach | None = None  # None: by SMS, at the next visit
    template: str = ""

    @property
    def is_call(self) -> bool:
        """Whether this person is called by it alone: not where a batch or a visit tells them."""
        return self.rung not in ("mass", "visit")

    @property
    def credential(self) -> str:
        """Whose pace it keeps, `channel:app`; "" for that of nobody's."""
        return self.account.key.rpartition(":")[0] if self.account else ""


BY_SMS, AT_VISIT = Way(SMS, "sms"), Way(VISIT, "visit")

Rungs = Mapping[str, Sequence[Rung]]
"""The rungs of each channel that is served here, the best first."""


def push_rungs(channels: Mapping[str, Channel]) -> dict[str, Sequence[Rung]]:
    """The rungs of pushes on each channel, the best first: a notice's, and 群发 after them where
    the channel is the official account."""
    mass_channel = MASS_ROAD.partition(":")[0]
    return {
        name: (*channel.rungs, "mass") if name == mass_channel else channel.rungs
        for name, channel in channels.items()
    }


def repeatable(road: str, keyed: bool, first_call: datetime, now: datetime) -> bool:
    """Whether the receiver still knows a call by its key, so that it may be made again."""
    return keyed and (road != "wechat:template" or now < first_call + REMEMBERED)


@dataclass(frozen=True, slots=True)
class Ways:
    """The roads that a campaign's message has."""

    message: Message
    templates: Templates  # that fill it in
    rungs: Rungs
    _approved: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False)

    def of(self, accounts: Sequence[Reach], now: datetime) -> Iterator[Way]:
        """Those that a person has just now; the last is always their next visit."""
        for account in accounts:
            if account.followed:
                yield from self._of(account, now)
        if self.message.sms:
            yield BY_SMS
        yield AT_VISIT

    def again(self, road: str, accounts: Sequence[Reach]) -> Way | None:
        """The way of a call that was made before, None where there is none any more, or where it
        might be another of their accounts that was called: the key holds for one alone."""
        if road in (SMS, VISIT):
            return BY_SMS if road == SMS else AT_VISIT
        channel, _, rung = road.partition(":")
        its = [account for account in accounts if account.channel == channel]
        if len(its) != 1:
            return None
        template = self._template(channel, cast(Rung, rung)) or ""
        return Way(road, cast(Rung, rung), its[0], template)

    def _of(self, account: Reach, now: datetime) -> Iterator[Way]:
        for rung in self.rungs.get(account.channel, ()):
            road = f"{account.channel}:{rung}"
            if rung == "chat":
                last = account.last_inbound_at
                if last is not None and last > now - WINDOW:
                    yield Way(road, rung, account)
                continue
            if rung == "mass":
                if self.message.mass:
                    yield Way(road, rung, account)
                continue
            template = self._template(account.channel, rung)
            if template is None:
                continue
            if rung != "subscription" or account.credits.get(template, 0) > 0:
                yield Way(road, rung, account, template)

    def _template(self, channel: str, rung: Rung) -> str | None:
        """Looked up once: it is asked for every person."""
        if (channel, rung) not in self._approved:
            self._approved[channel, rung] = self._looked_up(channel, rung)
        return self._approved[channel, rung]

    def _looked_up(self, channel: str, rung: Rung) -> str | None:
        wording = WORDING_OF.get((channel, rung))
        if wording is None or not self.message.wording:
            return None
        return self.templates.approved(wording, PUSH)


class Wording:
    """What a message says, filled in: once for each language and road where that wants nothing of
    an application, else for each person.

    `wants`: some road wants it; `chat_wants`: the message of a chat does, which everybody has.
    """

    def __init__(self, ways: Ways, texts: Texts, mark: str = "") -> None:
        """`mark`: of its options, by which a tap is known (`bot.dialogue.outside.mark_of`)."""
        self._mark = mark
        self._message, self._templates, self._texts = ways.message, ways.templates, texts
        self._filled: dict[tuple[str, str], Reply | Filled] = {}
        self.chat_wants = bool(_names(*self._message.chat.values()) & OF_AN_APPLICATION)
        roads = [f"{channel}:{rung}" for channel, rung in WORDING_OF]
        self._own = {road for road in [*roads, SMS] if self._wants(road)}
        self.wants = self.chat_wants or bool(self._own)

    def _wants(self, road: str) -> bool:
        """Whether what goes out by a road differs from application to application."""
        message, (channel, _, rung) = self._message, road.partition(":")
        named = _names(*message.status.values(), *message.note.values())
        if road == SMS:
            texts = [text for name, text in self._templates.city.sms.items() if self._is_sms(name)]
            named |= {param for text in texts for param in text.params}
        elif wording := WORDING_OF.get((channel, rung)):
            found = self._templates.wanted(wording).get(message.wording)
            named |= _names(*(field.value for field in found.fields)) if found else set()
        return bool(named & OF_AN_APPLICATION)

    def _is_sms(self, name: str) -> bool:
        """Whether a registered text is the message's, in whichever language."""
        return bool(self._message.sms) and name.startswith(self._message.sms)

    def outgoing(
        self, way: Way, key: str, locale: str, params: Mapping[str, str], phone: str = ""
    ) -> Outgoing:
        """The call. Raises KeyError for a parameter that is not given."""
        if way.account is None:
            sms = self._templates.sms(PUSH, locale, params)
            return Outgoing(key, None, way.rung, None, None, phone, sms)
        account, said = AccountKey.parse(way.account.key), self._said(way, locale, params)
        if isinstance(said, Filled):
            return Outgoing(key, account, way.rung, None, said)
        return Outgoing(key, account, way.rung, said, None)

    def _said(self, way: Way, locale: str, params: Mapping[str, str]) -> Reply | Filled:
        known = self._filled.get((way.road, locale))
        if known is not None:
            return known
        said = self.reply(locale, params) if way.rung == "chat" else self._fill(way, locale, params)
        if not (self.chat_wants if way.rung == "chat" else way.road in self._own):
            self._filled[way.road, locale] = said
        return said

    def reply(self, locale: str, params: Mapping[str, str]) -> Reply:
        """The message of a chat: also what is told at a visit. Raises KeyError."""
        message, say = self._message, self._texts.say
        return Reply(
            self._templates.chat(PUSH, locale, params),
            options=tuple(
                Option(str(number), option.label.get(locale) or option.label["zh_CN"])
                for number, option in enumerate(message.options, 1)
            ),
            footer=say(locale, "footer"),
            links=(Link(message.link, say(locale, "notice_link")),) if message.link else (),
            mark=self._mark if message.options else "",
            locale=locale,
        )

    def _fill(self, way: Way, locale: str, params: Mapping[str, str]) -> Filled:
        channel = way.road.partition(":")[0]
        wording = WORDING_OF[channel, way.rung]
        values = self._templates.filled(wording, PUSH, locale, params)
        kind = cast(Literal["template", "subscription"], way.rung)
        return Filled(kind, way.template, values, self._message.link)


def _names(*texts: str) -> set[str]:
    """What some texts want to be filled with."""
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
