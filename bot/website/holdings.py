"""What belongs to whoever sits at a browser: the person it is bound to, their accounts, drafts and
applications, as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session as Records

from bot.assembly import Assembly
from bot.dialogue.messages import AccountKey
from config.wordings import gist_of
from models.drafts import open_drafts
from models.masking import masks_of
from models.people import Account, Person, accounts_of, person_of
from models.progress import own_applications, progress_of
from models.sent import sent_to

__all__ = ["Holdings", "holdings_of"]

MOST_NOTICES = 10
ROADS = ("sms", "chat", "template", "subscription")


@dataclass(frozen=True, slots=True)
class Bound:
    """An account of the same person. `id` is empty for the one that looks."""

    channel: str
    since: str
    id: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A form half filled; `channel` is where."""

    channel: str
    since: str
    until: str
    here: bool


@dataclass(frozen=True, slots=True)
class Holdings:
    """`person`: masked name and number, empty while nobody is bound."""

    person: tuple[str, str] | tuple[()]
    accounts: Sequence[Bound]
    drafts: Sequence[Begun]
    applications: Sequence[str]  # one line each
    notices: Sequence[str]  # what was sent to them, the latest first, one line each


def holdings_of(parts: Assembly, account: AccountKey, locale: str) -> Holdings:
    """As of now, in this language."""
    telling, tz = parts.telling(locale, "web"), parts.city.tz

    def day(at: datetime | None) -> str:
        return str(telling.day(at.astimezone(tz).date())) if at else ""

    with parts.database.reading() as records:
        person = person_of(records, str(account))
        theirs = accounts_of(records, person.id) if person else []
        found = own_applications(records, str(account))
        told = [
            progress_of(records, parts.keys, parts.city, a, parts.sources.clock()) for a in found
        ]
        return Holdings(
            person=_masked(parts, person) if person else (),
            accounts=[_bound(each, str(account), day(each.bound_at)) for each in theirs],
            drafts=list(_drafts(records, parts.sources.clock(), account, theirs, day)),
            applications=[telling.told(each).headline.rstrip("：:") for each in told],
            notices=list(_notices(parts, records, account, locale)),
        )


def _notices(parts: Assembly, records: Records, account: AccountKey, locale: str) -> Iterator[str]:
    """11月27日 10:04，短信：…"""
    say = partial(parts.texts.say, locale)
    lines = 0
    for sent in sent_to(records, parts.keys, str(account)):
        words = gist_of(parts.city, parts.templates, sent.payload, locale)
        if not words or lines == MOST_NOTICES:
            continue
        lines += 1
        at, road = sent.at.astimezone(parts.city.tz), sent.road if sent.road in ROADS else "chat"
        day, named = say("trust.day", day=at.date()), say(f"trust.road.{road}")
        yield say("trust.genuine.one", day=day, time=f"{at:%H:%M}", road=named, words=words)


def _masked(parts: Assembly, person: Person) -> tuple[str, str]:
    masks = masks_of("web")
    name, number = person.open_name(parts.keys), person.open_id_number(parts.keys)
    return masks["name"](name), masks["id_number"](number)


def _bound(each: Account, account: str, since: str) -> Bound:
    return Bound(each.channel, since, "" if each.key == account else each.id)


def _drafts(
    records: Records,
    now: datetime,
    account: AccountKey,
    theirs: Iterable[Account],
    day: Callable[[datetime | None], str],
) -> Iterator[Begun]:
    """The browser's own first."""
    here = str(account)
    for key in (here, *(each.key for each in theirs if each.key != here)):
        for draft in open_drafts(records, key, now):
            channel = AccountKey.parse(key).channel
            yield Begun(channel, day(draft.started_at), day(draft.expires_at), key == here)
