"""The lane `masses`: 群发 to those whom nothing else of theirs reaches, in one call for many.

What a batch is, and how it gathers, stands in `models.push.masses`. It is called when it is ready,
in its campaign's hours, while its campaign is sending: once committed as `calling`, again under the
same key where nobody knows whether the last call was carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Link, Reply
from bot.ports import SendError
from bot.push.flush import is_open
from bot.push.mass_people import still_worth_calling, uncount, worth_calling
from bot.push.ports import MassCalls
from bot.sessions import SessionsAway
from bot.work.desk import Tools
from bot.work.ladder import next_day
from models.push import masses
from models.push.campaigns import Campaign, locked
from models.push.mass_results import MassResult, record_heard, record_mass_result
from models.push.masses import Mass
from models.push.messages import PUSH, Message
from models.push.stages import OVER, SENDING

CALL_SECONDS = 15.0  # ten thousand names are a third of a megabyte
LEASE = timedelta(seconds=60)
ATTEMPTS = 6
REMEMBERED = timedelta(hours=23)
"""How long the platform knows a call by its key, less an hour for clocks that differ. Source:
developers.weixin.qq.com, 群发接口, clientmsgid: 24 hours."""

PAUSE = timedelta(seconds=61)
"""Before the same key again: sooner than after a minute the platform refuses it (45066)."""

ASK_AFTER = timedelta(hours=1)
"""When a result that was not pushed is asked for, and every time after."""

GIVEN_UP = timedelta(days=2)
IN_DOUBT = "unknown"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that was committed. `attempt`: the how-manieth it is."""

    mass: int
    attempt: int
    key: str
    people: Sequence[AccountKey]
    reply: Reply
    answers: bool  # are expected: their next turn is to look for what it may answer


class Masses:
    """Claims batches one by one. `hook` is for crash tests."""

    def __init__(
        self, tools: Tools, calls: MassCalls, hook: Callable[[str], None] = lambda point: None
    ) -> None:
        self._tools, self._calls, self._hook = tools, calls, hook

    def claim(self) -> Callable[[], object] | None:
        """The first batch that something is to be done with now, as work to do."""
        now = self._now()
        with self._tools.database.reading() as records:
            for campaign_id, mass_id in masses.open_masses(records):
                campaign, mass = records.get(Campaign, campaign_id), records.get(Mass, mass_id)
                if campaign and mass and self._act(records, campaign, mass, now):
                    return lambda: self._do(campaign_id, mass_id)
        return None

    def _act(
        self, records: Records, campaign: Campaign, mass: Mass, now: datetime
    ) -> Callable[[Records, Campaign, Mass, datetime], _Call | None] | None:
        """What is to be done with it now, if anything."""
        if mass.state == "called":
            return _asked if mass.due_at <= now else None
        if mass.state == "calling" and mass.due_at > now:
            return None
        if campaign.at in OVER or now >= campaign.expires_at:
            return self._given_up
        if campaign.at not in SENDING or not is_open(campaign, self._tools.city, now):
            return None
        if mass.state == "gathering":
            return self._begun if masses.is_ready(records, campaign, mass, now) else None
        return self._repeated

    def _do(self, campaign_id: int, mass_id: int) -> None:
        """Another worker may have done it since it was found."""
        now = self._now()
        with self._tools.database.writing() as records:
            campaign, mass = locked(records, campaign_id), masses.locked_mass(records, mass_id)
            act = self._act(records, campaign, mass, now)
            call = act(records, campaign, mass, now) if act else None
            asked = mass.sent_as if act is _asked else None
        if call:
            self._call(campaign_id, call)
        elif asked:
            self._ask(campaign_id, mass_id, asked)

    # --- before the call ---

    def _begun(
        self, records: Records, campaign: Campaign, mass: Mass, now: datetime
    ) -> _Call | None:
        people = worth_calling(records, campaign, mass, now, self._tools.city)
        if not people:
            mass.state, mass.reason = "dropped", "nobody"
            return None
        return self._calling(records, campaign, mass, people, now)

    def _repeated(
        self, records: Records, campaign: Campaign, mass: Mass, now: datetime
    ) -> _Call | None:
        mass.reason = mass.reason or IN_DOUBT  # whoever called did not live to say how it ended
        doubt = mass.reason == IN_DOUBT
        people = still_worth_calling(records, campaign, mass, now, self._tools.city, doubt=doubt)
        forgotten = mass.called_at is not None and now >= mass.called_at + REMEMBERED
        if len(people) < masses.LEAST or (doubt and forgotten):
            self._given_up(records, campaign, mass, now)
            return None
        return self._calling(records, campaign, mass, people, now)

    def _calling(
        self,
        records: Records,
        campaign: Campaign,
        mass: Mass,
        people: Sequence[AccountKey],
        now: datetime,
    ) -> _Call:
        masses.begin_call(records, mass, len(people), now, now + LEASE)
        reply = self._reply(campaign, mass.locale)
        answers = Message.read(campaign.message).expects_answers
        return _Call(mass.id, mass.attempts, mass.key, people, reply, answers)

    def _given_up(self, records: Records, campaign: Campaign, mass: Mass, now: datetime) -> None:
        """Its campaign is over, or the platform knows the call no more, or nobody is left."""
        if mass.state == "calling" and mass.reason in ("", IN_DOUBT):
            masses.end_unknown(records, mass, "not heard of")
            return
        whom = masses.members(records, mass)
        uncount(records, mass, whom, self._tools.city)
        masses.put_off(records, mass, whom, now)
        mass.state, mass.reason = "dropped", campaign.stage

    def _reply(self, campaign: Campaign, locale: str) -> Reply:
        message = Message.read(campaign.message)
        text = message.fill(self._tools.templates).chat(PUSH, locale, {})
        label = self._tools.texts.say(locale, "notice_link")
        links = (Link(message.link, label),) if message.link else ()
        return Reply(text, links=links, locale=locale)

    # --- the call and its end ---

    def _call(self, campaign_id: int, call: _Call) -> None:
        self._hook("mass calling")
        try:
            if seconds := self._tools.pace.wait(call.people[0]):
                raise SendError("transient", "pace", wait=seconds)
            sent_as = self._calls.send(call.people, call.reply, call.key, CALL_SECONDS)
        except SendError as error:
            log.warning("mass not taken", mass=call.mass, reason=error.reason)
            fault = error
            self._end(campaign_id, call, lambda r, mass, now: self._failed(r, mass, fault, now))
            return
        self._hook("mass called")
        self._end(campaign_id, call, lambda r, mass, now: _taken(r, mass, sent_as, now))
        if call.answers:
            self._mark(call)

    def _mark(self, call: _Call) -> None:
        """Whoever is left without a mark is not understood in its context, and loses no more."""
        try:
            for account in call.people:
                self._tools.marks.mark(account)
        except SessionsAway as away:
            log.warning("people of a mass not marked", mass=call.mass, fault=type(away).__name__)

    def _end(
        self, campaign_id: int, call: _Call, change: Callable[[Records, Mass, datetime], None]
    ) -> None:
        now = self._now()
        with self._tools.database.writing() as records:
            locked(records, campaign_id)
            mass = masses.locked_mass(records, call.mass)
            if mass.state == "calling" and mass.attempts == call.attempt:
                change(records, mass, now)

    def _failed(self, records: Records, mass: Mass, error: SendError, now: datetime) -> None:
        doubt = mass.reason == IN_DOUBT or error.reason == "unknown"
        again = error.reason in ("unknown", "transient") and mass.attempts < ATTEMPTS
        if again or error.reason == "quota":
            pause = max(PAUSE * 2 ** (mass.attempts - 1), timedelta(seconds=error.wait))
            due_at = next_day(now) if error.reason == "quota" else now + pause
            masses.call_later(records, mass, due_at)
            mass.reason = IN_DOUBT if doubt else str(error)[:64]
        elif doubt:
            masses.end_unknown(records, mass, str(error))
        else:
            whom = masses.end_refused(records, mass, str(error), now)
            uncount(records, mass, whom, self._tools.city)

    def _ask(self, campaign_id: int, mass_id: int, sent_as: str) -> None:
        """The platform did not push a result, or nobody heard it."""
        try:
            state = self._calls.state(sent_as, CALL_SECONDS)
        except SendError as error:
            log.warning("mass not told of", mass=mass_id, reason=error.reason)
            state = "sending"
        now = self._now()
        with self._tools.database.writing() as records:
            locked(records, campaign_id)
            mass = masses.locked_mass(records, mass_id)
            over = mass.called_at is None or now >= mass.called_at + GIVEN_UP
            if state != "sending" or over:
                failed = "send fail" if state == "failed" else ""
                record_mass_result(records, sent_as, MassResult(failed))

    def _now(self) -> datetime:
        return self._tools.sources.clock()


def _asked(records: Records, campaign: Campaign, mass: Mass, now: datetime) -> None:
    """Others need not ask as well."""
    mass.due_at = now + ASK_AFTER


def _taken(records: Records, mass: Mass, sent_as: str, now: datetime) -> None:
    masses.end_called(records, mass, sent_as, now, now + ASK_AFTER)
    record_heard(records, mass)
