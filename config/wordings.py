"""Every wording in which we tell people something, to hold a message against: is it one of ours?

A text fits a wording when only what is filled in differs. What was sent to somebody is filled in
from the outbox and must fit to the letter; blanks, width and the case of letters do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.city import City
from config.template_book import LOCALES
from config.templates import Templates

LONGEST = 600  # characters of a message that may be one of ours
_SIGN = re.compile(r"^[\[【][^\]】]{1,20}[\]】]")
_NAME = re.compile(r"\{(\w+)\}")
_FILLED = ".{1,80}?"
_GIST = 100  # characters
_FREE = frozenset({"status", "note"})
"""What a registered text lets us fill in as we like: by such a text alone nobody is known."""


def bare(text: str) -> str:
    """A text without what changes on its way: blanks, full or half width, capitals."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True)
class Wordings:
    """The wordings of one city. Made once; `templates` fills them."""

    city: City
    templates: Templates
    _patterns: Sequence[re.Pattern[str]]

    @classmethod
    def of(cls, city: City, templates: Templates) -> Wordings:
        return cls(city, templates, [_pattern(text) for text in _texts(city, templates)])

    def knows(self, text: str) -> bool:
        """Whether a text is worded as ours are; it may come without the signature in brackets."""
        said = bare(text[:LONGEST])
        return len(text) <= LONGEST and any(p.fullmatch(said) for p in self._patterns)

    def of_sms(self, template: str, params: Mapping[str, str]) -> str:
        """The text of an SMS that was sent; "" for a template that is used no more."""
        found = (sms.text for sms in self.city.sms.values() if sms.id == template)
        return _NAME.sub(lambda name: str(params.get(name.group(1), "")), next(found, ""))

    def of_notice(self, told: Mapping[str, Any]) -> tuple[str, ...]:
        """A notice's text on every road it may have taken; nothing for one used no more."""
        name, locale, params = told["name"], told["locale"], told["params"]
        try:
            sms = self.templates.sms(name, locale, params)
            return self.templates.chat(name, locale, params), self.of_sms(sms.template, sms.params)
        except KeyError:
            return ()

    def of_push(self, message: Mapping[str, Any]) -> list[str]:
        """What a message to many says in the chat, alone and with its options, and by SMS, as it is
        worded in each language."""
        found = []
        for locale, text in message["chat"].items():
            labels = [option["label"].get(locale, "") for option in message.get("options", ())]
            lines = [text, *(f"{n} {label}" for n, label in enumerate(labels, 1))]
            found += [text, "\n".join(lines)]
            if message.get("sms") in self.city.sms:
                own = {name: message.get(name, {}).get(locale, "") for name in _FREE}
                sms = self.city.sms_template(message["sms"], locale).text
                found.append(_NAME.sub(lambda n, own=own: own.get(n[1], n[0]), sms))  # type: ignore[misc]
        return found

    def fits(self, text: str, wordings: Iterable[str]) -> bool:
        """Whether a text is one of these with something filled in."""
        said = bare(text[:LONGEST])
        return any(_pattern(wording).fullmatch(said) for wording in wordings)

    def same(self, text: str, sent: Iterable[str]) -> bool:
        """Whether a text is one of those that were sent, with or without its signature."""
        said = bare(text)
        whole = {bare(one) for one in sent if one}
        return said in whole | {_SIGN.sub("", one) for one in whole}


def gist_of(city: City, templates: Templates, payload: Mapping[str, Any], locale: str) -> str:
    """Of what was sent (see `models.sent`) the wording, to recognise it by; a code, a name or a
    number is not repeated. "" for what is worded so no more."""
    if message := payload.get("push"):
        text = message["chat"].get(locale) or next(iter(message["chat"].values()))
    elif "name" in payload:
        notice = templates.book.notice.get(payload["name"])
        text = notice.chat[payload["locale"]] if notice else ""
    else:
        text = next((s.text for s in city.sms.values() if s.id == payload["template"]), "")
    words = gist(text)
    return words if len(words) <= _GIST else f"{words[:_GIST]}…"


def gist(text: str) -> str:
    """A wording or a text to recognise it by: what is filled in left out."""
    return _NAME.sub("…", text)


def _texts(city: City, templates: Templates) -> Iterator[str]:
    yield from (sms.text for sms in city.sms.values() if not _is_free(sms.params))
    for name, notice in templates.book.notice.items():
        for locale in LOCALES:
            own = {param: f"{{{param}}}" for param in (*notice.params, "tail")}
            yield templates.chat(name, locale, own)


def _pattern(text: str) -> re.Pattern[str]:
    """The wording with anything where it is filled, with or without the signature before it."""
    literal = bare(text)
    sign = _SIGN.match(literal)
    start = len(sign.group()) if sign else 0
    parts = _NAME.split(literal[start:])[::2]
    body = _FILLED.join(re.escape(part) for part in parts)
    return re.compile(f"(?:{re.escape(literal[:start])})?{body}")


def _is_free(params: Sequence[str]) -> bool:
    """Whether a registered text has nothing of its own to be known by."""
    return bool(params) and set(params) <= _FREE
