"""A message as the phone will show it: on each road, in each language, by what also sends it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from bot.console.push.words import LOCALES as LANGUAGES
from config.locales import Texts
from config.template_book import LOCALES, RUNGS
from config.template_faults import longest_params
from config.templates import Templates
from models.push.messages import PUSH, Message

Shown = TypeVar("Shown")

_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Characters of an SMS that holds 160. Source: 3GPP TS 23.038, the basic character set."""
_ROADS: Mapping[str, str] = {
    "template": "微信模板消息",
    "subscription": "微信订阅消息",
    "mini_subscription": "微信小程序订阅消息",
    "alipay_single": "支付宝生活号消息",
    "alipay_mini": "支付宝小程序消息",
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message of the chat, with what can be tapped below it."""

    locale: str
    language: str
    text: str
    link: str
    options: Sequence[str]
    footer: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message in a platform's wording. `roads` are those on which it looks the same; `approved`
    says whether the city has an id for it on any of them."""

    locale: str
    language: str
    roads: str
    title: str
    fields: Sequence[tuple[str, str]]
    approved: bool


@dataclass(frozen=True, slots=True)
class Sms:
    """A text with its length in characters and the messages that are paid for."""

    locale: str
    language: str
    text: str
    length: int
    parts: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Nothing of it where the message cannot be filled in yet."""

    bubbles: Sequence[Bubble] = ()
    cards: Sequence[Card] = ()
    texts: Sequence[Sms] = ()


def preview(message: Message, templates: Templates, texts: Texts) -> Preview:
    """With the longest that the city fills in, as far as it can be filled in: what cannot has its
    faults at its fields."""
    try:
        filled = message.fill(templates)
    except ValueError:  # a brace that nobody closes
        return Preview()
    return Preview(
        list(_each(lambda locale: [_bubble(message, filled, texts, locale)])),
        list(_each(lambda locale: _cards(message, filled, locale))) if message.wording else [],
        list(_each(lambda locale: [_sms(message, filled, locale)])) if message.sms else [],
    )


def _each(make: Callable[[str], Iterable[Shown]]) -> Iterator[Shown]:
    for locale in LOCALES:
        with suppress(LookupError, AttributeError, TypeError, ValueError):
            yield from list(make(locale))


def parts_of(text: str) -> int:
    """How many SMS it is. Source: 3GPP TS 23.038 and 23.040, 160 or 70 characters of one, 153 or 67
    of several."""
    alone, each = (160, 153) if set(text) <= _GSM else (70, 67)
    return 1 if len(text) <= alone else math.ceil(len(text) / each)


def _params(templates: Templates, locale: str) -> dict[str, str]:
    number = f"{templates.city.acceptance_prefix}2611230731"
    return {**longest_params(templates.city, locale), "number": number}


def _bubble(message: Message, filled: Templates, texts: Texts, locale: str) -> Bubble:
    return Bubble(
        locale,
        LANGUAGES[locale],
        filled.chat(PUSH, locale, _params(filled, locale)),
        texts.say(locale, "notice_link") if message.link else "",
        [option.label.get(locale, "") for option in message.options],
        texts.say(locale, "footer"),
    )


def _cards(message: Message, filled: Templates, locale: str) -> Iterator[Card]:
    """One for all the roads on which it looks the same."""
    alike: dict[tuple[str, tuple[tuple[str, str], ...]], list[str]] = {}
    for rung in RUNGS:
        wording = filled.book.wordings(rung).get(message.wording)
        if wording is None:
            continue
        values = filled.filled(rung, PUSH, locale, _params(filled, locale))
        fields = tuple((slot.label, values[slot.key]) for slot in wording.fields)
        alike.setdefault((wording.title, fields), []).append(rung)
    for (title, fields), rungs in alike.items():
        roads = "、".join(_ROADS[rung] for rung in rungs)
        approved = any(message.wording in filled.city.approved(rung) for rung in rungs)
        yield Card(locale, LANGUAGES[locale], roads, title, fields, approved)


def _sms(message: Message, filled: Templates, locale: str) -> Sms:
    registered = filled.city.sms_template(message.sms, locale)
    told = filled.sms(PUSH, locale, _params(filled, locale))
    text = registered.text.format_map(told.params)
    return Sms(locale, LANGUAGES[locale], text, len(text), parts_of(text))
