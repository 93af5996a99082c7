"""Where the card will be: the nearest branches of all banks, another by name, or by post.

Choosing names the bank to which the data go. Where the city does not ask apart, it is the
separate consent to hand them over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import Asks, Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import numbered, words_of
from bot.dialogue.words import Item, as_number, labelled, pick
from config.city import Bank, Branch, distance_words
from config.places import metres_between
from handlers.card.closing import hinted, instead, said_closed
from handlers.card.consents import asks_each, give_by_doing, styled

NEAREST = 3
OTHER, POST, LISTED = "other", "post", "listed"
BRANCH_NOTE = "branch"  # in the session's notes: the branch whose code was scanned


@dataclass(frozen=True, kw_only=True)
class BranchChoice(Step):
    """`inner` holds the page: nothing (nearest), {"bank": code}, {"post": True}, {"name": True},
    {"closed": code} (of a branch that was named and closes: the one instead of it)."""

    @property
    def fields(self) -> tuple[str, ...]:
        return ("delivery", "bank", "branch")

    # --- asking -------------------------------------------------------------------------

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "text" if draft.inner.get("name") else "choice"

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if closed := self._closed(turn, draft):
            return Reply(
                said_closed(turn, closed),
                numbered(self.items(turn, draft)),
                self._closing(turn, draft, "after_again"),
            )
        if draft.inner.get("name"):
            return Reply(turn.say(self.key("name_it")))
        if draft.inner.get("banks"):
            banks = [turn.city.bank(code) for code in draft.inner["banks"]]
            names = "、".join(bank_name(turn, bank) for bank in banks)
            return Reply(
                turn.say(self.key("which_bank"), banks=names), numbered(bank_items(turn, banks))
            )
        if draft.inner.get("post"):
            return Reply(
                turn.say(self.key("post_bank")),
                numbered(self._post_items(turn)),
                self._closing(turn, draft, "after"),
            )
        page = (
            "of_bank"
            if draft.inner.get("bank")
            else "ask"
            if "place" in draft.facts
            else "ask_district"
        )
        words = (
            {"bank": bank_name(turn, turn.city.bank(draft.inner["bank"]))}
            if page == "of_bank"
            else {}
        )
        return Reply(
            turn.say(self.key(page), **words),
            numbered(self.items(turn, draft)),
            self._closing(turn, draft, "after"),
        )

    def ask_again(self, turn: Any, draft: Draft) -> Reply:
        closing = self._closing(turn, draft, "after_again")
        return Reply("", numbered(self.items(turn, draft)), closing)

    def _closing(self, turn: Any, draft: Draft, which: str) -> str:
        """What choosing means. The draft remembers which words were shown last."""
        draft.facts["closing"] = which
        return styled(turn, self.key(which))

    def items(self, turn: Any, draft: Draft) -> list[Item]:
        """The numbered lines: three branches, then another bank, then post; of a closed branch the
        one instead of it, then the others."""
        if closed := self._closed(turn, draft):
            listed = Item(LISTED, turn.say(self.key("listed")))
            return [self._item(turn, instead(turn, closed), None), listed]
        found = [self._item(turn, branch, metres) for branch, metres in self._nearest(turn, draft)]
        found.append(
            Item(
                OTHER, turn.say(self.key("other")), tuple(turn.say(self.key("other_words")).split())
            )
        )
        found.append(
            Item(POST, turn.say(self.key("post")), tuple(turn.say(self.key("post_words")).split()))
        )
        return found

    @staticmethod
    def _closed(turn: Any, draft: Draft) -> Branch | None:
        code = draft.inner.get("closed")
        return next((branch for branch in turn.city.branches if branch.code == code), None)

    def _nearest(self, turn: Any, draft: Draft) -> list[tuple[Branch, int | None]]:
        """What is offered: the branch whose code was scanned before those that are near."""
        near = self._near_by(turn, draft)
        first = self._scanned(turn, draft)
        if first is None:
            return near
        return [first, *(found for found in near if found[0].code != first[0].code)][:NEAREST]

    def _scanned(self, turn: Any, draft: Draft) -> tuple[Branch, int | None] | None:
        code, bank = turn.session.notes.get(BRANCH_NOTE), draft.inner.get("bank")
        place = draft.facts.get("place")
        for branch in turn.city.offered(turn.today, bank):
            if branch.code == code:
                return branch, self._away(branch, place)
        return None

    @staticmethod
    def _away(branch: Branch, place: list[float] | None) -> int | None:
        """In metres, where it is known from where."""
        return metres_between(place[0], place[1], branch.lat, branch.lng) if place else None

    def _near_by(self, turn: Any, draft: Draft) -> list[tuple[Branch, int | None]]:
        offered = turn.city.offered(turn.today, draft.inner.get("bank"))
        if place := draft.facts.get("place"):
            return [*turn.city.nearest(place[0], place[1], NEAREST, among=offered)]
        district = turn.city.district(draft.answers["district"])
        here: list[tuple[Branch, int | None]] = [
            (b, None) for b in offered if b.district == district.code
        ]
        near = (district.lat, district.lng, NEAREST + len(here))
        more = turn.city.nearest(*near, among=offered)
        return (here + [(b, None) for b, _ in more if (b, None) not in here])[:NEAREST]

    def _item(self, turn: Any, branch: Branch, metres: int | None) -> Item:
        name = hinted(turn, branch)
        if metres is not None:
            name = turn.say(
                self.key("at"), branch=name, distance=distance_words(metres, turn.session.locale)
            )
        return Item(branch.code, name, (branch.name, branch.name_en))

    def _post_items(self, turn: Any) -> list[Item]:
        some = bank_items(turn, turn.city.banks[:4])
        return [*some, Item(OTHER, turn.say(self.key("other_bank")), ())]

    # --- reading ------------------------------------------------------------------------

    def read(self, turn: Any, draft: Draft) -> Reading:
        if turn.update.kind is Kind.LOCATION:
            return self._near(turn, draft)
        said = words_of(turn)
        if not said:
            return UNCLEAR
        if draft.inner.get("banks"):
            return self._which_bank(turn, draft, said)
        if draft.inner.get("post"):
            return self._bank_for_post(turn, draft, said)
        number = None if draft.inner.get("name") else as_number(said)
        items = self.items(turn, draft)
        if named := None if draft.inner.get("name") else labelled(said, items):
            return self._picked(turn, draft, named.value)
        if number is not None:
            return (
                self._picked(turn, draft, items[number - 1].value)
                if number <= len(items)
                else UNCLEAR
            )
        return self._named(turn, draft, said, items)

    def _near(self, turn: Any, draft: Draft) -> Reading:
        """A sent place: the branches near it, of the bank that was named if one was."""
        place = turn.update.place
        if draft.inner.get("post") or draft.inner.get("banks"):
            return UNCLEAR
        if turn.city.district_at(place.lat, place.lng) is None:
            return Problem(turn.say(self.key("elsewhere")))
        draft.facts["place"] = [place.lat, place.lng]
        return self._listed(turn, draft)

    def _listed(self, turn: Any, draft: Draft) -> Stay:
        draft.inner = {k: v for k, v in draft.inner.items() if k == "bank"}
        return Stay(self.ask(turn, draft))

    def _picked(self, turn: Any, draft: Draft, value: str) -> Reading:
        if value == OTHER:
            draft.inner = {"name": True}
            return Stay(self.ask(turn, draft))
        if value == POST:
            draft.inner = {"post": True}
            return Stay(self.ask(turn, draft))
        if value == LISTED:
            return self._listed(turn, draft)
        return self._pickup(turn, draft, turn.city.branch(value))

    def _named(self, turn: Any, draft: Draft, said: str, items: Sequence[Item]) -> Reading:
        """Words: a branch by name, a bank by name or alias, post, or "another one"."""
        branches = turn.city.find_branch(said)
        if len(branches) == 1:
            return self._pickup(turn, draft, branches[0])
        banks = turn.city.find_bank(said)
        if len(banks) == 1:
            draft.inner = {"bank": banks[0].code}
            return Stay(self.ask(turn, draft))
        if len(banks) > 1:
            draft.inner = {"banks": [bank.code for bank in banks[:5]]}
            return Stay(self.ask(turn, draft))
        found = pick(said, [item for item in items if item.value in (OTHER, POST, LISTED)])
        if found:
            return self._picked(turn, draft, found[0].value)
        if draft.inner.get("name"):
            return Problem(turn.say("problem.bank"))
        return UNCLEAR

    def _which_bank(self, turn: Any, draft: Draft, said: str) -> Reading:
        found = pick(
            said, bank_items(turn, [turn.city.bank(code) for code in draft.inner["banks"]])
        )
        if len(found) != 1:
            return UNCLEAR
        if draft.inner.get("for_post"):
            return self._posted(turn, draft, found[0].value)
        draft.inner = {"bank": found[0].value}
        return Stay(self.ask(turn, draft))

    def _bank_for_post(self, turn: Any, draft: Draft, said: str) -> Reading:
        number = as_number(said)
        items = self._post_items(turn)
        if number is not None:
            if not number <= len(items):
                return UNCLEAR
            value = items[number - 1].value
            if value != OTHER:
                return self._posted(turn, draft, value)
            return Stay(Reply(turn.say(self.key("name_bank"))))
        banks = turn.city.find_bank(said)
        if labelled(said, items[-1:]) or (not banks and pick(said, items[-1:])):
            return Stay(Reply(turn.say(self.key("name_bank"))))
        if len(banks) == 1:
            return self._posted(turn, draft, banks[0].code)
        if len(banks) > 1:
            draft.inner = {"banks": [bank.code for bank in banks[:5]], "for_post": True}
            return Stay(self.ask(turn, draft))
        return UNCLEAR

    # --- answering ----------------------------------------------------------------------

    def _pickup(self, turn: Any, draft: Draft, branch: Branch) -> Reading:
        """Who names a branch that closes is told so, with the one instead of it."""
        if not turn.city.is_offered(branch, turn.today):
            draft.inner = {**draft.inner, "closed": branch.code}
            draft.inner.pop("name", None)
            return Stay(self.ask(turn, draft))
        self._consent(turn, draft, branch.bank)
        return Answer({"delivery": "pickup", "bank": branch.bank, "branch": branch.code})

    def _posted(self, turn: Any, draft: Draft, bank: str) -> Reading:
        self._consent(turn, draft, bank)
        return Answer({"delivery": "post", "bank": bank, "branch": ""})

    def _consent(self, turn: Any, draft: Draft, bank: str) -> None:
        shown = styled(turn, self.key(draft.facts.get("closing", "after")))
        give_by_doing(turn, draft, "handing_over", shown, {"bank": bank})

    def ack(self, turn: Any, draft: Draft, changed: bool) -> str:
        bank = bank_name(turn, turn.city.bank(draft.answers["bank"]))
        key = "changed" if changed and not asks_each(turn) else "ack"  # not yet agreed to
        return str(turn.say(self.key(key), place=self._place(turn, draft), bank=bank))

    def _place(self, turn: Any, draft: Draft) -> str:
        if draft.answers["delivery"] == "post":
            return str(turn.say(self.key("by_post")))
        return branch_name(turn, turn.city.branch(draft.answers["branch"]))

    def retreat(self, turn: Any, draft: Draft) -> bool:
        if draft.inner:
            draft.inner = {}
            return True
        return False

    def valid(self, turn: Any, draft: Draft) -> bool:
        if draft.answers.get("delivery") == "post":
            return any(bank.code == draft.answers.get("bank") for bank in turn.city.banks)
        chosen = draft.answers.get("branch")
        return any(branch.code == chosen for branch in turn.city.offered(turn.today))

    def lapsed(self, turn: Any, draft: Draft) -> dict[str, Any]:
        """A branch that was chosen closes: what is instead of it is offered first."""
        known = {branch.code for branch in turn.city.branches}
        chosen = draft.answers.get("branch")
        return {"closed": chosen} if chosen in known else {}

    def old(self, turn: Any, draft: Draft) -> str:
        return self._place(turn, draft)

    def show(self, turn: Any, draft: Draft) -> str:
        key = "shown_post" if draft.answers["delivery"] == "post" else "shown"
        bank = bank_name(turn, turn.city.bank(draft.answers["bank"]))
        return str(turn.say(self.key(key), place=self._place(turn, draft), bank=bank))

    def options_at_most(self) -> int:
        return NEAREST + 2

    def texts(self) -> tuple[str, ...]:
        own = (
            "ask",
            "ask_district",
            "after",
            "after_again",
            "after_each",
            "after_again_each",
            "other",
            "other_words",
            "post",
            "post_words",
            "at",
            "of_bank",
            "name_it",
            "name_bank",
            "other_bank",
            "which_bank",
            "elsewhere",
            "post_bank",
            "ack",
            "changed",
            "by_post",
            "label",
            "shown",
            "shown_post",
            "closed",
            "closes",
            "listed",
        )
        return tuple(self.key(name) for name in own)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        closed = [say(self.key("closed")), say(self.key("closes")), say(self.key("listed"))]
        lines = [say(self.key("at"))] * NEAREST + [say(self.key("other")), say(self.key("post"))]
        numbered_lines = [f"{n} {line}" for n, line in enumerate(lines, 1)]
        return [
            "\n".join([say(self.key("of_bank")), *numbered_lines, say(self.key(closing))])
            for closing in ("after", "after_each")
        ] + ["\n".join([*closed, say(self.key("after_again"))])]


def bank_name(turn: Any, bank: Bank) -> str:
    return bank.name_en if turn.session.locale == "en" else bank.short


def branch_name(turn: Any, branch: Branch) -> str:
    return branch.name_en if turn.session.locale == "en" else branch.name


def branch_address(turn: Any, branch: Branch) -> str:
    return branch.address_en if turn.session.locale == "en" else branch.address


def branch_hours(turn: Any, branch: Branch) -> str:
    return branch.hours_en if turn.session.locale == "en" else branch.hours


def bank_items(turn: Any, banks: Sequence[Bank]) -> list[Item]:
    return [
        Item(bank.code, bank_name(turn, bank), (bank.name, bank.short, bank.name_en))
        for bank in banks
    ]
