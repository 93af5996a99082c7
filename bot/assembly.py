"""The parts that the web, the worker and the terminal share, made once from the settings."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.alipay.channel import AlipayChannel
from bot.channels.alipay.credentials import Given, application
from bot.channels.alipay.gateway import Application, Gateway, gateway_of
from bot.channels.alipay.identities import Identities
from bot.channels.alipay.messages import AlipayMessages
from bot.channels.alipay.program import AlipayProgram
from bot.channels.metered import Metered
from bot.channels.web.channel import PageChannel
from bot.channels.web.uploads import Uploads
from bot.channels.wechat.channel import WeChatChannel, WeChatMiniChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.program import WeChatProgram
from bot.channels.wechat.tokens import AccessTokens
from bot.dialogue.form import Form
from bot.dialogue.router import Router
from bot.limits import Limits
from bot.offices.images import open_photo
from bot.offices.watermark import watermark
from bot.ports import Channel, Handle, JobSpec, Manner, Photo, Sources
from bot.rate import Rate
from bot.redis_client import connect_redis
from bot.sessions import Drains, Ledger, ParkedMarks, Receipts, Sessions, Spoken, Transcripts
from bot.turn import Turns
from bot.understanding import understanding_soon
from bot.work.bell import Bell
from config.city import City
from config.city_alipay import Alipay
from config.locales import Texts
from config.privacy import PrivacyNotices
from config.reasons import Reason
from config.settings import Settings
from config.templates import Templates
from config.written import NO_CHANGES, Written, read_written
from handlers.card.form import CARD
from handlers.progress.shown import Telling
from handlers.returned.form import RETURNED
from handlers.talks import JOBS, router
from models.content import changes
from models.corrections import Wording
from models.database import Database
from models.documents import FileObjects
from models.sealing import Keyring

THREADS = 16  # that take updates in one process, where nobody says how many
Wake = Callable[[str], None]

FORMS: Mapping[str, Form] = {CARD.name: CARD, RETURNED.name: RETURNED}
"""Every form by name; each must hold at start."""


def real_sources() -> Sources:
    """The clock of this machine, and its source of chance."""
    return Sources(
        clock=lambda: datetime.now(UTC),
        sms_code=lambda: f"{secrets.randbelow(1_000_000):06d}",
        serial=lambda: f"{secrets.randbelow(10_000):04d}",
        new_id=lambda: uuid4().hex,
    )


def read_application(settings: Settings, name: str, style: Alipay) -> Application:
    """An application at Alipay by the name its settings have: `alipay` or `alipay_mini`. Raises
    KeyFault for keys and certificates that cannot be used."""
    parts = ("app_id", "private_key", "public_key", "app_cert", "public_cert", "aes_key")
    given = {part: getattr(settings, f"{name}_{part}") for part in parts}
    return application(Given(**given, root_cert=settings.alipay_root_cert), style)


@dataclass(frozen=True)
class Assembly:
    """Everything that is made from settings. `channels` replaces the platforms' in the terminal;
    `wake` replaces the bell where the worker runs in this process. A subclass may talk about
    something else, by `forms`, `texts`, `handle` and `jobs`."""

    settings: Settings
    sources: Sources
    given_channels: Mapping[str, Channel] | None = None
    given_wake: Wake | None = None
    threads: int = THREADS
    hook: Callable[[str], None] = lambda point: None
    given_changes: Mapping[str, Any] | None = None  # instead of those that staff published

    @cached_property
    def changes(self) -> Mapping[str, Any]:
        """What staff changed of the city's words, as it was when it was first asked for."""
        return self._published() if self.given_changes is None else self.given_changes

    def is_outdated(self) -> bool:
        """Whether something else is published by now, or holds since today."""
        return self._published() != self.changes

    def _published(self) -> Mapping[str, Any]:
        """Without records there are none; who serves then says so at `/readyz`."""
        zone = read_written(self.settings.city).city.tz
        today = self.sources.clock().astimezone(zone).date()
        try:
            with self.database.reading() as records:
                return changes(records, today)
        except SQLAlchemyError:
            known: Mapping[str, Any] = self.__dict__.get("changes", NO_CHANGES)
            return known

    @cached_property
    def _written(self) -> Written:
        return read_written(self.settings.city, self.changes)

    @property
    def city(self) -> City:
        return self._written.city

    @property
    def texts(self) -> Texts:
        return self._written.texts

    @property
    def templates(self) -> Templates:
        return self._written.templates

    @property
    def forms(self) -> Mapping[str, Form]:
        return FORMS

    @property
    def reasons(self) -> Mapping[str, Reason]:
        return self._written.reasons

    @property
    def privacy(self) -> PrivacyNotices:
        return self._written.privacy

    @cached_property
    def keys(self) -> Keyring:
        return Keyring(self.settings.data_keys, self.settings.index_key)

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database)

    @cached_property
    def redis(self) -> Any:
        return connect_redis(self.settings.redis_url)

    @cached_property
    def rate(self) -> Rate:
        """How fast accounts send, with all other processes together."""
        return Rate(self.redis, self.city.push.safe_per_second)

    @cached_property
    def objects(self) -> FileObjects:
        return FileObjects(self.settings.data_dir / "objects")

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.redis, self.keys, keep_days=self.city.days.draft + 2)

    @cached_property
    def drains(self) -> Drains:
        return Drains(self.redis)

    @cached_property
    def marks(self) -> ParkedMarks:
        return ParkedMarks(self.redis, keep_days=self.city.days.draft + 2)

    @cached_property
    def receipts(self) -> Receipts:
        """What platforms report of sent messages, in line."""
        return Receipts(self.redis)

    @cached_property
    def spoken(self) -> Spoken:
        """Who wrote lately, in line."""
        return Spoken(self.redis)

    @cached_property
    def transcripts(self) -> Transcripts:
        return Transcripts(self.redis, self.keys, keep_days=self.city.days.draft + 2)

    @cached_property
    def limits(self) -> Limits:
        return Limits(self.redis, self.keys, self.city.limits)

    @cached_property
    def uploads(self) -> Uploads:
        limits, clock = self.city.photo, self.sources.clock
        return Uploads(self.database, self.keys, self.objects, limits, clock)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.redis, self.sources.clock)

    @cached_property
    def router(self) -> Router:
        faq = self._written.faq
        known = faq.intents()

        def answers(turn: Any, intent: str) -> str | None:
            if intent not in known:  # a key of the platform's menu that nobody wrote an answer for
                return None
            return faq.answer(turn.session.locale, intent)

        return router(understanding_soon(), answers, self.settings.public_url)

    @cached_property
    def handle(self) -> Handle:
        """Who answers a turn; `jobs` is the background work it may ask for."""
        return self.router

    @property
    def jobs(self) -> Sequence[JobSpec]:
        return JOBS

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        if self.given_channels is not None:
            return self.given_channels
        return {name: Metered(each, self.ledger) for name, each in self.own_channels.items()}

    @cached_property
    def own_channels(self) -> Mapping[str, Channel]:
        """The same, before anybody's allowance is asked for."""
        made: list[Channel] = [self._wechat(), self._site()]
        if self.settings.has_wechat_mini:
            made += [self._wechat_mini(), self._wechat_program()]
        if self.settings.has_alipay:
            made.append(self._alipay())
        if self.settings.has_alipay or self.settings.has_alipay_mini:
            made.append(self._alipay_program())
        return {channel.name: channel for channel in made}

    def _site(self) -> PageChannel:
        manner = Manner(texts="web")
        return PageChannel("web", self.transcripts, self.sources.clock, manner, self.uploads)

    def _wechat(self) -> WeChatChannel:
        style = self.city.wechat
        return WeChatChannel(
            self.platform,
            self.settings.public_url,
            clickable=style.clickable_options,
            menus=style.late_options_as_menu,
        )

    def _wechat_mini(self) -> WeChatMiniChannel:
        version = self.city.wechat.mini_version
        return WeChatMiniChannel(self.mini_platform, self.settings.public_url, version=version)

    def _wechat_program(self) -> WeChatProgram:
        given = self.mini_platform, self.transcripts, self.sources.clock, self.uploads
        return WeChatProgram(*given, version=self.city.wechat.mini_version)

    @cached_property
    def platform(self) -> PlatformClient:
        """The official account's API."""
        given = self.settings
        return self._api(given.wechat_app_id, given.wechat_app_secret, given.wechat_api_base)

    @cached_property
    def mini_platform(self) -> PlatformClient:
        """The mini program's API."""
        given = self.settings
        app_id, secret = given.wechat_mini_app_id, given.wechat_mini_app_secret
        return self._api(app_id, secret, given.wechat_mini_api_base)

    @cached_property
    def alipay_identities(self) -> Identities:
        """The accounts of Alipay's applications, by the ids Alipay names them by."""
        return Identities(self.database, self.city.alipay.answers_to, self.sources.clock)

    @cached_property
    def alipay(self) -> Gateway:
        """Alipay's gateway for the life account. Raises KeyFault for keys that cannot be used."""
        return self._gateway("alipay")

    @cached_property
    def alipay_mini(self) -> Gateway:
        """The same for the mini program, where that is an application of its own."""
        return self._gateway("alipay_mini") if self.settings.has_alipay_mini else self.alipay

    def _gateway(self, name: str) -> Gateway:
        app = read_application(self.settings, name, self.city.alipay)
        return gateway_of(app, self.settings.alipay_gateway, clock=self.sources.clock)

    def _alipay(self) -> AlipayChannel:
        style = self.city.alipay
        return AlipayChannel(
            self._alipay_messages(self.alipay),
            self.alipay_identities,
            self.settings.public_url,
            applies=style.apply_in_chat,
            text_bytes=style.text_bytes,
            greets_every=timedelta(hours=style.greet_hours),
        )

    def _alipay_program(self) -> AlipayProgram:
        return AlipayProgram(
            self._alipay_messages(self.alipay_mini),
            self.alipay_identities,
            self.transcripts,
            self.sources.clock,
            self.uploads,
            page=self.city.alipay.mini_page,
        )

    def _alipay_messages(self, gateway: Gateway) -> AlipayMessages:
        style = self.city.alipay
        return AlipayMessages(
            gateway,
            chat="1" if style.shown_in == "chat" else "0",
            action_name=style.template_button,
            media_address=self.settings.alipay_media_url,
            media_method=style.media_method,
        )

    def _api(self, app_id: str, secret: str, base: str) -> PlatformClient:
        tokens = AccessTokens(self.redis, app_id, self.keys)
        return PlatformClient(app_id, secret, tokens, api_base=base)

    @cached_property
    def wake(self) -> Wake:
        return self.given_wake or Bell(self.redis).ring

    @cached_property
    def turns(self) -> Turns:
        return Turns(
            self.sessions,
            self.database,
            self.keys,
            self.city,
            self.texts,
            self.sources,
            self.handle,
            self.channels,
            self.objects,
            self.wake,
            drains=self.drains,
            templates=self.templates,
            watermark=watermark,
            threads=self.threads,
            hook=self.hook,
            reasons=self.reasons,
            receipts=self.receipts,
            spoken=self.spoken,
        )

    def telling(self, locale: str, channel: str) -> Telling:
        """Puts a `models.progress.Progress` into words for a page, in the masks of its channel."""
        today = self.sources.clock().astimezone(self.city.tz).date()
        say = partial(self.texts.say, locale)
        wording = Wording(self.texts, locale, today, self.reasons)
        return Telling(say, self.city, locale == "en", channel, today, wording)

    def open_photo(self, data: bytes) -> Photo:
        return open_photo(data, self.city.photo)

    def close(self) -> None:
        """Let go of connections; for tests and commands that end before their process does."""
        self.database.dispose()
        self.redis.close()
