"""The card form itself. To ask one thing more, add a step here and its texts in config/locales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Filling, Form, Step
from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import Link, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, Consent, words_of
from bot.dialogue.words import Item, Words, as_number, pick
from config.locales.words import word_table
from handlers.card.branch import BranchChoice, bank_name
from handlers.card.consents import asks_each, give, holds
from handlers.card.earlier import Earlier, begun_elsewhere, unnamed
from handlers.card.giving_up import drop
from handlers.card.id_photos import IdPhotos, on_id_photo
from handlers.card.identity import ID_READ, ethnicity, name_number, on_person, valid_until
from handlers.card.life import HOUSEHOLDS, WORK_KINDS, Address, Work, asks_household
from handlers.card.phone import Phone, on_phone
from handlers.card.portrait import Portrait, measured_on_file
from handlers.card.reminders import next_morning
from handlers.card.submit import submit_application
from handlers.words import words
from models.drafts import reach, start_draft
from models.people import account_of


def card_words(turn: Any) -> Words:
    """What people type at the card form's questions."""
    return words("card")


def _begun(turn: Any, draft: Draft) -> None:
    """The first record of a draft: what other channels and the reminder see, without answers."""
    if draft.facts.get("begun"):
        return
    draft.facts["begun"] = True
    account_of(turn.records, str(turn.account), turn.now).locale = turn.session.locale
    start_draft(
        turn.records,
        draft_id=draft.id,
        account=str(turn.account),
        form=draft.form,
        expires_at=turn.now + timedelta(days=turn.city.days.draft),
        remind_at=next_morning(turn.now, turn.city),
        now=turn.now,
    )
    give(turn, draft, "general", turn.say("card.notice.ask"))


@dataclass(frozen=True, kw_only=True)
class Notice(Consent):
    """The general consent, with the way to the whole notice."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        return replace(
            super().ask(turn, draft), links=(Link("/privacy", turn.say(self.key("link"))),)
        )

    def texts(self) -> tuple[str, ...]:
        return (*super().texts(), self.key("link"))


@dataclass(frozen=True, kw_only=True)
class BankConsent(Consent):
    """Handing over, asked apart: the bank that was chosen is named."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        return Reply(_bank_question(turn, draft))


def _bank_question(turn: Any, draft: Draft) -> str:
    bank = turn.city.bank(draft.answers["bank"])
    return str(turn.say("card.bank_consent.ask", bank=bank_name(turn, bank)))


def _sensitive(turn: Any, draft: Draft) -> None:
    give(turn, draft, "sensitive", turn.say("card.id_consent.ask"))


def handing_over(turn: Any, draft: Draft) -> None:
    """Record the consent to hand the data to the bank that was chosen."""
    bank = {"bank": draft.answers["bank"]}
    give(turn, draft, "handing_over", _bank_question(turn, draft), bank)


def refused(turn: Any, draft: Draft) -> Reading:
    """Without a consent the counter is the way."""
    return Leave(Reply(turn.say("counter"), footer=turn.say("footer")))


def _for_whom(turn: Any, draft: Draft, said: str) -> Reading:
    """孩子 and 家人 get an honest answer until their own forms exist."""
    told = _for_others(turn, said)
    return Stay(Reply(told)) if told else UNCLEAR


def _for_others(turn: Any, said: str) -> str:
    """The way for somebody else's card, where `said` names a child or another of the family."""
    if as_number(said):
        return ""  # nothing is numbered here
    others = [Item(name, name, tuple(word_table("card")[name])) for name in ("child", "family")]
    found = pick(said, others)
    return str(turn.say(f"card.notice.{found[0].value}")) if found else ""


def _changed(turn: Any, draft: Draft, step: Step) -> None:
    """Other photos were sent: what was read from the old ones no longer counts. Another bank was
    chosen, if only because a branch had closed: it is asked for afresh."""
    if step.name == "id":
        draft.facts.pop("asked", None)
    if step.name in ("id_read", "name_number"):
        unnamed(turn, draft)
    if step.name == "branch" and not holds(draft, "handing_over", {"bank": draft.answers["bank"]}):
        draft.done = [name for name in draft.done if name != "bank_consent"]


def _entered(turn: Any, draft: Draft, section: int) -> None:
    """How far it is, for who goes on with it in another channel."""
    if section > draft.facts.get("reached", 1):
        draft.facts["reached"] = section
        reach(turn.records, draft.id, section)


PORTRAIT = Portrait(name="portrait", section="check", depends=("id_read", "name_number"))

CARD: Form = Form(
    "card",
    version=1,
    sections=["notice", "id", "phone", "life", "branch", "check"],
    steps=[
        Notice(
            name="notice", section="notice", fills=("for_whom",), value="self", line="",
            yes=card_words, given=_begun, refused=refused, also=_for_whom,
        ),
        Consent(
            name="id_consent", section="id", when=asks_each, line="",
            yes=card_words, given=_sensitive, refused=refused,
        ),
        IdPhotos(name="id", section="id", words=card_words, line=""),
        ID_READ,
        name_number(),
        ethnicity(),
        valid_until(),
        Phone(name="phone", section="phone", words=card_words, depends=("id_read", "name_number")),
        Earlier(name="earlier", section="phone", line="", when=begun_elsewhere),
        Address(name="lives_at", section="life"),
        Work(name="work", section="life", options=WORK_KINDS, with_text="employer"),
        Choice(name="household", section="life", when=asks_household, options=HOUSEHOLDS),
        BranchChoice(name="branch", section="branch"),
        BankConsent(
            name="bank_consent", section="branch", when=asks_each, line="", depends=("branch",),
            yes=card_words, given=handing_over, refused=refused,
        ),
        PORTRAIT,
        ReadBack(name="check", section="check", line="", whole=lambda: CARD, yes=card_words),
    ],
    submit=submit_application,
    results={
        "read_id_photo": on_id_photo,
        "check_person": on_person,
        "check_phone": on_phone,
        "take_portrait": PORTRAIT.taken,
        "measure_on_file": measured_on_file,
    },
    changed=_changed,
    entered=_entered,
    dropped=drop,
)  # fmt: skip


def _create(turn: Any, intent: str) -> Filling:
    draft = Draft(turn.sources.new_id(), CARD.name, CARD.version, turn.now.isoformat())
    turn.session.drafts[CARD.name] = draft
    return Filling(CARD, turn, draft)


def _opening(turn: Any) -> str:
    """给我妈办一张: who begins so hears the way for others first, then the form for oneself."""
    return _for_others(turn, words_of(turn)) or str(turn.say("card.intro"))


def filled_elsewhere(turn: Any) -> Reply | None:
    """The way to our site, in a channel where no form is filled in."""
    if turn.manner.applies:
        return None
    label = turn.say("apply.label")
    way = turn.say("apply.elsewhere", label=label)
    return Reply(way, footer=turn.say("footer"), links=(Link("/apply", label),))


def card_talk(leave: Any, elsewhere: Callable[[Any], Outcome]) -> FormTalk:
    """The card form as a conversation; `leave` is what the person sees on leaving it, `elsewhere`
    has the word where one was begun in another channel."""
    intents = ("apply", "modify", "cancel_application")
    return FormTalk(
        CARD,
        intents,
        create=_create,
        opening=_opening,
        leave=leave,
        days=lambda turn: turn.city.days.draft,
        closed=filled_elsewhere,
        elsewhere=elsewhere,
    )
