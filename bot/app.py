"""Where everything is put together: the web application, the worker, the bot in a terminal.

The only module that imports handlers and channels side by side (with `bot.assembly`, its parts).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.assembly import FORMS, THREADS, Assembly, real_sources
from bot.channels.terminal import TerminalChannel
from bot.channels.wechat.pages import sign_page
from bot.console.app import PREFIX as CONSOLE
from bot.console.app import console_app
from bot.console.desk import Console
from bot.dialogue.form import Form
from bot.dialogue.form_checks import FormFault, check_form, longest_prompt
from bot.dialogue.messages import Reply, Update
from bot.doctor.daily import doctor_chore
from bot.editions import Editions
from bot.handover.destinations import destinations_of
from bot.handover.lane import HandoverLane
from bot.logs import set_up_logs
from bot.mini_programs import mount_api
from bot.offices.connect import Addresses, connect_offices
from bot.offices.reader import load_reader
from bot.offices.studio.studio import load_studio
from bot.offices.watermark import watermark
from bot.ports import Offices, Reader, Sources
from bot.push.roads import push_rungs
from bot.pushing import mass_lane, push_lane
from bot.upkeep import service_checks
from bot.webhooks import webhooks
from bot.website.account import account_views
from bot.website.apply import apply_views
from bot.website.check import check_views
from bot.website.faults import answer_faults
from bot.website.hardening import NoCookies, harden
from bot.website.home import home_views
from bot.website.looks import looks_views
from bot.website.notices import Sign, notices_views
from bot.website.operations import operations_views
from bot.website.pages import website_views
from bot.website.privacy import privacy_views
from bot.website.progress import progress_views
from bot.website.samples import samples_views
from bot.website.site import Website
from bot.work.audit_round import audit_chore
from bot.work.collection_chores import collection_chores
from bot.work.correction_chores import correction_chores
from bot.work.desk import Tools
from bot.work.housekeeping import HOUR, MINUTE, Chore, standard_chores
from bot.work.pace import Pace
from bot.work.push_chores import push_chores
from bot.work.receipts import ReceiptsLane
from bot.work.review_chores import review_chores
from bot.work.rungs import Rungs
from bot.work.worker import Worker
from config.city import City, CityFault
from config.faq import FaqFault
from config.locales import SOURCE, LocaleFault
from config.locales.longest import longest_values
from config.reasons import ReasonFault
from config.settings import Settings, load_settings
from config.template_book import TemplateFault
from handlers.card.reminders import remind
from models.ladders import settle_ladders
from models.leaving import forget_left
from models.lifecycle import Lifecycle
from models.promises import own_up

SITE_VIEWS = (
    website_views,
    home_views,
    samples_views,
    apply_views,
    account_views,
    progress_views,
    looks_views,
    check_views,
)
FORM_BYTES = 64 * 1024  # of a page's form; what takes more says so itself
TICKET_SECONDS = 1.5  # that a visitor waits for WeChat, where no ticket is at hand

log = structlog.get_logger(__name__)


def create_app(
    settings: Settings,
    sources: Sources | None = None,
    *,
    threads: int = THREADS,
    hook: Callable[[str], None] = lambda point: None,
    assembly: type[Assembly] = Assembly,
    finish: Callable[[Flask], Flask] = lambda app: app,
) -> Flask:
    """The site: webhooks, pages, operations. `threads` call it at once; another `assembly` talks
    about something else; `finish` adds to it. It is made anew where staff publish new words.

    Raises `FormFault`, `LocaleFault`, `CityFault`, `FaqFault`, `TemplateFault`, `PrivacyFault` when
    what the city wrote does not fit together: better now than in front of a resident.
    """
    set_up_logs()
    given = sources or real_sources()

    def made() -> Flask:
        return finish(_site(assembly(settings, given, threads=threads, hook=hook)))

    app = made()
    app.wsgi_app = Editions(app, made)  # type: ignore[method-assign]
    return app


def _site(parts: Assembly) -> Flask:
    settings = parts.settings
    check(parts)
    app = Flask("shebaoka", static_folder=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.session_interface = NoCookies()
    app.url_map.strict_slashes = False
    for webhook in webhooks(parts):
        app.register_blueprint(webhook)
    website = Website(parts)
    for views in SITE_VIEWS:
        app.register_blueprint(views(website))
    app.register_blueprint(privacy_views(website, parts.privacy))
    answer_faults(app, website)
    app.register_blueprint(notices_views(parts, page_signer(parts)))
    app.after_request(harden)
    app.register_blueprint(operations_views(parts))
    app.extensions["shebaoka"] = parts
    mount_api(app, parts)
    mount_console(app, parts)
    return app


def mount_console(app: Flask, parts: Assembly) -> None:
    """Serve the staff's console below its prefix."""
    console = Console(
        settings=parts.settings,
        city=parts.city,
        texts=parts.texts,
        templates=parts.templates,
        reasons=parts.reasons,
        keys=parts.keys,
        database=parts.database,
        objects=parts.objects,
        redis=parts.redis,
        sources=parts.sources,
        ring=parts.wake,
        sections={
            name: [
                parts.texts.say(SOURCE, f"{form.prefix}.section.{each}") for each in form.sections
            ]
            for name, form in parts.forms.items()
        },
        mark=watermark,
        fits=partial(faults_with, parts),
        rungs=push_rungs(parts.channels),
    )
    staffed = console_app(console)
    app.extensions["console"] = staffed
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {CONSOLE: staffed})  # type: ignore[method-assign]


def faults_with(parts: Assembly, changes: Mapping[str, Any]) -> list[str]:
    """Why the service could not start with these words of staff in the place of its own."""
    try:
        check(replace(parts, given_changes=changes))
    except (CityFault, FaqFault, FormFault, LocaleFault, ReasonFault, TemplateFault) as fault:
        return str(fault).splitlines()
    return []


def page_signer(parts: Assembly) -> Sign:
    """Signs pages of the site with the official account's ticket. Raises `PlatformError`."""

    def sign(url: str, nonce: str, seconds: int) -> Mapping[str, object]:
        with parts.platform.within(TICKET_SECONDS):
            ticket = parts.platform.page_ticket()
        return sign_page(parts.settings.wechat_app_id, ticket, url, nonce, seconds)

    return sign


def production(threads: int) -> Flask:
    """What a worker process of `shebaoka serve` runs, with the settings of its environment."""
    return create_app(load_settings(), threads=threads)


def create_worker(
    settings: Settings,
    sources: Sources | None = None,
    *,
    reader: Reader | None = None,
    hook: Callable[[str], None] = lambda point: None,
    assembly: type[Assembly] = Assembly,
) -> Worker:
    """The background work of one process. `reader` spares a test the model's loading."""
    set_up_logs()
    parts = assembly(settings, sources or real_sources(), hook=hook)
    doctor = doctor_chore(lambda: service_checks(parts), parts.redis)
    offices = offices_of(settings, reader or load_reader(), parts.city)
    return make_worker(
        parts, offices, bell=True, more_chores=[doctor], is_outdated=parts.is_outdated
    )


def make_worker(
    parts: Assembly,
    offices: Offices,
    *,
    bell: bool,
    more_chores: Sequence[Chore] = (),
    is_outdated: Callable[[], bool] = lambda: False,
) -> Worker:
    """The lanes over these parts, which it closes when it stops; with the `bell` it hears other
    processes."""
    tools = Tools(
        parts.database,
        parts.keys,
        parts.city,
        parts.texts,
        parts.templates,
        parts.sources,
        offices,
        parts.channels,
        parts.objects,
        parts.open_photo,
        parts.marks,
        _pace(parts),
    )
    push = push_lane(parts, tools)
    return Worker(
        tools,
        parts.jobs,
        parts.turns,
        parts.drains,
        redis_client=parts.redis if bell else None,
        chores=[*chores_of(parts, tools), *more_chores],
        more={
            "hand-over": handover_lane(parts).claim,
            "push": push.claim,
            "receipts": ReceiptsLane(tools, parts.receipts).claim,
            **mass_lane(parts, tools),
        },
        last={"push": push.close},
        hook=parts.hook,
        is_outdated=is_outdated,
        close=parts.close,
    )


def chores_of(parts: Assembly, tools: Tools) -> list[Chore]:
    """What is done by the clock, in the order in which it is looked at."""
    return [
        *standard_chores(parts.database, parts.objects, timedelta(days=parts.city.days.notices)),
        ladders_in_doubt(tools),
        reminders(parts),
        retention(parts),
        promises(parts),
        *push_chores(parts.database, parts.keys, parts.city, parts.spoken),
        audit_chore(parts.database, parts.redis),
        *review_chores(parts.database, life_of(parts)),
        *correction_chores(parts.database, life_of(parts)),
        *collection_chores(parts.database, life_of(parts)),
    ]


def handover_lane(parts: Assembly) -> HandoverLane:
    """What is handed over to the province and the banks, and what they answer."""
    return HandoverLane(
        destinations_of(parts.settings, parts.city.handover),
        parts.database,
        life_of(parts),
        parts.objects,
        parts.sources.clock,
        uuid4().hex,
        parts.hook,
    )


def reminders(parts: Assembly) -> Chore:
    """The chore that puts due reminders into the outbox."""

    def do(now: datetime) -> int:
        with parts.database.writing() as records:
            return remind(records, parts.keys, now, parts.sources.new_id)

    return Chore("reminders", MINUTE, do)


def life_of(parts: Assembly) -> Lifecycle:
    """The door through which the worker moves applications."""
    return Lifecycle(parts.keys, parts.city, parts.texts, parts.sources.new_id, parts.reasons)


def promises(parts: Assembly) -> Chore:
    """The chore that owns up to missed promises, as soon as the day is over."""
    life = life_of(parts)

    def do(now: datetime) -> int:
        told = 0
        while True:
            with parts.database.writing() as records:
                more = own_up(records, life, now)
            told += more
            if not more:
                return told

    return Chore("promises", MINUTE, do)


def ladders_in_doubt(tools: Tools) -> Chore:
    """The chore that ends calls whose caller was not heard of again."""
    may_double = Rungs(tools).may_double

    def do(now: datetime) -> object:
        with tools.database.writing() as records:
            return settle_ladders(records, now, may_double)

    return Chore("ladders in doubt", MINUTE, do)


def retention(parts: Assembly) -> Chore:
    """The chore that forgets who left long ago."""

    def do(now: datetime) -> int:
        before = now - timedelta(days=parts.city.days.left)
        with parts.database.writing() as records:
            return forget_left(records, before, now)

    return Chore("accounts that left", HOUR, do)


def offices_of(settings: Settings, reader: Reader | None, city: City) -> Offices:
    """The HTTP clients of the offices that the settings name, and what looks at photos here."""
    addresses = Addresses(
        identity=settings.identity_url,
        portraits=settings.portraits_url,
        card_making=settings.card_making_url,
        sms=settings.sms_url,
    )
    return connect_offices(addresses, settings.office_key, reader, load_studio(city.portrait))


def create_terminal(
    settings: Settings, user: str, show: Callable[[str], None]
) -> tuple[Callable[[Update], Reply | None], Callable[[], None]]:
    """The bot for one person at a keyboard, its worker in this process: (take, close).

    What the bot sends by itself goes to `show`.
    """
    set_up_logs()
    channels = {TerminalChannel.name: TerminalChannel(show)}
    parts = Assembly(settings, real_sources(), given_channels=channels)
    check(parts)
    worker = make_worker(parts, offices_of(settings, load_reader(), parts.city), bell=True)
    worker.start()
    return parts.turns.take, worker.stop


def check(parts: Assembly) -> None:
    """Every form of the bot fits itself, its texts in every channel and the city, and every notice
    has all its wordings. Raises `FormFault`, `TemplateFault`."""
    _ = parts.templates
    longest = longest_values(parts.city)
    for form in parts.forms.values():
        for channel in ("", *parts.texts.channels()):
            check_form(form, parts.texts.in_channel(channel), longest)


def forms(settings: Settings) -> Mapping[str, Form]:
    """Every form by name."""
    return FORMS


def longest_message(form: Form, settings: Settings, locale: str) -> tuple[str, str]:
    """The step with the longest prompt of a language, and that prompt."""
    parts = Assembly(settings, real_sources())
    return longest_prompt(form, parts.texts, locale, longest_values(parts.city))


def _pace(parts: Assembly) -> Pace:
    """How fast each platform's accounts send single notices."""
    return Pace(parts.rate, parts.city.sends_per_second)
