"""Answers to campaigns: a tap, the number or the words of an option, or words of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.outside import may_be_numbered, open_questions, tapped
from bot.dialogue.router import Conversation
from bot.dialogue.words import fold
from handlers.push.acts import ACTS, Act, Answered
from models.people import find_account
from models.push.answers import take_answer
from models.push.heard import Heard, heard_by
from models.push.messages import Message

MOST_WORDS = 3  # messages that are taken as an answer in words of one's own; then the menu helps
LONGEST = 500  # characters of them that are kept


class PushAnswers:
    """`bot.dialogue.router.Outside` for campaigns. `acts` by the names of options' acts."""

    def __init__(self, acts: Mapping[str, Act] = ACTS) -> None:
        self._acts = acts

    def clicked(self, turn: Any, open_: Conversation | None) -> Outcome:
        """The mark of the tap names the campaign, whatever the session remembers."""
        tap = tapped(turn.update.key)
        if tap is None:
            return None
        campaign, number = tap
        found = self._got(turn, [campaign])
        return self._chosen(turn, open_, found[0], int(number)) if found else None

    def named(self, turn: Any, open_: Conversation | None, said: str) -> Outcome:
        """In whichever language it was read."""
        for heard in self._open(turn):
            for number, option in enumerate(Message.read(heard.message).options, 1):
                if fold(said) in {fold(label) for label in option.label.values()}:
                    return self._chosen(turn, open_, heard, number)
        return None

    def numbered(self, turn: Any, number: int) -> Outcome:
        if not may_be_numbered(turn.session):
            return None
        shown = [q.number for q in open_questions(turn.session, turn.now) if q.numbered]
        for heard in self._got(turn, shown[:1]):
            return self._chosen(turn, None, heard, number)
        return None

    def listens(self, turn: Any) -> bool:
        return self._listening(turn) is not None

    def told(self, turn: Any, said: str) -> Outcome:
        heard = self._listening(turn)
        if heard is None:
            return None
        words = turn.session.notes.setdefault("answered", {})
        words[str(heard.campaign_id)] = words.get(str(heard.campaign_id), 0) + 1
        _take(turn, heard, "", said[:LONGEST])
        return Reply(turn.say("push.told"), footer=turn.say("footer"))

    def _listening(self, turn: Any) -> Heard | None:
        """The latest that takes words, and has not been told so many already."""
        words = turn.session.notes.get("answered", {})
        for heard in self._open(turn):
            has_room = words.get(str(heard.campaign_id), 0) < MOST_WORDS
            if has_room and Message.read(heard.message).answers:
                return heard
        return None

    def _chosen(self, turn: Any, open_: Conversation | None, heard: Heard, number: int) -> Outcome:
        """List it, do what it does, confirm it; what is open is asked again."""
        options = Message.read(heard.message).options
        if not 1 <= number <= len(options):
            return None
        option = options[number - 1]
        _take(turn, heard, str(number), "")
        act = self._acts.get(option.act)
        if act and (said := act(turn, Answered(heard, option), open_)) is not None:
            return said
        label = option.label.get(turn.session.locale) or next(iter(option.label.values()))
        text = turn.say("push.answered", option=label)
        return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))

    def _open(self, turn: Any) -> list[Heard]:
        """What this person may answer, the latest first; nothing is asked of the records where the
        session knows of none."""
        numbers = [question.number for question in open_questions(turn.session, turn.now)]
        return self._got(turn, numbers)

    @staticmethod
    def _got(turn: Any, campaigns: Sequence[int]) -> list[Heard]:
        """Those of these campaigns that this person got, and may still answer."""
        if not campaigns:
            return []
        since = turn.now - timedelta(days=turn.city.push.answer_days)
        with turn.reading() as records:
            account = find_account(records, str(turn.account))
            if account is None:
                return []
            found = heard_by(records, [account.recipient], since=since, campaigns=campaigns)
        order = {campaign: place for place, campaign in enumerate(campaigns)}
        return sorted(found, key=lambda heard: order[heard.campaign_id])


def _take(turn: Any, heard: Heard, option: str, text: str) -> None:
    take_answer(
        turn.records,
        turn.keys,
        campaign_id=heard.campaign_id,
        recipient=heard.recipient,
        option=option,
        text=text,
        now=turn.now,
    )
