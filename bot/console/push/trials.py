"""A trial: the campaign's message to its author's own account, which a code links."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Records

from bot.console.push.message_form import wrong_of
from bot.console.push.pushing import Pushing, Refused, is_of_applications
from bot.console.push.words import CHANNELS
from config.template_faults import longest_params
from config.templates import TAIL, Templates
from models.applications import Application
from models.people import Account, find_account
from models.push.audience import add_listed
from models.push.campaigns import Campaign, go
from models.push.drafts import Begun, new_draft
from models.push.messages import OF_AN_APPLICATION, Message
from models.push.stages import Stage
from models.push.testers import LIFE, new_code, unlink
from models.staff import Staff

PRIORITY = 100
LASTS = timedelta(hours=1)


def trial_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/link` and `/push/<number>/trial`."""
    console = pushing.console

    @views.route("/link", methods=["GET", "POST"])
    def link() -> ResponseReturnValue:
        """The account that trials go to, and the one page on which a code stands."""
        code = ""
        if request.method == "POST":
            with console.database.writing() as records:
                me = records.get_one(Staff, console.me.id, with_for_update=True)
                console.note(records, "push.link", me.by, "link an account", purpose="other")
                if "unlink" in request.form:
                    unlink(me)
                else:
                    code = console.sources.sms_code()
                    new_code(me, code, console.now())
        return _link_page(pushing, code)

    @views.post("/<int:number>/trial")
    def trial(number: int) -> ResponseReturnValue:
        with console.database.writing() as records:
            campaign = pushing.seen(records, number)
            mine = _begin(pushing, records, campaign)
            about = f"push:{number}"
            console.note(records, "push.trial", about, campaign.name, purpose="other")
        console.ring("push")
        return redirect(url_for("push.campaign", number=mine), 303)


def _link_page(pushing: Pushing, code: str) -> str:
    with pushing.console.database.reading() as records:
        key = records.get_one(Staff, pushing.console.me.id).account_key
    channel = key.partition(":")[0]
    return pushing.console.render(
        "push/link.html",
        code=code,
        channel=CHANNELS.get(channel, channel),
        minutes=LIFE // timedelta(minutes=1),
    )


def _begin(pushing: Pushing, records: Records, campaign: Campaign) -> int:
    """A campaign of its own, approved by nobody, that leaves at any hour. Raises Refused."""
    console, now = pushing.console, pushing.console.now()
    of_applications = is_of_applications(campaign)
    if wrong_of(Message.read(campaign.message), console.templates, of_applications=of_applications):
        raise Refused("内容还有要改的地方，改好再试发。")
    me = records.get_one(Staff, console.me.id)
    account = find_account(records, me.account_key) if me.account_key else None
    if account is None:
        raise Refused("还没有绑定试发的账号：请先在“试发账号”页面取一个绑定码。")
    number = _number_of(records, account)
    message = campaign.message
    if number is None:
        message = sampled(Message.read(message), console.templates).written()
    begun = Begun(f"试发：{campaign.name}", "service", message, {"list": 1}, "test", PRIORITY)
    mine = new_draft(records, console.city, begun, now, by=me.by)
    mine.from_hour = mine.until_hour = 0
    mine.expires_at = now + LASTS
    mine.cost_cap = console.city.push.sms_fen if message["sms"] else 0
    add_listed(records, mine, {account.recipient: number})
    go(records, mine, Stage.APPROVED, "writer", now, by=me.by)
    return mine.id


def _number_of(records: Records, account: Account) -> str | None:
    """The latest application of whoever tries it."""
    theirs = select(func.max(Application.number)).join(
        Account, Account.key == Application.account_key
    )
    return records.scalar(theirs.where(Account.recipient == account.recipient))


def sampled(message: Message, templates: Templates) -> Message:
    """The message with samples in the place of what only an application has; without the roads that
    could not be filled in then."""
    texts = {
        what: {
            locale: _fill(text, _samples(templates, locale))
            for locale, text in getattr(message, what).items()
        }
        for what in ("chat", "status", "note")
    }
    wording = message.wording if not _wants_application(message, templates) else ""
    registered = templates.city.sms.get(message.sms)
    sms = message.sms if registered and set(registered.params) <= {"status", "note"} else ""
    return Message.read({**message.written(), **texts, "wording": wording, "sms": sms})


def _samples(templates: Templates, locale: str) -> Mapping[str, str]:
    longest = longest_params(templates.city, locale)
    number = f"{templates.city.acceptance_prefix}2611230731"
    left = templates.book.left[locale].say(longest["days"])
    known = {**longest, "number": number, "tail": number[-TAIL:], "left": left}
    return {name: known[name] for name in OF_AN_APPLICATION}


def _fill(text: str, samples: Mapping[str, str]) -> str:
    for name, sample in samples.items():
        text = text.replace(f"{{{name}}}", sample)
    return text


def _wants_application(message: Message, templates: Templates) -> bool:
    wording: Any = templates.wanted("template").get(message.wording)
    if wording is None:
        return False
    named = {
        name for slot in wording.fields for _, name, _, _ in string.Formatter().parse(slot.value)
    }
    return bool(named & OF_AN_APPLICATION)
