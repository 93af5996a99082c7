"""What a person received of each notice, by whatever road: chat, template, SMS, or with a reply."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from config.city import City, load_city
from config.templates import Templates, params_of
from tests.rig import Bot, wait_for

PATIENCE = 20.0
_ANY = "\x00"


class Received:
    """Looks at both phones and at the SMS of one number, again and again."""

    def __init__(self, bot: Bot, phones: Iterable[Bot], number: str) -> None:
        self._bot, self._phones, self._number = bot, list(phones), number
        self._looks = dict(_looks(load_city()))

    def counts(self) -> Counter[str]:
        """How often each notice came."""
        texts = [m["text"] for p in self._phones for m in p.history() if m["from"] == "bot"]
        texts += [m["text"] for m in self._bot.sms(self._number)]
        return Counter(
            name
            for name, looks in self._looks.items()
            for text in texts
            for _ in range(max(len(look.findall(text)) for look in looks))
        )

    def wait(self, name: str) -> None:
        """Until it has come: what is written later about the same matter would replace it."""
        wait_for(lambda: self.counts()[name] or None, PATIENCE)


def _looks(city: City) -> Iterator[tuple[str, list[re.Pattern[str]]]]:
    """By notice: how it reads on each road, whatever it is filled with."""
    templates = Templates.load(city)
    texts = {template.id: template.text for template in city.sms.values()}
    for name in templates.names():
        params = dict.fromkeys(params_of(name), _ANY)
        sms = templates.sms(name, "zh_CN", params)
        yield (
            name,
            [
                _pattern(templates.chat(name, "zh_CN", params)),
                _pattern(_filled(texts[sms.template], sms.params)),
                _pattern(templates.book.notice[name].status["zh_CN"] + "\n"),
            ],
        )


def _filled(text: str, params: object) -> str:
    assert isinstance(params, dict)
    return re.sub(r"\{(\w+)\}", lambda blank: params[blank[1]], text)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(_ANY, ".+?"))
