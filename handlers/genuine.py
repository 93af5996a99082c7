"""这条消息是你们发的吗: a message held against our wordings, and against what this person was sent.

Anybody may ask whether a text is worded as ours are. Whether it was sent is told of the asking
account alone, of the other accounts of the person it is bound to, and of phones proven by a code:
what somebody else was sent shows in no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from config.city import City
from config.templates import load_templates
from config.warning_signs import asks_for_what_we_never_ask, foreign_links
from config.wordings import Wordings, gist_of
from models.sent import Sent, sent_to

NAMED = 16  # characters: a shorter text names a message rather than being one
MOST_RECENT = 3
_ROADS = ("sms", "chat", "template", "subscription")


class GenuineTalk:
    """Takes one message, then gives the floor back to whatever was open."""

    name = "genuine"
    intents = ()

    def __init__(self, menu: Callable[[Any, str], Reply], site: str) -> None:
        self._menu, self._site = menu, site
        self._host = urlsplit(site).hostname or ""
        self.conversations: dict[str, Conversation] = {}
        self._known: tuple[City, Wordings] | None = None

    def wanted(self, turn: Any, open_: Conversation | None) -> Outcome:
        """Somebody doubts a message; what was open stays open."""
        if turn.session.talk != self.name:
            turn.session.notes["genuine"] = {"back_to": turn.session.talk}
            turn.session.talk = self.name
        return self.question(turn, "")

    def begin(self, turn: Any, intent: str) -> Outcome:
        return self.wanted(turn, None)

    def question(self, turn: Any, before: str) -> Reply:
        asked = Reply(turn.say("trust.genuine.ask"), footer=turn.say("footer"))
        return asked.preceded_by(before)

    def read(self, turn: Any) -> Reading:
        said = words_of(turn)
        return Leave(self._back(turn, self.verdict(turn, said)[0])) if said else UNCLEAR

    def take(self, turn: Any, reading: Reading) -> Outcome:
        if isinstance(reading, Leave):
            return reading.reply
        return self.question(turn, turn.say("form.not_understood"))

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        if command in ("back", "menu", "cancel", "resume"):
            return self._back(turn, "")
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None

    def checked(self, turn: Any) -> Reply:
        """The form of a page: field `text`."""
        said = str(turn.update.data.get("text", "")).strip()
        if not said:
            return Reply(turn.say("trust.genuine.ask"))
        text, found = self.verdict(turn, said)
        return Reply(text, about=f"message:{found}")

    def _back(self, turn: Any, before: str) -> Reply:
        notes = turn.session.notes.pop("genuine", {})
        turn.session.talk = notes.get("back_to", "")
        if open_ := self.conversations.get(turn.session.talk):
            return open_.question(turn, before)
        return Reply(before, footer=turn.say("footer")) if before else self._menu(turn, "")

    # --- the answer ---------------------------------------------------------------------

    def verdict(self, turn: Any, text: str) -> tuple[str, str]:
        """What to say of a message, and in a word: sent, worded, named or foreign."""
        with turn.reading() as records:
            sent = sent_to(records, turn.keys, str(turn.account))
        wordings, said = self._wordings(turn.city), _without_footer(turn, text)
        links = foreign_links(said, self._host)
        for one in sent:
            if not links and _is_it(wordings, one, said):
                return _lines(turn, _when(turn, one), "code"), "sent"
        if not links and wordings.knows(said):
            return _lines(turn, turn.say("trust.genuine.worded"), "advice"), "worded"
        if len(text) <= NAMED and not links:
            recent = self._recent(turn, wordings, sent, text)
            return _lines(turn, *recent, "advice"), "named"
        warnings = [turn.say("trust.genuine.foreign")]
        if links:
            warnings.append(turn.say("trust.genuine.link", host=links[0], site=self._site))
        if asks_for_what_we_never_ask(said):
            warnings.append(turn.say("trust.genuine.asks"))
        return _lines(turn, *warnings, "advice"), "foreign"

    def _recent(self, turn: Any, wordings: Wordings, sent: list[Sent], named: str) -> list[str]:
        """What we sent lately, each by its gist: what was named, else whatever there is."""
        gists = [(one, _gist(turn, wordings, one)) for one in sent]
        meant = [(one, words) for one, words in gists if named in words] or gists
        lines = [_when(turn, one, words) for one, words in meant[:MOST_RECENT] if words]
        return [turn.say("trust.genuine.recent" if lines else "trust.genuine.none"), *lines]

    def _wordings(self, city: City) -> Wordings:
        if self._known is None or self._known[0] is not city:
            self._known = city, Wordings.of(city, load_templates(city))
        return self._known[1]


def _is_it(wordings: Wordings, sent: Sent, said: str) -> bool:
    """To the letter; of a push, whose figures may have changed since, as it was worded."""
    if message := sent.payload.get("push"):
        return wordings.fits(said, wordings.of_push(message))
    return wordings.same(said, _texts(wordings, sent))


def _texts(wordings: Wordings, sent: Sent) -> tuple[str, ...]:
    if "name" in sent.payload:
        return wordings.of_notice(sent.payload)
    return (wordings.of_sms(sent.payload["template"], sent.payload["params"]),)


def _gist(turn: Any, wordings: Wordings, sent: Sent) -> str:
    return gist_of(wordings.city, wordings.templates, sent.payload, turn.session.locale)


def _when(turn: Any, sent: Sent, words: str = "") -> str:
    """是我们发的：2026年11月23日，短信。"""
    local = sent.at.astimezone(turn.city.tz)
    road = turn.say(f"trust.road.{sent.road if sent.road in _ROADS else 'chat'}")
    values = {"day": turn.say("trust.day", day=local.date()), "time": f"{local:%H:%M}"}
    key = "trust.genuine.one" if words else "trust.genuine.sent"
    return str(turn.say(key, road=road, **values, **({"words": words} if words else {})))


def _without_footer(turn: Any, text: str) -> str:
    return text.strip().removesuffix(turn.say("footer")).strip()


def _lines(turn: Any, *parts: str) -> str:
    """The parts, the last of which names a text."""
    return "\n".join([*parts[:-1], turn.say(f"trust.genuine.{parts[-1]}")])
