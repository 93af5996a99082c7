"""What a campaign says: on every road, in every language, filled in for each person."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from config.field_limits import alipay_fault_of, fault_of
from config.template_book import ALIPAY_RUNGS, LOCALES, RUNGS, Worded
from config.template_faults import MOST_CHARACTERS, longest_params
from config.templates import Templates

PUSH = "push"
OF_AN_APPLICATION = frozenset(
    {"number", "tail", "branch", "address", "hours", "phone", "date", "days", "left"}
)
"""What only a campaign of applications can fill in; `days` are those that are left until `date`,
`left` says them."""

Act = Literal["", "successor", "branches"]
"""What a tapped answer does beside being listed: nothing, move the card to the successor of a
branch that closes, choose another branch."""

_STRICT = ConfigDict(extra="forbid")
Texts = Mapping[str, str]


@dataclass(frozen=True, config=_STRICT)
class Option:
    """One answer to tap or to type: its label by language."""

    label: Texts
    act: Act = ""


@dataclass(frozen=True, config=_STRICT)
class Message:
    """`chat`, `status`, `note` by language: the message of a chat, and the two fields that differ
    in the platforms' approved `wording` (a name of `config/templates.toml`; "": not by them).
    `sms` is a registered text of the city's profile ("": not by SMS), `link` a page of our site,
    `mass` allows 群发. `options` may be answered; `answers`: words may be as well.
    """

    chat: Texts
    status: Texts = field(default_factory=dict)
    note: Texts = field(default_factory=dict)
    wording: str = ""
    sms: str = ""
    link: str = ""
    options: Annotated[tuple[Option, ...], Field(max_length=4)] = ()
    answers: bool = False
    mass: bool = False

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """From JSON. Raises pydantic's ValidationError."""
        found: Self = TypeAdapter(cls).validate_python(dict(value))
        return found

    def written(self) -> dict[str, Any]:
        """As JSON."""
        found: dict[str, Any] = TypeAdapter(type(self)).dump_python(self, mode="json")
        return found

    @property
    def expects_answers(self) -> bool:
        """Whether what people say to it is listed."""
        return self.answers or bool(self.options)

    def params(self) -> frozenset[str]:
        """What its words want to be filled in, the city's facts among them."""
        texts = [text for each in (self.chat, self.status, self.note) for text in each.values()]
        return frozenset(
            name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name
        )

    def worded(self) -> Worded:
        """As the notices of `config/templates.toml` are."""
        return Worded(
            wording=self.wording or "-",
            sms=self.sms or "-",
            params=tuple(sorted(self.params() & OF_AN_APPLICATION - {"tail", "left"})) or ("-",),
            chat=self.chat,
            status=self.status,
            note=self.note,
        )

    def fill(self, templates: Templates) -> Templates:
        """Fills it, under the name `PUSH`, for this city."""
        return templates.of(PUSH, self.worded())


def faults(message: Message, templates: Templates, *, of_applications: bool) -> list[str]:
    """Why it cannot be sent as it is, each as `<where>: <why>`; an empty list when all fits."""
    try:
        missing = list(_missing(message, templates, of_applications))
        filled = message.fill(templates) if not missing else templates
    except ValueError as fault:  # a brace that nobody closes
        return [f"chat: {fault}"]
    return missing or list(_too_long(message, filled))


def _missing(message: Message, templates: Templates, of_applications: bool) -> Iterator[str]:
    wanted = ("chat", "status", "note") if message.wording or message.sms else ("chat",)
    for what in wanted:
        texts: Texts = getattr(message, what)
        yield from (f"{what}.{loc}: missing" for loc in LOCALES if not texts.get(loc, "").strip())
    if message.wording and message.wording not in templates.wanted("template"):
        yield "wording: unknown"
    if message.sms and message.sms not in templates.city.sms:
        yield "sms: unknown"
    if message.link and not message.link.startswith("/"):
        yield "link: not a page of our site"
    if message.mass and (message.params() & OF_AN_APPLICATION or message.options):
        yield "mass: what differs from person to person cannot be sent to all at once"
    if not of_applications:
        yield from (
            f"params: {name} is known of an application alone"
            for name in sorted(message.params() & OF_AN_APPLICATION)
        )


def _too_long(message: Message, templates: Templates) -> Iterator[str]:
    judges = {rung: alipay_fault_of if rung in ALIPAY_RUNGS else fault_of for rung in RUNGS}
    for locale in LOCALES:
        params = longest_params(templates.city, locale)
        try:
            text = templates.chat(PUSH, locale, params)
            filled = [
                (rung, key, value)
                for rung in RUNGS
                if message.wording
                for key, value in templates.filled(rung, PUSH, locale, params).items()
            ]
            if message.sms:
                templates.sms(PUSH, locale, params)
        except (LookupError, AttributeError, TypeError, ValueError) as fault:
            yield f"params: nobody fills in {fault}"  # {x}, {0}, {branch.x}, {branch:d}
            return
        if len(text) > MOST_CHARACTERS[locale]:
            yield f"chat.{locale}: {len(text)} characters, {MOST_CHARACTERS[locale]} at most"
        yield from (
            f"{rung}.{key}.{locale}: {why}"
            for rung, key, value in filled
            if (why := judges[rung](key, value))
        )
