"""A form as a conversation: the words that every form understands, in every channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Filling, Form, migrate
from bot.dialogue.messages import Option, Outcome, Reply
from bot.dialogue.readings import Leave, Reading, Stay, Unclear
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item, pick


class FormTalk:
    """A form as a conversation: the words every form understands, in every channel."""

    def __init__(
        self,
        form: Form,
        intents: tuple[str, ...],
        *,
        create: Callable[[Any, str], Filling | Reply],
        opening: Callable[[Any], str],
        leave: Callable[[Any, str], Reply],
        days: Callable[[Any], int],
        closed: Callable[[Any], Reply | None] = lambda turn: None,
        elsewhere: Callable[[Any], Outcome] = lambda turn: None,
    ) -> None:
        """The first of `intents` opens the form, the others only what was begun. `create` starts a
        new draft (or says why not), `opening` is said before its first question; `leave` is what
        follows the last 上一步, after a sentence; `days` is how long a draft is kept.

        `closed` is the way to where the form is filled in, if that is not here. `elsewhere` has the
        word before a draft is begun, where one was begun in another channel."""
        self.form, self.name, self.intents = form, form.name, intents
        self._create, self._opening, self._leave, self._days = create, opening, leave, days
        self._closed, self._elsewhere = closed, elsewhere

    def filling(self, turn: Any) -> Filling | None:
        """The draft of this account, carried over to the present version."""
        draft = turn.session.drafts.get(self.name)
        if draft is None or self._closed(turn) or self._expired(turn, draft):
            return None
        migrate(self.form, turn, draft)
        return Filling(self.form, turn, draft)

    def _expired(self, turn: Any, draft: Draft) -> bool:
        return bool(
            turn.now - datetime.fromisoformat(draft.started) > timedelta(days=self._days(turn))
        )

    def begin(self, turn: Any, intent: str) -> Outcome:
        if self._closed(turn):
            return self._gone(turn) if intent in (self.intents[0], "resume") else None
        filling = self.filling(turn)
        self._not_cancelling(turn)
        if not filling and (said := self._elsewhere(turn)) is not None:
            return said
        turn.session.talk = self.name
        return filling.resume() if filling else self.begin_anew(turn, intent)

    def begin_anew(self, turn: Any, intent: str) -> Outcome:
        """A new draft, whatever there is elsewhere."""
        turn.session.talk = self.name
        expired = self.name in turn.session.drafts
        created = self._create(turn, intent)
        if isinstance(created, Reply):
            turn.session.talk = ""
            return created
        return created.start(turn.say("form.expired") if expired else self._opening(turn))

    def read(self, turn: Any) -> Reading:
        asked = turn.session.drafts[self.name].step if self.name in turn.session.drafts else ""
        filling = self.filling(turn)
        if filling is None:  # the draft ended elsewhere: nothing is open any more
            return Leave(self._gone(turn))
        if filling.draft.step != asked:  # what was sent answers a question that is gone
            return Stay(filling.ask(turn.say("form.carried_over"), header=True))
        return self._cancelling(turn, filling) if self._asked_to_cancel(turn) else filling.read()

    def take(self, turn: Any, reading: Reading) -> Outcome:
        if self._asked_to_cancel(turn):
            return self._ask_cancel(turn)
        draft = turn.session.drafts.get(self.name)  # as `read` has just carried it over
        if draft is None or isinstance(reading, Leave):
            turn.session.talk = ""
            return reading.reply if isinstance(reading, Leave) else self._leave(turn, "")
        filling = Filling(self.form, turn, draft)
        if isinstance(reading, Unclear):
            failed = filling.take(reading)
            text = failed.text if isinstance(failed, Reply) else ""
            return filling.ask(text)
        return filling.take(reading)

    def _gone(self, turn: Any) -> Reply:
        """The draft is no longer there: it expired, or ended in another channel. Or it is, and goes
        on elsewhere."""
        turn.session.talk = ""
        self._not_cancelling(turn)
        if way := self._closed(turn):
            return way
        expired = turn.session.drafts.pop(self.name, None)
        return self._leave(turn, turn.say("form.over") if expired else "")

    def question(self, turn: Any, before: str) -> Reply:
        filling = self.filling(turn)
        if filling is None:
            return self._gone(turn)
        reply = self._ask_cancel(turn) if self._asked_to_cancel(turn) else filling.ask()
        if before.endswith(("，", ", ")):
            return replace(reply, text=f"{before}{reply.text}")
        return reply.preceded_by(before)

    def result(self, turn: Any) -> Outcome:
        filling = self.filling(turn)
        if filling is None or turn.update.data.get("draft", filling.draft.id) != filling.draft.id:
            return None
        elsewhere = turn.session.talk != self.name
        outcome = filling.result()
        if elsewhere and self.name in turn.session.drafts:
            return None  # the question is asked when the person comes back to it
        if isinstance(outcome, Reply):  # another question is the last thing the person saw
            self._not_cancelling(turn)
        return outcome

    # --- global words -------------------------------------------------------------------

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        filling = self.filling(turn)
        if filling is None:
            return Unclear()
        asked_to_cancel = self._asked_to_cancel(turn)
        self._not_cancelling(turn)
        match command.split(" ", 1):
            case ["back" | "resume"] if asked_to_cancel:
                return filling.ask()
            case ["back"]:
                return self._back(turn, filling)
            case ["keep"]:
                return filling.keep()
            case ["cancel"] | ["intent", "cancel_application"]:
                return self._ask_cancel(turn)
            case ["edit"]:
                return filling.ask(turn.say("form.edit_how"))
            case ["intent", "modify"]:
                return self._wished(turn, filling)
            case ["resume"] | ["intent", _]:
                return filling.resume()
            case ["help"]:
                return filling.ask(turn.say("form.help"))
            case ["menu"]:
                turn.session.talk = ""
                return self._leave(turn, "")
            case ["edit", target]:
                return self._edit(turn, filling, target)
        return Unclear()

    def _back(self, turn: Any, filling: Filling) -> Outcome:
        reply = filling.back()
        if reply is None:
            turn.session.talk = ""
            return self._leave(turn, "")
        return reply

    def _wished(self, turn: Any, filling: Filling) -> Outcome:
        """手机号不对: a line that is named in a sentence; else how to name one."""
        edited = self._edit(turn, filling, words_of(turn))
        how = turn.say("form.edit_how")
        return filling.ask(how) if isinstance(edited, Unclear) else edited

    def _edit(self, turn: Any, filling: Filling, target: str) -> Outcome | Unclear:
        read_back = next((s for s in self.form.steps if isinstance(s, ReadBack)), None)
        steps = read_back.line_named(turn, filling.draft, target) if read_back else None
        if not steps:
            return Unclear()
        return filling.edit(steps[-1].name if len(steps) == 1 else self._editable(steps).name)

    @staticmethod
    def _editable(steps: Sequence[Any]) -> Any:
        """Of several questions shown on one line, the one that shows and changes them all."""
        return next((s for s in steps if s.options_at_most()), steps[0])

    # --- 取消 -----------------------------------------------------------------------------

    def _asked_to_cancel(self, turn: Any) -> bool:
        return bool(turn.session.notes.get("cancelling") == self.name)

    def _not_cancelling(self, turn: Any) -> None:
        if self._asked_to_cancel(turn):
            turn.session.notes.pop("cancelling")

    def _ask_cancel(self, turn: Any) -> Reply:
        turn.session.notes["cancelling"] = self.name
        options = tuple(Option(str(n), label) for n, label in enumerate(_cancel_labels(turn), 1))
        return Reply(turn.say("form.cancel"), options, footer=turn.say("footer"))

    def _cancelling(self, turn: Any, filling: Filling) -> Reading:
        items = [Item(n, label) for n, label in enumerate(_cancel_labels(turn), 1)]
        chosen = [item.value for item in pick(words_of(turn), items)]
        if chosen == [1]:
            return Leave(self._dropped(turn, filling))
        if chosen == [2]:
            self._not_cancelling(turn)
            return Stay(filling.ask())
        return Unclear()

    def drop(self, turn: Any) -> Reply | None:
        """取消 without the question back, for who was asked elsewhere; None: nothing was begun."""
        filling = self.filling(turn)
        if filling is None:
            return None
        if turn.session.talk == self.name:
            turn.session.talk = ""
        return self._dropped(turn, filling)

    def _dropped(self, turn: Any, filling: Filling) -> Reply:
        self._not_cancelling(turn)
        turn.session.drafts.pop(self.name)
        if self.form.dropped:
            self.form.dropped(turn, filling.draft)
        return Reply(turn.say("form.cancelled"), footer=turn.say("footer"))


def _cancel_labels(turn: Any) -> tuple[str, str]:
    return turn.say("form.cancel_yes"), turn.say("form.cancel_no")
